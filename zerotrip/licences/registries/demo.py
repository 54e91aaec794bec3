"""The demo's registry: it knows a business licence of every fictitious enterprise, and nothing of real ones."""

from __future__ import annotations

from datetime import date, datetime

from zerotrip.licences.identifiers import DEMONSTRATION_TYPE, identifier
from zerotrip.licences.registries import Answer, Asked, Unanswered, believed
from zerotrip.licences.reuse.models import Fault
from zerotrip.parties.models import Party, PartyKind

FICTITIOUS = "DEM"
"""Every USCC of the demo has these letters where real ones have digits of an organisation."""
KIND = "business-licence"


class Demo:
    """Answers at once."""

    def find(self, asked: Asked, *, at: datetime) -> Answer:
        """See ``Registry``."""
        holder = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, uscc=asked.holder).first()
        known = holder is not None and FICTITIOUS in asked.holder and asked.kind == KIND
        if holder is None or not known or asked.number not in ("", asked.holder):
            raise Unanswered("The demo knows no such licence.", permanent=True, fault=Fault.UNKNOWN)
        told = {
            "kind": KIND,
            "number": holder.uscc,
            "identifier": identifier(kind=DEMONSTRATION_TYPE, issuer="370199", serial=f"DEMO{holder.uscc}"),
            "title": "营业执照（演示）",
            "title_en": "Business licence (demonstration)",
            "holder": {"uscc": holder.uscc, "name": holder.name},
            "issuer": "济南市示范区市场监督管理局（虚构）",
            "valid_from": date(2020, 1, 2),
            "status": "valid",
            "facts": {"name": holder.name, "representative": "虚构人", "established": "2020-01-02"},
        }
        return believed(told, asked)

"""Reading licences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound
from zerotrip.licences.models import Licence, LicenceQuerySet
from zerotrip.parties.models import PartyKind

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from zerotrip.licences.states import Standing
    from zerotrip.parties.access import Actor

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


@dataclass(frozen=True, slots=True)
class Verification:
    """All that anybody with the code may know of a licence."""

    title: str
    title_en: str
    number: str
    identifier: str
    holder: str
    issuer: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    standing: Standing
    stopped_on: date | None


def verify(token: str, *, at: datetime) -> Verification:
    """What the public page says of the licence with this code, at ``at``. One query.

    Raises NotFound when there is none: the document was not issued here.
    """
    licence = _with_parties().filter(token=token).first() if _TOKEN.fullmatch(token) else None
    if licence is None:
        raise NotFound(
            _("没有查到。请核对验证码，不是证照编号；大小写有区别。确认无误仍查不到的，请向签发机关核实。")
        )
    holder = licence.holder
    return Verification(
        title=licence.title,
        title_en=licence.title_en,
        number=licence.number,
        identifier=licence.identifier,
        holder=masked(holder.name) if holder.kind == PartyKind.PERSON else holder.name,
        issuer=licence.issuer.name,
        issued_on=timezone.localtime(licence.issued_at).date(),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        standing=licence.standing(at),
        stopped_on=timezone.localtime(licence.stopped_at).date() if licence.stopped_at else None,
    )


def masked(name: str) -> str:
    """A person's name with all but its first character hidden: 李**."""
    return name[:1] + "*" * (len(name) - 1)


def my_licences(actor: Actor) -> LicenceQuerySet:
    """The licences of those this actor acts for, newest first, with what a row shows."""
    return _with_parties().held_by(actor).order_by("-issued_at")


def issued(actor: Actor) -> LicenceQuerySet:
    """The licences this actor may see, newest first, with what a row shows."""
    return _with_parties().visible_to(actor).order_by("-issued_at")


def licence_of(case_id: UUID) -> Licence | None:
    """The licence a case brought forth, if it did, and its parcel. Who may see the case may see that."""
    return _with_parties().select_related("blob", "case__shipment").filter(case=case_id).first()


def _with_parties() -> LicenceQuerySet:
    return Licence.objects.select_related("holder", "issuer")

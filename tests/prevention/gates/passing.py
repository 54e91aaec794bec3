"""Gates and vehicles for tests: fictitious."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests import world
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.prevention.gates import actions
from zerotrip.prevention.models import Passage, Site

STREET = "/370100000000/370199000000/370199001000/"
OTHER = "/370100000000/370199000000/370199002000/"


def gate(name: str = "虚构北卡口", *, area: str = STREET, kind: str = "gate", within: Site | None = None) -> Site:
    """A gate of the park."""
    first = date(2026, 1, 1)
    more = {"opened_on": first, "address": name, "within": within}
    return Site.objects.create(kind_id=kind, name=name, area_path=area, risk="medium", **more)


def logged(plate: str = "鲁A12345", **extra) -> actions.Logged:
    """What is typed at the gate."""
    typed = {"driver": "虚构司机", "phone": "13800001111", "origin": "虚构市", "goods": "building"}
    health = {"temperature": Decimal("36.5"), "colour": "green", "to_name": "济南虚构材料有限公司"}
    return actions.Logged(plate=plate, **{**typed, **health, **extra})


def came(site: Site, by: Actor, *, plate: str = "鲁A12345", at=world.MORNING, **extra) -> Passage:
    """A vehicle that came to a gate."""
    return actions.log_in(new_id(), logged(plate, **extra), gate=site.pk, by=by, at=at)

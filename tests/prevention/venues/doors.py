"""Sites with doors for tests, and people who come to them: fictitious."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests import world
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Party
from zerotrip.prevention.models import Site, VenueScan
from zerotrip.prevention.venues import actions

STREET = "/370100000000/370199000000/370199001000/"
OTHER = "/370100000000/370199000000/370199002000/"


def site(name: str = "虚构商场", *, kind: str = "mall", area: str = STREET, owner: Party | None = None) -> Site:
    """A site that is open."""
    return Site.objects.create(
        kind_id=kind,
        name=name,
        area_path=area,
        risk="medium",
        owner=owner,
        address=name,
        opened_on=date(2026, 1, 1),
    )


def checked(**extra) -> actions.Checked:
    """Somebody well, with a green code and a mask."""
    usual = {"id": new_id(), "colour": "green", "temperature": Decimal("36.5"), "mask": True}
    return actions.Checked(**{**usual, **extra})


def came(door: Site, by: Actor, *, at=world.MORNING, **extra) -> VenueScan:
    """Somebody who was checked at a door."""
    one = checked(**extra)
    actions.check([one], site=door.pk, by=by, at=at)
    return VenueScan.objects.get(pk=one.id)

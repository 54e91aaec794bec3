"""Goods for tests: few words, everything fictitious."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests import world
from zerotrip.ids import new_id
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Carried, Stamp
from zerotrip.prevention.models import Door, Holder, Lot, Movement

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor

STREET = "370199001000"
OTHER_STREET = "370199002000"
DRIVER = Carried(handler="马驰骋", handler_phone="13700000000", plate="鲁A·D0001")


def stamp(by: Actor, *, key: UUID | None = None, hours: float = 0, door: Door = Door.DESK) -> Stamp:
    """Somebody records something, so many hours after the morning."""
    return Stamp(key or new_id(), by, world.MORNING + timedelta(hours=hours), door)


def place(name: str, by: Actor, *, area: str = STREET) -> Holder:
    """A place of no enterprise."""
    return actions.place_at(actions.Where(name=name, area=area), by=by, at=world.MORNING)


def received(
    holder: Holder,
    by: Actor,
    quantity: str = "100",
    *,
    item: str = "frozen-beef",
    hours: float = 0,
    expires_on: date | None = None,
    carried: Carried = DRIVER,
    **more: Any,
) -> Lot:
    """A lot that came in at a holder."""
    arrived = actions.Arrived(
        item=item,
        quantity=quantity,
        where=actions.Where(holder=holder.pk),
        consignment="530120260000000001",
        expires_on=expires_on,
        carried=carried,
        **more,
    )
    (movement,) = actions.receive(arrived, stamp=stamp(by, hours=hours))
    assert movement.target is not None
    return movement.target


def moved(lot: Lot, source: Holder, target: Holder, by: Actor, quantity: str, *, hours: float = 0) -> Movement:
    """Goods that were brought on."""
    to = actions.Where(holder=target.pk)
    (made,) = actions.move(lot, quantity, source=source, to=to, carried=DRIVER, stamp=stamp(by, hours=hours))
    return made


def at(hours: float) -> datetime:
    """So many hours after the morning."""
    return world.MORNING + timedelta(hours=hours)

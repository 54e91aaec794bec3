"""Goods come in from outside: a lot with its origin, and its first movement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.lots.actions.holding import Where, place_at
from zerotrip.prevention.lots.actions.steps import (
    NOTHING,
    Carried,
    Leg,
    Stamp,
    line,
    moment,
    number_for,
    once,
    plain,
    quantity_of,
    require_here,
    require_right,
    write,
)
from zerotrip.prevention.models import Item, Lot, MovementKind
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.prevention.models import Movement


@dataclass(frozen=True, slots=True)
class Arrived:
    """A lot as it is typed in on arrival."""

    item: str
    quantity: str | Decimal
    where: Where
    country: str = ""
    port: str = ""
    consignment: str = ""
    marks: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    documented: str | Decimal = ""
    """The quantity its papers name, where it is another."""
    arrived_at: datetime | None = None
    """None: now."""
    carried: Carried = NOTHING


@once
def receive(arrived: Arrived, *, stamp: Stamp) -> list[Movement]:
    """Take a lot in at a holder. The lot is the target of the movement that comes back.

    Raises Invalid by field, NotAllowed at others' holders, Refused while no event asks for it there.
    """
    problems: dict[str, list[str]] = {}
    item = Item.objects.offered().filter(pk=arrived.item).first()
    if item is None:
        raise Invalid(_("请选择货物。"), {"item": [_("请选择货物。")]})
    quantity = quantity_of(arrived.quantity, item, problems=problems)
    documented = None
    if arrived.documented not in ("", None):
        documented = quantity_of(arrived.documented, item, field="documented", problems=problems)
    when = moment(arrived.arrived_at, stamp, problems, field="arrived_at")
    _judge(arrived, item, problems, today=stamp.at.astimezone(CHINA).date())
    try:
        holder = place_at(arrived.where, by=stamp.by, at=stamp.at)
    except Invalid as invalid:
        problems |= invalid.problems
        require_right(problems)
        raise
    require_here(holder, item, stamp)
    require_right(problems)
    lot = Lot(
        number=number_for(stamp.key, when),
        item=item,
        country=line(arrived.country, 60),
        port=line(arrived.port, 60),
        consignment=line(arrived.consignment, 40).upper(),
        marks=line(arrived.marks, 80),
        produced_on=arrived.produced_on,
        expires_on=arrived.expires_on,
        documented=documented,
        arrived_at=when,
        by_id=stamp.by.user_id,
        at=stamp.at,
    )
    ledger.append(lot, "receive", by=stamp.by, at=stamp.at, details=_told(lot, quantity))
    lot.save(force_insert=True)
    leg = Leg(MovementKind.RECEIVE, quantity, target=(lot, holder))
    return write([leg], stamp=stamp, when=when, carried=arrived.carried)


def _judge(arrived: Arrived, item: Item, problems: dict[str, list[str]], *, today: date) -> None:
    if item.papers and not arrived.consignment.strip():
        problems["consignment"] = [_("进口冷链食品要填报关单号，没有的填运单号。")]
    if arrived.produced_on is not None and arrived.produced_on > today:
        problems["produced_on"] = [_("生产日期还没有到。")]
    if arrived.expires_on is not None and arrived.expires_on < (arrived.produced_on or arrived.expires_on):
        problems["expires_on"] = [_("到期日早于生产日期。")]


def _told(lot: Lot, quantity: Decimal) -> dict[str, Any]:
    return {
        "number": lot.number,
        "item": lot.item_id,
        "quantity": plain(quantity),
        "consignment": lot.consignment,
        "documented": plain(lot.documented) if lot.documented else "",
    }

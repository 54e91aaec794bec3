"""The receiver says what arrived."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Refused
from zerotrip.prevention.lots.access import require_record
from zerotrip.prevention.lots.actions.steps import (
    Carried,
    Leg,
    Stamp,
    line,
    lock,
    meant,
    moment,
    parsed,
    plain,
    quantity_of,
    require_right,
    write,
)
from zerotrip.prevention.models import Arrival, Movement, MovementKind

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def confirm(
    movement: Movement,
    quantity: str | Decimal,
    *,
    arrived_at: datetime | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Arrival:
    """Confirm that goods arrived, and how much. What is missing is written off where it was due, by name.

    Confirmed once: a second time changes nothing. Raises NotAllowed unless the receiver or staff of its area,
    Invalid by field, Refused for what goes nowhere.
    """
    held = Movement.objects.select_for_update(of=("self",), no_key=True).get(pk=movement.pk)
    if held.target_holder is None or held.target is None or not held.is_between:
        raise Refused(_("这笔记录没有收货方，不用确认。"))
    require_record(held.target_holder, by)
    found = Arrival.objects.filter(movement=held).first()
    if found is not None:
        return found
    stamp = Stamp(uuid5(held.pk, "arrived"), by, at)
    problems: dict[str, list[str]] = {}
    lot = lock([held.target.pk])[held.target.pk]
    arrived = Decimal(0) if parsed(quantity) == 0 else quantity_of(quantity, lot.item, problems=problems)
    if arrived > held.quantity:
        problems["quantity"] = [_("发出 %(sent)s，实收不能更多。") % {"sent": plain(held.quantity)}]
    when = moment(arrived_at, stamp, problems, field="arrived_at")
    if when < held.at < when + meant(when, stamp):
        when = held.at
    elif when < held.at:
        problems["arrived_at"] = [_("到货时间早于发出时间。")]
    require_right(problems)
    missing = held.quantity - arrived
    if missing:
        told = Carried(reason=_("到货短少：发出 %(sent)s，实收 %(got)s") % _amounts(held.quantity, arrived))
        leg = Leg(MovementKind.COUNT, missing, source=(lot, held.target_holder))
        write([leg], stamp=stamp, when=when, carried=told)
    return Arrival.objects.create(
        movement=held, quantity=arrived, arrived_at=when, note=line(note, 200), by_id=by.user_id, at=at
    )


def _amounts(sent: Decimal, got: Decimal) -> dict[str, str]:
    return {"sent": plain(sent), "got": plain(got)}

"""What the actions of the ledger have in common: locks, balances, rows.

Locks are taken in one order: lots by key, then balances by lot and holder. What a recall holds is seen under
the lock of the lot, what is left under that of the balance.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.lots.access import measure_of, require_record
from zerotrip.prevention.lots.lying import lying_since
from zerotrip.prevention.models import Balance, Door, Holder, Lot, Movement, MovementKind
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Item, SupplyRequest

MOST = Decimal(10) ** 10
"""Of a unit: more is a mistake in typing."""
EARLIEST = timedelta(days=366)
"""How long ago something may have happened that is entered now."""
AHEAD = timedelta(minutes=10)
"""How far a clock may be wrong."""
RELEASED = (MovementKind.RETURN, MovementKind.DESTROY, MovementKind.COUNT)
"""What may be done with goods a recall holds."""

_NUMBERS = UUID("2f0d8a52-7c0b-5f0e-8f61-9f5f6a1f2c77")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who records something, through which door, under which key of their own, and when it is."""

    key: UUID
    by: Actor
    at: datetime
    door: Door = Door.DESK


@dataclass(frozen=True, slots=True)
class Leg:
    """One quantity of a step: from a lot at a holder to another, either of which may be outside."""

    kind: MovementKind
    quantity: Decimal
    source: tuple[Lot, Holder] | None = None
    target: tuple[Lot, Holder] | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """Who carried it, in what, and who is at the other end outside the ledger."""

    handler: str = ""
    handler_phone: str = ""
    plate: str = ""
    outside: str = ""
    outside_person: bool = False
    reason: str = ""


NOTHING = Carried()
Action = TypeVar("Action", bound=Callable[..., list[Movement]])


def once(action: Action) -> Action:
    """A step in one transaction; with a key that was used before, it changes nothing and tells what it left."""

    @wraps(action)
    def wrapped(*args: Any, stamp: Stamp, **kwargs: Any) -> list[Movement]:
        if (found := done_before(stamp.key, stamp.by)) is not None:
            return found
        try:
            with transaction.atomic():
                return action(*args, stamp=stamp, **kwargs)
        except IntegrityError:
            # The same was sent twice at the same moment: the other one has written it.
            if (found := done_before(stamp.key, stamp.by)) is not None:
                return found
            raise

    return cast(Action, wrapped)


def done_before(key: UUID, by: Actor) -> list[Movement] | None:
    """The movements a step of this key left, where it was recorded before. Raises Stale for somebody else's key."""
    rows = list(Movement.objects.filter(step=key).select_related("source", "target"))
    if not rows:
        return None
    if rows[0].by_id != by.user_id:
        raise Stale(_("这个编号已经用过，请刷新后重新登记。"))
    return rows


def lock(lots: Iterable[UUID]) -> dict[UUID, Lot]:
    """The lots as they are now, locked for change in the order of their keys, with their items."""
    rows = Lot.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(lots))
    return {lot.pk: lot for lot in rows.select_related("item", "recall").order_by("pk")}


def require_here(holder: Holder, item: Item, stamp: Stamp) -> None:
    """Raises NotAllowed unless one may record there, Refused unless an event asks for it there now."""
    require_record(holder, stamp.by)
    require_in_force(measure_of(item), holder.area_path, on=stamp.at.astimezone(CHINA).date())


def require_free(lot: Lot, kind: MovementKind) -> None:
    """Raises Refused for a lot a recall holds, unless it is given back, destroyed or counted."""
    if lot.recall_id is not None and kind not in RELEASED:
        raise Refused(
            _("批次 %(number)s 已封存（%(reason)s），只能退货、销毁或盘点。")
            % {"number": lot.number, "reason": lot.recall.reason if lot.recall else ""}
        )


def quantity_of(
    text: str | Decimal | None, item: Item, *, field: str = "quantity", problems: dict[str, list[str]]
) -> Decimal:
    """A quantity as it was typed; what is wrong with it is added to the problems, and zero stands for it."""
    value = parsed(text)
    if value is None or not 0 < value < MOST:
        problems[field] = [_("请填写大于零的数量，单位是%(unit)s。") % {"unit": item.measured_in}]
        return Decimal(0)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > item.decimals:
        told = _("%(item)s最多 %(count)d 位小数。") if item.decimals else _("%(item)s按整数计。")
        problems[field] = [told % {"item": item, "count": item.decimals}]
        return Decimal(0)
    return value


def parsed(text: str | Decimal | None) -> Decimal | None:
    """A number as people type it; None for what is none."""
    if isinstance(text, Decimal):
        return text.normalize() + 0 if text.is_finite() else None
    plain = unicodedata.normalize("NFKC", text or "").replace(",", "").strip()
    if len(plain) > 20 or not plain.replace(".", "", 1).isdecimal() or not plain.isascii():
        return None
    return Decimal(plain).normalize() + 0


def moment(when: datetime | None, stamp: Stamp, problems: dict[str, list[str]], *, field: str = "at") -> datetime:
    """When it happened; now where nobody says. What cannot be is added to the problems."""
    if when is None:
        return stamp.at
    if not stamp.at - EARLIEST <= when <= stamp.at + AHEAD:
        problems[field] = [_("时间不能在现在之后，也不能早于一年前。")]
    return min(when, stamp.at)


def left_at(
    here: tuple[Lot, Holder],
    amount: Decimal,
    when: datetime | None,
    stamp: Stamp,
    problems: dict[str, list[str]],
) -> datetime:
    """When goods left a holder or were made into others there: not before so much of the lot had come there.

    What was typed stands for the minute, or the day, it names. The lot is locked.
    """
    happened = moment(when, stamp, problems)
    if when is None or problems:
        return happened
    lot, holder = here
    since = lying_since(lot, holder, amount, happened)
    if since is None:
        return happened
    if since < happened + meant(happened, stamp):
        return since
    told = {"lot": lot.number, "at": shown(since), "holder": holder.name}
    problems["at"] = [_("批次 %(lot)s 的这些货 %(at)s 才到%(holder)s，时间不能更早。") % told]
    return happened


def meant(typed: datetime, stamp: Stamp) -> timedelta:
    """How long a moment that was typed lasts: midnight is a day of which no hour was said."""
    if stamp.door is Door.API:
        return timedelta()
    return timedelta(minutes=1) if typed.astimezone(CHINA).time() != time() else timedelta(days=1)


def shown(at: datetime) -> str:
    """A moment in words."""
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def require_right(problems: Mapping[str, list[str]]) -> None:
    """Raises Invalid with what is wrong by field."""
    if problems:
        raise Invalid(_("还没有登记，有 %(count)d 处要改。") % {"count": len(problems)}, problems)


def write(
    legs: Sequence[Leg],
    *,
    stamp: Stamp,
    when: datetime,
    carried: Carried = NOTHING,
    request: SupplyRequest | None = None,
) -> list[Movement]:
    """Write the movements of one step and what then lies where. The lots are locked.

    Raises Refused where less lies there than is taken; nothing is changed then.
    """
    changes: defaultdict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for leg in legs:
        if leg.source is not None:
            changes[leg.source[0].pk, leg.source[1].pk] -= leg.quantity
        if leg.target is not None:
            changes[leg.target[0].pk, leg.target[1].pk] += leg.quantity
    _change_balances(changes, legs)
    rows = [
        _row(leg, number, stamp=stamp, when=when, carried=carried, request=request)
        for number, leg in enumerate(legs)
    ]
    return Movement.objects.bulk_create(rows)


def _change_balances(changes: Mapping[tuple[UUID, UUID], Decimal], legs: Sequence[Leg]) -> None:
    keys = sorted(changes)
    Balance.objects.bulk_create(
        [Balance(lot_id=lot, holder_id=holder) for lot, holder in keys], ignore_conflicts=True
    )
    table = Balance._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT b.lot_id, b.holder_id, b.quantity FROM {table} b"  # noqa: S608  our own name
            " JOIN unnest(%s::uuid[], %s::uuid[]) AS k(lot, holder) ON b.lot_id = k.lot AND b.holder_id = k.holder"
            " ORDER BY b.lot_id, b.holder_id FOR NO KEY UPDATE OF b",
            [[lot for lot, _holder in keys], [holder for _lot, holder in keys]],
        )
        there = {(lot, holder): quantity for lot, holder, quantity in cursor.fetchall()}
        for key in keys:
            if there[key] + changes[key] < 0:
                raise _too_little(key, there[key], -changes[key], legs)
        cursor.execute(
            f"UPDATE {table} AS b SET quantity = b.quantity + k.change"  # noqa: S608  our own name
            " FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[]) AS k(lot, holder, change)"
            " WHERE b.lot_id = k.lot AND b.holder_id = k.holder",
            [[lot for lot, _h in keys], [holder for _l, holder in keys], [changes[key] for key in keys]],
        )


def _too_little(key: tuple[UUID, UUID], there: Decimal, taken: Decimal, legs: Sequence[Leg]) -> Refused:
    lot, holder = next(leg.source for leg in legs if leg.source and (leg.source[0].pk, leg.source[1].pk) == key)
    told: dict[str, Any] = {
        "lot": lot.number,
        "holder": holder.name,
        "there": plain(there),
        "taken": plain(taken),
        "unit": lot.item.measured_in,
    }
    return Refused(_("批次 %(lot)s 在%(holder)s只有 %(there)s %(unit)s，不够 %(taken)s %(unit)s。") % told)


def plain(quantity: Decimal) -> str:
    """A quantity without zeros nobody typed."""
    return f"{quantity:,.3f}".rstrip("0").rstrip(".")


def _row(
    leg: Leg,
    number: int,
    *,
    stamp: Stamp,
    when: datetime,
    carried: Carried,
    request: SupplyRequest | None,
) -> Movement:
    here = leg.source or leg.target
    if here is None:
        raise AssertionError("a movement goes from or to somewhere")
    return Movement(
        id=stamp.key if number == 0 else uuid5(stamp.key, str(number)),
        step=stamp.key,
        kind=leg.kind,
        source=leg.source[0] if leg.source else None,
        source_holder=leg.source[1] if leg.source else None,
        target=leg.target[0] if leg.target else None,
        target_holder=leg.target[1] if leg.target else None,
        quantity=leg.quantity,
        at=when,
        area_path=here[1].area_path,
        outside=line(carried.outside, 120),
        outside_person=carried.outside_person and bool(carried.outside),
        handler=line(carried.handler, 60),
        handler_phone=line(carried.handler_phone, 20),
        plate=line(carried.plate, 16).upper(),
        handled=bool(carried.handler.strip()),
        reason=line(carried.reason, 200),
        request=request,
        door=stamp.door,
        by_id=stamp.by.user_id,
        recorded_at=stamp.at,
    )


def line(text: str, most: int) -> str:
    """A text of one line, within the length of its column."""
    return " ".join(text.replace("\0", "").split())[:most]


def number_for(key: UUID, day: datetime) -> str:
    """The number of a lot: the day, and forty bits of the key in the letters nobody takes for others."""
    bits = uuid5(_NUMBERS, str(key)).int & ((1 << 40) - 1)
    letters = "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(35, -1, -5))
    return f"L{day.astimezone(CHINA):%y%m%d}-{letters[:4]}-{letters[4:]}"

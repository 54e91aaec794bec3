"""Where goods came from and where they went: every movement behind and ahead of a lot, in one statement.

A movement leads on to those that leave the lot at the holder it reached, not earlier than it: what left before
something arrived has nothing of it. What left before anything had arrived has a wrong time and may be of all of it:
it is followed, and named as a gap. Behind a lot is what it was made of; where it was brought itself is ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Min
from django.utils.translation import gettext as _

from zerotrip.prevention.lots.actions.steps import plain, shown
from zerotrip.prevention.models import Holder, Item, Lot, LotFile, Movement, MovementKind, Paper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 200_000
"""Movements of one trace that are read; the last one says that there are more."""

STATEMENT = """
WITH RECURSIVE behind AS (
    SELECT m.* FROM prevention_movement m WHERE m.target_id = %(lot)s AND m.source_id IS DISTINCT FROM %(lot)s
    UNION
    SELECT m.* FROM behind b CROSS JOIN LATERAL (
        SELECT i.* FROM prevention_movement i
        WHERE i.target_id = b.source_id AND i.target_holder_id = b.source_holder_id AND i.at <= b.at
        UNION ALL
        SELECT i.* FROM prevention_movement i
        WHERE i.target_id = b.source_id AND i.target_holder_id = b.source_holder_id AND b.at < (
            SELECT min(f.at) FROM prevention_movement f
            WHERE f.target_id = b.source_id AND f.target_holder_id = b.source_holder_id)
    ) m
), ahead AS (
    SELECT m.* FROM prevention_movement m WHERE m.source_id = %(lot)s
    UNION
    SELECT m.* FROM ahead a CROSS JOIN LATERAL (
        SELECT o.* FROM prevention_movement o
        WHERE o.source_id = a.target_id AND o.source_holder_id = a.target_holder_id AND o.at >= a.at
        UNION ALL
        SELECT o.* FROM prevention_movement o
        WHERE o.source_id = a.target_id AND o.source_holder_id = a.target_holder_id AND o.at < (
            SELECT min(f.at) FROM prevention_movement f
            WHERE f.target_id = a.target_id AND f.target_holder_id = a.target_holder_id)
    ) m
), reached AS (
    SELECT 'b' AS way, * FROM behind UNION ALL SELECT 'a', * FROM ahead
)
SELECT m.way, m.kind, m.source_id::text, m.source_holder_id::text, m.target_id::text, m.target_holder_id::text,
       m.id, m.step, m.quantity, m.at, m.outside, m.outside_person, m.handler, m.handler_phone, m.plate, m.handled,
       m.reason, v.arrived_at, v.quantity, v.note
FROM reached m LEFT JOIN prevention_arrival v ON v.movement_id = m.id
ORDER BY m.at, m.recorded_at, m.id, m.way
LIMIT %(most)s
"""
"""Lots and holders come as text, which is looked up by many times as fast as a UUID."""


class Way(StrEnum):
    """Which way a movement lies from the lot that is traced."""

    BEHIND = "b"
    AHEAD = "a"


@dataclass(slots=True)
class Step:
    """A movement as a trace tells it."""

    way: Way
    kind: MovementKind
    source: Lot | None
    source_holder: Holder | None
    target: Lot | None
    target_holder: Holder | None
    id: UUID
    step: UUID
    quantity: Decimal
    at: datetime
    outside: str
    outside_person: bool
    handler: str
    handler_phone: str
    plate: str
    handled: bool
    reason: str
    arrived_at: datetime | None
    arrived: Decimal | None
    note: str

    @property
    def item(self) -> Item:
        """What was moved."""
        lot = self.source or self.target
        if lot is None:
            raise AssertionError("a movement is of some lot")
        return lot.item

    @property
    def is_between(self) -> bool:
        """Whether somebody else had to say that it arrived."""
        return self.target_holder is not None and self.source_holder not in (None, self.target_holder)

    @property
    def needs_handler(self) -> bool:
        """Whether somebody had to carry it."""
        return self.is_between or self.kind in (MovementKind.RECEIVE, MovementKind.RETURN)


class Lack(StrEnum):
    """What a trace lacks."""

    UNACCOUNTED = "unaccounted"
    ORDER = "order"
    PAPER = "paper"
    HANDLER = "handler"
    UNCONFIRMED = "unconfirmed"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a trace cannot tell: what, of which lot, where, in words."""

    lack: Lack
    lot: Lot
    words: str
    holder: Holder | None = None
    step: Step | None = None


@dataclass
class Trace:
    """What is known of where a lot came from and where it went."""

    lot: Lot
    steps: list[Step]
    cut: bool = False
    """Whether there is more than was read."""
    gaps: list[Gap] = field(default_factory=list)

    def on(self, way: Way) -> list[Step]:
        """The movements of one way, earliest first."""
        return [step for step in self.steps if step.way is way]

    @property
    def origins(self) -> list[Step]:
        """The receipts everything came from."""
        return [step for step in self.on(Way.BEHIND) if step.kind is MovementKind.RECEIVE]

    @property
    def holders(self) -> list[Holder]:
        """Everybody who holds or held it, in the order it came to them."""
        found: dict[UUID, Holder] = {}
        for step in self.steps:
            for holder in (step.source_holder, step.target_holder):
                if holder is not None:
                    found.setdefault(holder.pk, holder)
        return list(found.values())

    @property
    def lots(self) -> list[Lot]:
        """The lots it was made of, itself, and those made of it."""
        found = {self.lot.pk: self.lot}
        for step in self.steps:
            for lot in (step.source, step.target):
                if lot is not None:
                    found.setdefault(lot.pk, lot)
        return list(found.values())

    def by_key(self, key: UUID) -> Lot:
        """One of its lots."""
        return next(lot for lot in self.lots if lot.pk == key)


def trace(lot: Lot, *, at: datetime) -> Trace:
    """Everything before and after a lot, with what is missing by ``at``. Whoever asks may see the lot."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"lot": lot.pk, "most": MOST + 1})
        rows = cursor.fetchall()
    cut = len(rows) > MOST
    rows = rows[:MOST]
    lots = _lots({str(lot.pk), *(key for row in rows for key in (row[2], row[4]) if key)})
    moved = Holder.objects.in_bulk({key for row in rows for key in (row[3], row[5]) if key})
    holders = {str(key): holder for key, holder in moved.items()}
    steps = [_step(row, lots, holders) for row in rows]
    found = Trace(lots[str(lot.pk)], steps, cut)
    found.gaps = list(gaps_in(found, at=at))
    return found


def _lots(keys: Iterable[str]) -> dict[str, Lot]:
    items = Item.objects.in_bulk()
    lots = Lot.objects.in_bulk(list(keys))
    for lot in lots.values():
        lot.item = items[lot.item_id]
    return {str(key): lot for key, lot in lots.items()}


_WAYS = {way.value: way for way in Way}
_KINDS = {kind.value: kind for kind in MovementKind}


def _step(row: Sequence[Any], lots: dict[str, Lot], holders: dict[str, Holder]) -> Step:
    way, kind, source, source_holder, target, target_holder, *rest = row
    return Step(
        _WAYS[way],
        _KINDS[kind],
        lots[source] if source else None,
        holders[source_holder] if source_holder else None,
        lots[target] if target else None,
        holders[target_holder] if target_holder else None,
        *rest,
    )


def gaps_in(found: Trace, *, at: datetime) -> Iterable[Gap]:
    """What is missing: papers of origin, goods, handlers, confirmations, hours; what is too much, out of order."""
    seen: set[UUID] = set()
    steps = [step for step in found.steps if step.id not in seen and not seen.add(step.id)]  # type: ignore[func-returns-value]
    yield from _papers(found)
    yield from _short_of_papers(steps)
    yield from _before_it_came(steps)
    yield from _from_nowhere(found, seen)
    for step in steps:
        yield from _gaps_of(step, at=at)


def _gaps_of(step: Step, *, at: datetime) -> Iterable[Gap]:
    lot = step.source or step.target
    if lot is None:
        return
    if step.needs_handler and not step.handled:
        yield Gap(Lack.HANDLER, lot, _("%(kind)s没有登记经手人。") % {"kind": step.kind.label}, _where(step), step)
    if step.kind is MovementKind.COUNT:
        told = {"amount": _amount(step.quantity, step.item), "reason": step.reason}
        text = _("少了 %(amount)s：%(reason)s") if step.source is not None else _("多出 %(amount)s：%(reason)s")
        yield Gap(Lack.UNACCOUNTED, lot, text % told, _where(step), step)
    if not step.is_between:
        return
    allowed = timedelta(hours=step.item.transit_hours)
    if step.arrived_at is None:
        told = {"amount": _amount(step.quantity, step.item), "hours": _hours(at - step.at)}
        words = _("发出 %(amount)s，已过 %(hours)s，收货方没有确认收到。") % told
        yield Gap(Lack.UNCONFIRMED, lot, words, step.target_holder, step)
    elif step.arrived_at - step.at > allowed and not step.note:
        told = {"hours": _hours(step.arrived_at - step.at), "allowed": str(step.item.transit_hours)}
        words = _("路上用了 %(hours)s，超过 %(allowed)s 小时，没有说明原因。") % told
        yield Gap(Lack.TIME, lot, words, step.target_holder, step)


def _where(step: Step) -> Holder | None:
    return step.target_holder or step.source_holder


def _papers(found: Trace) -> Iterable[Gap]:
    """Certificates the lots of origin need and do not have."""
    origins = {
        step.target.pk: step for step in found.origins if step.target is not None and step.target.item.papers
    }
    there: dict[UUID, set[str]] = {}
    for key, kind in LotFile.objects.filter(lot__in=origins).values_list("lot", "kind"):
        there.setdefault(key, set()).add(kind)
    for key, step in origins.items():
        origin = found.by_key(key)
        for kind in origin.item.papers:
            if kind not in there.get(key, ()):
                words = _("缺少%(paper)s。") % {"paper": Paper(kind).label}
                yield Gap(Lack.PAPER, origin, words, step.target_holder, step)


def _short_of_papers(steps: Iterable[Step]) -> Iterable[Gap]:
    """Lots of which less was received than their papers name."""
    for step in steps:
        lot = step.target
        if step.kind is not MovementKind.RECEIVE or lot is None or lot.documented is None:
            continue
        if lot.documented > step.quantity:
            told = {"papers": _amount(lot.documented, lot.item), "got": _amount(step.quantity, lot.item)}
            words = _("单证上是 %(papers)s，实收 %(got)s。") % told
            yield Gap(Lack.UNACCOUNTED, lot, words, step.target_holder, step)


def _before_it_came(steps: Sequence[Step]) -> Iterable[Gap]:
    """What left a holder before any of the lot had come there: one of the two times is wrong."""
    came: dict[tuple[UUID, UUID], datetime] = {}
    for step in steps:
        if step.target is not None and step.target_holder is not None:
            key = step.target.pk, step.target_holder.pk
            came[key] = min(came.get(key, step.at), step.at)
    early = [
        (step, step.source, step.source_holder)
        for step in steps
        if step.source is not None
        and step.source_holder is not None
        and ((first := came.get((step.source.pk, step.source_holder.pk))) is None or step.at < first)
    ]
    if early:
        came |= _first_arrivals({(lot.pk, holder.pk) for _step, lot, holder in early})
    for step, lot, holder in early:
        first = came.get((lot.pk, holder.pk))
        if first is not None and step.at < first:
            told = {"kind": step.kind.label, "left": shown(step.at), "came": shown(first)}
            words = _("%(kind)s的时间是 %(left)s，可是货 %(came)s 才到，有一个时间不对。") % told
            yield Gap(Lack.ORDER, lot, words, holder, step)


def _first_arrivals(places: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], datetime]:
    rows = Movement.objects.filter(
        target__in={lot for lot, _holder in places}, target_holder__in={holder for _lot, holder in places}
    )
    found = rows.order_by().values_list("target", "target_holder").annotate(first=Min("at"))
    return {(lot, holder): first for lot, holder, first in found if (lot, holder) in places}


def _from_nowhere(found: Trace, seen: set[UUID]) -> Iterable[Gap]:
    """What was counted to be more of it and of the lots made of it, to which no movement leads."""
    lots = {step.target.pk: step.target for step in found.on(Way.AHEAD) if step.target is not None}
    lots[found.lot.pk] = found.lot
    rows = Movement.objects.filter(kind=MovementKind.COUNT, source=None, target__in=lots)
    for row in rows.select_related("target_holder").order_by("at", "pk"):
        if row.pk not in seen and row.target_id is not None:
            lot = lots[row.target_id]
            told = {"amount": _amount(row.quantity, lot.item), "reason": row.reason}
            yield Gap(Lack.UNACCOUNTED, lot, _("多出 %(amount)s：%(reason)s") % told, row.target_holder)


def _amount(quantity: Decimal, item: Item) -> str:
    return f"{plain(quantity)} {item.measured_in}"


def _hours(span: timedelta) -> str:
    hours = max(0, int(span.total_seconds() // 3600))
    if hours >= 48:
        days = hours // 24
        return _("%(count)d 天") % {"count": days}
    return _("%(count)d 小时") % {"count": hours}


__all__ = ["MOST", "Gap", "Lack", "Step", "Trace", "Way", "gaps_in", "trace"]

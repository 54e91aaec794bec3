"""What the numbers of the picture of the day count: the same rows are counted on it and listed behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from zerotrip.duties.models import Kind, Obligation, Record, Status, Window
from zerotrip.duties.standing import queries as standing
from zerotrip.duties.standing.sources import duty_of
from zerotrip.prevention.gates.spec import rules as gate_rules
from zerotrip.prevention.lots.queries import stock
from zerotrip.prevention.models import (
    Holder,
    Inspection,
    InspectionItem,
    LotFile,
    Movement,
    MovementKind,
    Passage,
    Post,
    Purpose,
    Recall,
    Retest,
    SupplyRequest,
)
from zerotrip.prevention.picture.lines import DAYS, Part
from zerotrip.prevention.posts.queries import given_to, slots, told_at
from zerotrip.prevention.posts.spec import rules as post_rules

if TYPE_CHECKING:
    from zerotrip.duties.models import DueQuerySet
    from zerotrip.prevention.lots.queries import Stock
    from zerotrip.prevention.models import Shift
    from zerotrip.prevention.picture.lines import Asked
    from zerotrip.prevention.posts.planning import Slot

MOST = 400
"""Windows of one day."""
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """Rows of a table, and which of them each number counts."""

    every: QuerySet[Row]
    parts: Mapping[Part, Q]

    def of(self, part: Part) -> QuerySet[Row]:
        """Those one number counts; none for one that is not told of them."""
        return self.every.filter(self.parts[part]) if part in self.parts else self.every.none()

    def counted(self) -> dict[Part, int]:
        """Every number. One statement."""
        sums = {part.value: Count("pk", filter=which) for part, which in self.parts.items()}
        found = self.every.order_by().aggregate(**sums)
        return {part: found[part.value] for part in self.parts}


def _split(due: Q, done: Q, not_done: Q, late: Q) -> dict[Part, Q]:
    return {
        Part.DUE: due,
        Part.DONE: due & done,
        Part.OPEN: due & not_done & ~late,
        Part.MISSED: due & not_done & late,
    }


def windows(asked: Asked, duty: str = "") -> list[Window]:
    """The windows of standing duties that had begun that day and were not over before; of one duty alone."""
    rows = Window.objects.visible_to(asked.actor).filter(starts__lte=asked.at, ends__gt=asked.begins)
    found = rows.select_related("requirement").order_by("starts", "pk")[:MOST]
    return [window for window in found if not duty or duty_of(window.requirement) == duty]


def dues(asked: Asked, there: list[Window], part: Part) -> DueQuerySet:
    """What of some windows a number counts, each window grid by grid."""
    if part in (Part.OPEN, Part.MISSED):
        there = [window for window in there if (window.ends <= asked.at) is (part == Part.MISSED)]
    rows = standing.owed_in(there, asked.actor, at=asked.at, area_path=asked.area_path)
    if part == Part.DUE:
        rows = rows.asked(asked.at)
    elif part == Part.DONE:
        rows = rows.kept(asked.at)
    else:
        rows = rows.missing(asked.at)
    return rows.order_by("window", "area_path", "subject")


def passages(asked: Asked) -> Rows[Passage]:
    """Vehicles that came that day: those let in are due to leave again."""
    rows = Passage.objects.visible_to(asked.actor).filter(
        area_path__startswith=asked.area_path, entered_at__gte=asked.begins, entered_at__lte=asked.at
    )
    late = Q(entered_at__lt=asked.at - timedelta(hours=gate_rules().stay_hours))
    left, inside = Q(left_at__lte=asked.at), Q(left_at=None) | Q(left_at__gt=asked.at)
    parts = _split(Q(refused=""), left, inside, late)
    more = {Part.CAME: Q(entered_at__lte=asked.at), Part.TURNED: ~Q(refused=""), Part.CLEAN: Q(disinfected=True)}
    return Rows(rows, parts | more)


def retests(asked: Asked) -> Rows[Retest]:
    """Who was to be tested singly that day: what ended before is no matter of it."""
    rows = Retest.objects.visible_to(asked.actor).filter(
        Q(ended_at=None) | Q(ended_at__gte=asked.begins),
        area_path__startswith=asked.area_path,
        told_at__lte=asked.at,
    )
    ended, open_ = Q(ended_at__lte=asked.at), Q(ended_at=None) | Q(ended_at__gt=asked.at)
    return Rows(rows, _split(Q(told_at__lte=asked.at), ended, open_, Q(due_at__lt=asked.at)))


def requests(asked: Asked) -> Rows[SupplyRequest]:
    """Requests for supplies that were to be met by that day."""
    rows = SupplyRequest.objects.visible_to(asked.actor).filter(
        Q(closed_at=None) | Q(closed_at__gte=asked.begins),
        holder__area_path__startswith=asked.area_path,
        at__lte=asked.at,
        needed_by__lte=asked.day,
    )
    closed, open_ = Q(closed_at__lte=asked.at), Q(closed_at=None) | Q(closed_at__gt=asked.at)
    return Rows(rows, _split(Q(at__lte=asked.at), closed, open_, Q(needed_by__lt=asked.day)))


def stores(asked: Asked, part: Part) -> list[Stock]:
    """What is to lie at stores: all there is a level for, what reached it, what lay below."""
    found = stock(asked.actor, on=asked.day, at=asked.at if asked.past else None)
    found = [row for row in found if row.least is not None and row.holder.area_path.startswith(asked.area_path)]
    if part in (Part.DONE, Part.MISSED):
        return [row for row in found if row.is_low is (part == Part.MISSED)]
    return found if part == Part.DUE else []


def receipts(asked: Asked) -> Rows[Movement]:
    """Cold-chain goods on their way that were to be confirmed, each within the hours its item allows."""
    way = ExpressionWrapper(F("source__item__transit_hours") * timedelta(hours=1), DurationField())
    rows = Movement.objects.filter(
        Q(arrival=None) | Q(arrival__at__gte=asked.begins),
        ~Q(source_holder=F("target_holder")),
        source__item__purpose=Purpose.COLD_CHAIN,
        target_holder__in=Holder.objects.visible_to(asked.actor),
        target_holder__area_path__startswith=asked.area_path,
        recorded_at__lte=asked.at,
    )
    came, on_its_way = Q(arrival__at__lte=asked.at), Q(arrival=None) | Q(arrival__at__gt=asked.at)
    parts = _split(Q(recorded_at__lte=asked.at), came, on_its_way, Q(until__lt=asked.at))
    return Rows(rows.annotate(until=F("at") + way), parts)


def papers(asked: Asked) -> Rows[Movement]:
    """Receipts of the last days whose lots lacked a certificate when the day began, or came that day: it is to be
    there by the end of the day the goods came."""
    files = LotFile.objects.filter(lot=OuterRef("target")).order_by().values("kind")
    rows = Movement.objects.filter(
        kind=MovementKind.RECEIVE,
        target__item__papers__len__gt=0,
        target__arrived_at__gte=asked.begins - timedelta(days=DAYS - 1),
        target_holder__in=Holder.objects.visible_to(asked.actor),
        area_path__startswith=asked.area_path,
        recorded_at__lte=asked.at,
    ).annotate(
        had=ArraySubquery(files.filter(at__lt=asked.begins)), have=ArraySubquery(files.filter(at__lte=asked.at))
    )
    had, have = (Q(target__item__papers__contained_by=F(there)) for there in ("had", "have"))
    return Rows(rows, _split(~had, have, ~have, Q(at__lt=asked.begins)))


def answers(asked: Asked) -> Rows[Obligation]:
    """What enterprises that hold recalled goods were to answer."""
    seen = Q(pk__in=[])
    for seat in asked.actor.seats:
        seen |= Q(area_path__startswith=seat.area_path)
    rows = Obligation.objects.filter(
        seen,
        Q(ended_at=None) | Q(ended_at__gte=asked.begins),
        kind=Kind.REPORT,
        requirement__in=Recall.objects.filter(at__lte=asked.at).values("order"),
        area_path__startswith=asked.area_path,
        opened_at__lte=asked.at,
    ).exclude(status=Status.DROPPED)
    return Rows(rows.annotate(said=_said("pk", asked)), _owed("", asked, Q(opened_at__lte=asked.at)))


def defects(asked: Asked) -> Rows[InspectionItem]:
    """What inspections found wrong and was not settled before that day."""
    rows = InspectionItem.objects.filter(
        Q(owed__ended_at=None) | Q(owed__ended_at__gte=asked.begins),
        owed__isnull=False,
        inspection__in=Inspection.objects.visible_to(asked.actor),
        inspection__area_path__startswith=asked.area_path,
        inspection__countersigned_at__lte=asked.at,
    ).exclude(owed__status=Status.DROPPED)
    return Rows(rows.annotate(said=_said("owed", asked)), _owed("owed__", asked, Q(owed__isnull=False)))


def _said(obligation: str, asked: Asked) -> Coalesce:
    """What was last said of something that is owed: handed in, given back, or that it was missed."""
    rows = Record.objects.filter(
        obligation=OuterRef(obligation), what__in=("handed_in", "returned", "missed"), at__lte=asked.at
    )
    return Coalesce(Subquery(rows.order_by("-at", "-pk").values("what")[:1]), Value(""))


def _owed(prefix: str, asked: Asked, due: Q) -> dict[Part, Q]:
    """What is handed in and waits to be looked at is not late; what was given back has its time anew."""
    ended = Q(**{f"{prefix}ended_at__lte": asked.at})
    waits = Q(**{f"{prefix}ended_at": None}) | Q(**{f"{prefix}ended_at__gt": asked.at})
    late = Q(said="missed") | Q(**{f"{prefix}due_at__lt": asked.at}) & ~Q(said="handed_in")
    return _split(due, ended, waits, late)


def part_of(owed: Obligation, said: str, asked: Asked) -> Part:
    """What of the picture one is, besides being due: as ``_owed`` says of many; ``said`` as ``_said``."""
    if owed.ended_at is not None and owed.ended_at <= asked.at:
        return Part.DONE
    is_late = said == "missed" or (said != "handed_in" and owed.due_at < asked.at)
    return Part.MISSED if is_late else Part.OPEN


@dataclass(frozen=True, slots=True)
class Stand:
    """One of the people a turn asks for: who has it and signed on, who has it and did not, or nobody."""

    slot: Slot
    shift: Shift | None
    signed_at: datetime | None
    late: bool

    @property
    def part(self) -> Part:
        """What of the picture it is, besides being due."""
        if self.signed_at is not None:
            return Part.DONE
        return Part.MISSED if self.late else Part.OPEN


def posts(asked: Asked) -> list[Post]:
    """The posts that were there."""
    rows = Post.objects.visible_to(asked.actor).filter(
        Q(closed_at=None) | Q(closed_at__gt=asked.at),
        area_path__startswith=asked.area_path,
        made_at__lte=asked.at,
    )
    return list(rows.select_related("lead__person").prefetch_related("turns"))


def stands(asked: Asked, there: list[Post]) -> list[Stand]:
    """The people the turns of that day at some posts ask for, as far as they had begun: one of each."""
    turns = [slot for slot in slots(there, asked.day, asked.day) if slot.starts_at <= asked.at]
    by_turn: dict[tuple[UUID, datetime], list[Shift]] = defaultdict(list)
    for shift in told_at(there, turns):
        for slot, _worker in given_to([one for one in turns if one.post == shift.post_id], [shift]):
            by_turn[slot.post, slot.starts_at].append(shift)
    patience = timedelta(minutes=post_rules().missed_minutes)
    found = []
    for slot in turns:
        late = slot.starts_at + patience <= asked.at
        given = [(shift, _signed(shift, asked.at)) for shift in by_turn[slot.post, slot.starts_at]]
        given.sort(key=lambda one: (one[1] is None, one[1] or asked.at))
        found += [Stand(slot, shift, signed, late) for shift, signed in given[: slot.people]]
        found += [Stand(slot, None, None, late)] * (slot.people - len(given))
    return found


def _signed(shift: Shift, at: datetime) -> datetime | None:
    signed = shift.signed_on_at
    return signed if signed is not None and signed <= at else None

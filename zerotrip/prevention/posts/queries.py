"""Reads over posts, people and shifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, Sum

from zerotrip.prevention.models import Event, Measure, Plan, Post, Shift, Worker
from zerotrip.prevention.posts.planning import Hand, Slot, Stretch, slots_of
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

AROUND = timedelta(days=7)
"""Before and after a plan, in which shifts of others count: the rest of its weeks."""


def beginning(day: date) -> datetime:
    """Midnight in China."""
    return datetime.combine(day, time(), CHINA)


def slots(posts: Iterable[Post], first: date, last: date) -> list[Slot]:
    """The turns of posts, whose ``turns`` are best fetched with them, on these days."""
    turns = [
        (post.pk, turn.starts, turn.hours, turn.people, tuple(post.skills))
        for post in posts
        for turn in post.turns.all()
    ]
    return slots_of(turns, first, last)


def around(path: str) -> Q:
    """Who may be sent to a post of an area: whoever enlisted for it, for an area in it or for one around it."""
    codes = path.strip("/").split("/")
    wider = ["/" + "/".join(codes[:count]) + "/" for count in range(1, len(codes) + 1)]
    return Q(area_path__startswith=path) | Q(area_path__in=wider)


def hands(area_path: str, first: date, last: date, *, without: UUID | None = None) -> list[Hand]:
    """Those who may be given shifts in an area, with the shifts they have; but for those of a plan."""
    workers = list(Worker.objects.ready().filter(around(area_path)).select_related("person").order_by("pk"))
    start, end = beginning(first) - AROUND, beginning(last) + AROUND
    rows = Shift.objects.standing().between(start, end).filter(worker__in=workers)
    if without is not None:
        rows = rows.exclude(plan=without)
    taken: dict[UUID, list[Stretch]] = defaultdict(list)
    for worker, during in rows.values_list("worker", "during"):
        taken[worker].append((during.lower, during.upper))
    return [hand_of(worker, taken.get(worker.pk, ())) for worker in workers]


def hand_of(worker: Worker, taken: Sequence[Stretch] = ()) -> Hand:
    """Somebody as the rules see them."""
    return Hand(
        worker=worker.pk,
        name=worker.person.name,
        skills=frozenset(worker.skills),
        volunteers=worker.volunteers,
        weekdays=frozenset(worker.weekdays or range(7)),
        no_nights=worker.no_nights,
        most_a_week=worker.most_a_week,
        taken=tuple(sorted(taken)),
    )


@dataclass(frozen=True, slots=True)
class Near:
    """The shifts of some people around stretches of time that they might be given."""

    shifts: dict[UUID, list[tuple[UUID, Stretch]]]

    def of(self, worker: Worker, stretch: Stretch, *, without: Collection[UUID | None] = ()) -> list[Stretch]:
        """Those of somebody around one of the stretches, but for some."""
        start, end = stretch[0] - AROUND, stretch[1] + AROUND
        return [
            each
            for shift, each in self.shifts.get(worker.pk, ())
            if each[0] < end and each[1] > start and shift not in without
        ]


def shifts_near(given: Sequence[tuple[Worker, Stretch]]) -> Near:
    """The shifts that count where each of some people might be given a stretch of time. One query."""
    shifts: dict[UUID, list[tuple[UUID, Stretch]]] = defaultdict(list)
    if given:
        start, end = min(each[0] for _of, each in given), max(each[1] for _of, each in given)
        rows = Shift.objects.standing().between(start - AROUND, end + AROUND)
        rows = rows.filter(worker__in={worker.pk for worker, _each in given})
        for worker, shift, during in rows.values_list("worker", "pk", "during"):
            shifts[worker].append((shift, (during.lower, during.upper)))
    return Near(shifts)


def standing_at(posts: Iterable[Post | UUID], asked: Sequence[Slot]) -> list[Shift]:
    """The shifts at posts within the turns asked after, drafted ones too: whom no other plan may have."""
    if not asked:
        return []
    start, end = min(slot.starts_at for slot in asked), max(slot.ends_at for slot in asked)
    return list(
        Shift.objects.standing().between(start, end).filter(post__in=list(posts)).select_related("worker__person")
    )


def told_at(posts: Iterable[Post | UUID], asked: Sequence[Slot], *, of: Plan | None = None) -> list[Shift]:
    """Those of them people were told of, and the drafted ones of a plan: nobody comes for the draft of another."""
    own = of.pk if of is not None else None
    return [row for row in standing_at(posts, asked) if row.published_at is not None or row.plan_id == own]


def given_to(asked: Sequence[Slot], shifts: Iterable[Shift]) -> list[tuple[Slot, UUID]]:
    """The shifts as the turns they are: one that covers a turn staffs it."""
    by_post: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in shifts:
        by_post[shift.post_id].append(shift)
    return [
        (slot, shift.worker_id)
        for slot in asked
        for shift in by_post[slot.post]
        if shift.starts_at <= slot.starts_at and slot.ends_at <= shift.ends_at
    ]


def credited(worker: Worker) -> int:
    """Minutes somebody is credited with."""
    found = worker.shifts.standing().aggregate(minutes=Sum("credited"))["minutes"] or 0
    return int(found) + worker.minutes_before


def office_over(worker: Worker) -> Party | None:
    """The office that had posts manned where somebody stands; None where none ever did."""
    rows = Event.objects.reaching([worker.area_path]).filter(measures__contains=[Measure.POSTS])
    found = rows.select_related("department").order_by("-declared_at").first()
    return found.department if found else None


def worker_of(actor: Actor) -> Worker | None:
    """The actor as somebody who stands at posts; None: did not enlist, or left."""
    if actor.person_id is None:
        return None
    return Worker.objects.enlisted().filter(person=actor.person_id).select_related("person").first()

"""What a plan of shifts has to keep, pure: the solver, changes by hand and swaps are held to the same rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from zerotrip.workdays.calendar import CHINA

HOUR = timedelta(hours=1)
Stretch = tuple[datetime, datetime]
"""From when to when."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The district's rules for shifts."""

    rest: timedelta = timedelta(hours=10)
    night_from: int = 22
    night_to: int = 6


@dataclass(frozen=True, slots=True)
class Slot:
    """A turn of a day at a post that is to be staffed."""

    post: UUID
    starts_at: datetime
    ends_at: datetime
    people: int
    skills: tuple[str, ...] = ()

    @property
    def stretch(self) -> Stretch:
        """From when to when."""
        return self.starts_at, self.ends_at


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who may be given shifts, with what they wish and what they already have."""

    worker: UUID
    name: str
    skills: frozenset[str] = frozenset()
    volunteers: bool = False
    """Whether wishes bind; those of staff are kept where they can be."""
    weekdays: frozenset[int] = frozenset(range(7))
    no_nights: bool = False
    most_a_week: int = 5
    taken: tuple[Stretch, ...] = ()
    """Shifts of other plans, before, during and after."""


class Broken(StrEnum):
    """A rule a shift would break. The first cannot be set aside: the database refuses it."""

    OVERLAP = "overlap"
    SECOND = "second"
    REST = "rest"
    WEEK = "week"
    WEEKDAY = "weekday"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A turn that is not staffed as it should be, and why."""

    slot: Slot
    missing: int
    """People."""
    skills: tuple[str, ...]
    """Those nobody on it has."""
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of those who could fill it: the names by the rule that keeps each from it; ``free`` keeps them from nothing,
    ``full`` were the places not taken."""


def day_of(moment: datetime) -> date:
    """The day in China a shift that begins then belongs to."""
    return moment.astimezone(CHINA).date()


def is_night(stretch: Stretch, rules: Rules) -> bool:
    """Whether a shift touches the hours of the night."""
    start, end = stretch
    local = start.astimezone(CHINA)
    midnight = datetime.combine(local.date(), time(), CHINA)
    for days in (-1, 0, 1):
        base = midnight + timedelta(days=days)
        night = base + rules.night_from * HOUR, base + timedelta(days=1) + rules.night_to * HOUR
        if start < night[1] and night[0] < end:
            return True
    return False


def is_weekend(stretch: Stretch) -> bool:
    """Whether a shift begins on a Saturday or a Sunday."""
    return day_of(stretch[0]).weekday() >= 5


def slots_of(turns: Iterable[tuple[UUID, int, int, int, tuple[str, ...]]], first: date, last: date) -> list[Slot]:
    """The turns of each day: post, hour it starts, hours, people, skills; by time, then post."""
    each = list(turns)
    found = []
    for number in range((last - first).days + 1):
        midnight = datetime.combine(first + timedelta(days=number), time(), CHINA)
        for post, starts, hours, people, skills in each:
            begin = midnight + starts * HOUR
            found.append(Slot(post, begin, begin + hours * HOUR, people, skills))
    return sorted(found, key=lambda slot: (slot.starts_at, str(slot.post)))


def clash(one: Stretch, other: Stretch, rest: timedelta) -> Broken | None:
    """Which rule keeps one person from having both of two shifts."""
    if one[0] < other[1] and other[0] < one[1]:
        return Broken.OVERLAP
    if day_of(one[0]) == day_of(other[0]):
        return Broken.SECOND
    if one[0] < other[1] + rest and other[0] < one[1] + rest:
        return Broken.REST
    return None


def unwilling(hand: Hand, stretch: Stretch, rules: Rules) -> list[Broken]:
    """The wishes of somebody a shift goes against, whether or not they bind."""
    found = []
    if day_of(stretch[0]).weekday() not in hand.weekdays:
        found.append(Broken.WEEKDAY)
    if hand.no_nights and is_night(stretch, rules):
        found.append(Broken.NIGHT)
    return found


def broken(hand: Hand, stretch: Stretch, others: Iterable[Stretch], rules: Rules) -> list[Broken]:
    """The rules it would break to give somebody a shift beside those they have; none: it may be given."""
    theirs = [*hand.taken, *others]
    found = {clash(stretch, other, rules.rest) for other in theirs} - {None}
    week = day_of(stretch[0]).isocalendar()[:2]
    if sum(day_of(other[0]).isocalendar()[:2] == week for other in theirs) >= hand.most_a_week:
        found.add(Broken.WEEK)
    if hand.volunteers:
        found.update(unwilling(hand, stretch, rules))
    return [rule for rule in Broken if rule in found]


Given = Sequence[tuple[Slot, UUID]]
"""Who was given which turn."""


def short_of(
    slot: Slot, there: Collection[UUID], skilled: Mapping[UUID, Collection[str]]
) -> tuple[int, tuple[str, ...]]:
    """How many people a turn is short of with those who are there, and which skills none of them has."""
    had = {skill for worker in there for skill in skilled.get(worker, ())}
    return max(0, slot.people - len(there)), tuple(skill for skill in slot.skills if skill not in had)


def uncovered(slots: Sequence[Slot], hands: Sequence[Hand], given: Given, rules: Rules) -> list[Uncovered]:
    """Every turn that is not staffed as it should be, and what keeps each who could fill it from it."""
    on: dict[Slot, set[UUID]] = defaultdict(set)
    theirs: dict[UUID, list[Stretch]] = defaultdict(list)
    for slot, worker in given:
        on[slot].add(worker)
        theirs[worker].append(slot.stretch)
    skilled = {hand.worker: hand.skills for hand in hands}
    found = []
    for slot in slots:
        missing, lacking = short_of(slot, on[slot], skilled)
        if missing or lacking:
            asked = set(lacking)
            away = [hand for hand in hands if hand.worker not in on[slot]]
            could = [hand for hand in away if not asked or asked & hand.skills]
            found.append(Uncovered(slot, missing, lacking, _reasons(slot, could, theirs, missing, rules)))
    return found


def _reasons(
    slot: Slot, could: Iterable[Hand], theirs: Mapping[UUID, list[Stretch]], missing: int, rules: Rules
) -> dict[str, tuple[str, ...]]:
    names: dict[str, list[str]] = defaultdict(list)
    for hand in could:
        why = broken(hand, slot.stretch, theirs.get(hand.worker, ()), rules)
        names[why[0].value if why else "free" if missing else "full"].append(hand.name)
    return {why: tuple(sorted(named)) for why, named in names.items()}


def shares(hands: Sequence[Hand], given: Given, rules: Rules) -> dict[UUID, tuple[int, int, int]]:
    """Shifts, nights and weekends of each person in a plan."""
    all_, nights, weekends = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    for slot, worker in given:
        all_[worker] += 1
        nights[worker] += is_night(slot.stretch, rules)
        weekends[worker] += is_weekend(slot.stretch)
    return {hand.worker: (all_[hand.worker], nights[hand.worker], weekends[hand.worker]) for hand in hands}

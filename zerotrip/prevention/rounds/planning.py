"""Which grid goes to which point when, and what a round takes. Pure: people by grid, points, the pack's figures.

Where grids and points lie is known by area alone: a grid goes to the point with which it shares most of its path,
in its own grid, community or subdistrict, as long as one there has room for it; of several to the one that is least
busy. How far it is to walk is not known, so that people who know the place look it through.

Those of a grid do not come all at once: door by door, never a household apart, no more in one step than the windows
take and the queue has room for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from string import digits
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from zerotrip.prevention.screening.spec import PlanningSpec


Span = tuple[datetime, datetime]
WITHIN = 2
"""Levels above a grid, its community and its subdistrict, inside which people are sent to a point with room."""


@dataclass(frozen=True, slots=True)
class Door:
    """A household, a room, an employer's staff: people who come together. Without a name: whose door is unknown."""

    name: str
    people: int
    whole: bool = False
    """Known by its name alone, as an employer is: it stands in no row of doors."""


@dataclass(frozen=True, slots=True)
class Grid:
    """People of a grid who owe it, door by door."""

    area_path: str
    doors: Sequence[Door]

    @property
    def people(self) -> int:
        """How many they are."""
        return sum(door.people for door in self.doors)


@dataclass(frozen=True, slots=True)
class Stand:
    """A point: its windows, how many each takes an hour, its samplers, and the hours it is open in the round."""

    site: UUID
    area_path: str
    windows: int
    per_hour: int
    samplers: int | None
    """None: nobody said."""
    spans: Sequence[Span]

    @property
    def hours(self) -> float:
        """How long it is open in the round."""
        return sum(((ends - starts) for starts, ends in self.spans), timedelta()).total_seconds() / 3600

    def a_step(self, spec: PlanningSpec) -> int:
        """People asked to come at once: what the windows take in a step, and the queue has room for."""
        taken = self.windows * self.per_hour * spec.slot_minutes // 60
        return max(1, min(taken, spec.queue_room))

    def room(self, spec: PlanningSpec) -> int:
        """People it may be given: what it gets through, its samplers manage, and the guide allows a point."""
        through = int(self.hours * 60 / spec.slot_minutes) * self.a_step(spec)
        by_samplers = through if self.samplers is None else self.samplers * spec.people_per_sampler
        return min(through, by_samplers, spec.people_per_point)


@dataclass(frozen=True, slots=True)
class Step:
    """Those who are asked to come at one time: from a door to a door, and some by name."""

    starts: datetime
    first: str
    last: str
    people: int
    named: tuple[str, ...] = ()
    """Employers; empty for those whose door is unknown."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A grid comes to a point."""

    area_path: str
    site: UUID
    steps: tuple[Step, ...]
    ends: datetime

    @property
    def starts(self) -> datetime:
        """When the first of it come."""
        return self.steps[0].starts

    @property
    def people(self) -> int:
        """How many they are."""
        return sum(step.people for step in self.steps)


@dataclass(frozen=True, slots=True)
class Needs:
    """What so many people take."""

    people: int
    points: int
    samplers: int
    registrars: int
    keepers: int


def needs(people: int, spec: PlanningSpec) -> Needs:
    """What a round, or one point, takes by the pack's figures; each number is rounded up."""
    samplers = ceil(people / spec.people_per_sampler)
    return Needs(
        people=people,
        points=ceil(people / spec.people_per_point),
        samplers=samplers,
        registrars=ceil(samplers * spec.registrars_per_sampler),
        keepers=ceil(samplers * spec.keepers_per_sampler),
    )


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a point is short of for those who are sent to it."""

    windows: int
    samplers: int
    late: bool
    """Whether the last come after its hours are over."""
    crowded: bool
    """Whether more are sent to it than the guide allows one point."""

    def __bool__(self) -> bool:
        return bool(self.windows or self.samplers or self.late or self.crowded)


def lacking(stand: Stand, people: int, ends: datetime, spec: PlanningSpec) -> Lacking:
    """What a point is short of when so many come and the last leave at ``ends``.

    Windows and samplers follow rules of their own, so many an hour and so many a sampler, and need not agree.
    """
    windows = ceil(people / (stand.per_hour * stand.hours)) if stand.hours else 0
    return Lacking(
        windows=max(0, windows - stand.windows),
        samplers=max(0, ceil(people / spec.people_per_sampler) - (stand.samplers or 0)),
        late=not stand.spans or ends > stand.spans[-1][1],
        crowded=people > spec.people_per_point,
    )


def propose(grids: Sequence[Grid], stands: Sequence[Stand], spec: PlanningSpec) -> list[Slot]:
    """A slot for each grid in which somebody owes it, one after the other at each point, in the order of its paths.

    What does not fit into the hours of a point goes on after the last: it is to be seen that windows are missing.
    Without a point that is open there is nothing to propose.
    """
    found: list[Slot] = []
    for stand, mine in _spread(grids, [stand for stand in stands if stand.spans], spec):
        clock = _Clock(stand.spans, spec.slot_minutes)
        for grid in sorted(mine, key=lambda each: each.area_path):
            groups = _groups(grid.doors, stand.a_step(spec))
            times = clock.next(len(groups))
            steps = tuple(_step(at, group) for at, group in zip(times, groups, strict=True))
            found.append(Slot(grid.area_path, stand.site, steps, times[-1] + clock.step))
    return sorted(found, key=lambda slot: slot.area_path)


def _spread(grids: Sequence[Grid], stands: Sequence[Stand], spec: PlanningSpec) -> list[tuple[Stand, list[Grid]]]:
    """The grids of each point; the largest choose first, so that the load evens out."""
    if not stands:
        return []
    given: dict[UUID, list[Grid]] = defaultdict(list)
    load: dict[UUID, int] = defaultdict(int)
    room = {stand.site: stand.room(spec) for stand in stands}
    inside: dict[str, list[Stand]] = defaultdict(list)
    for stand in stands:
        for area in _areas(stand.area_path):
            inside[area].append(stand)

    def busy(stand: Stand) -> tuple[float, str]:
        return load[stand.site] / max(1, room[stand.site]), str(stand.site)

    for grid in sorted(grids, key=lambda each: (-each.people, each.area_path)):
        if not grid.people:
            continue
        areas = _areas(grid.area_path)
        roomy = (
            [one for one in inside[area] if load[one.site] + grid.people <= room[one.site]]
            for area in areas[: WITHIN + 1]
        )
        near = (inside[area] for area in areas)
        choice = next(filter(None, roomy), None) or next(filter(None, near), stands)
        best = min(choice, key=busy)
        given[best.site].append(grid)
        load[best.site] += grid.people
    return [(stand, given[stand.site]) for stand in stands]


def _areas(path: str) -> list[str]:
    """An area and those around it, the smallest first."""
    codes = path.strip("/").split("/")
    return ["/".join(codes[:count]) for count in range(len(codes), 0, -1)]


def _shared(one: str, other: str) -> int:
    """How many areas two paths begin with in common."""
    count = 0
    for left, right in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


def is_away(grid: str, point: str) -> bool:
    """Whether people of a grid are sent out of their subdistrict."""
    return _shared(grid, point) < len(grid.strip("/").split("/")) - WITHIN


def _step(starts: datetime, group: Sequence[Door]) -> Step:
    row = [door.name for door in group if door.name and not door.whole] or [""]
    named = tuple(door.name for door in group if door.whole or not door.name)
    return Step(starts, row[0], row[-1], sum(door.people for door in group), named)


def _groups(doors: Sequence[Door], most: int) -> list[list[Door]]:
    """The doors in their order, so many people together. Only more people than that behind one door are parted."""
    found: list[list[Door]] = [[]]
    free = most
    there = [door for door in doors if door.people]
    for door in sorted(there, key=lambda each: (not each.name, each.whole, natural(each.name))):
        parts = door.people > most or not door.name
        left = door.people
        while left:
            if free == 0 or (not parts and left > free):
                found.append([])
                free = most
            taken = min(left, free)
            found[-1].append(replace(door, people=taken))
            left, free = left - taken, free - taken
    return found


def natural(door: str) -> list[tuple[bool, int, str]]:
    """The order of doors: 2-101 before 10-101."""
    parts = re.findall(r"[0-9]+|[^0-9]+", door)
    return [(False, int(part), "") if part[0] in digits else (True, 0, part) for part in parts]


def retimed(steps: Sequence[Step], starts: datetime, ends: datetime) -> list[Step]:
    """The same, spread evenly over another time."""
    each = (ends - starts) / max(1, len(steps))
    return [replace(step, starts=starts + each * place) for place, step in enumerate(steps)]


def step_of(steps: Sequence[Step], door: str) -> Step | None:
    """When a door is asked to come; None: it is not said."""
    row = (step for step in steps if step.last and natural(door) <= natural(step.last))
    return next(row, None) if door else None


class _Clock:
    """The time of a point, given away from its first hour on."""

    def __init__(self, spans: Sequence[Span], minutes: int) -> None:
        self.spans, self.step, self.place = spans, timedelta(minutes=minutes), 0
        self.now = spans[0][0]

    def next(self, count: int) -> list[datetime]:
        """When the next so many steps begin: on one day if they fit into one. What fits into none goes on after."""
        takes = self.step * count
        starts, ends = self.spans[self.place]
        if self.now + takes > ends and self.now != starts and self._fits_later(takes):
            self._go_on()
        found = []
        for _number in range(count):
            if self.now + self.step > self.spans[self.place][1] and self.now != self.spans[self.place][0]:
                self._go_on()
            found.append(self.now)
            self.now += self.step
        return found

    def _fits_later(self, takes: timedelta) -> bool:
        return any(starts + takes <= ends for starts, ends in self.spans[self.place + 1 :])

    def _go_on(self) -> None:
        if self.place + 1 < len(self.spans):
            self.place += 1
            self.now = self.spans[self.place][0]

"""Which grid goes to which point when, and what a round takes. Pure: people by grid, points, the pack's figures.

Where grids and points lie is known by area alone: a grid goes to the point with which it shares most of its path,
in its own grid, community or subdistrict; of several to the one that is least busy. How far it is to walk is not
known, so that people who know the place look it through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from zerotrip.prevention.screening.spec import PlanningSpec


@dataclass(frozen=True, slots=True)
class Grid:
    """People of a grid who owe it."""

    area_path: str
    people: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A point, and how many it takes an hour."""

    site: UUID
    area_path: str
    an_hour: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A grid comes to a point."""

    area_path: str
    site: UUID
    people: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Needs:
    """What so many people take within so many hours."""

    people: int
    points: int
    windows: int
    samplers: int
    registrars: int
    keepers: int


def needs(people: int, hours: float, spec: PlanningSpec) -> Needs:
    """What a round, or one point, takes by the pack's figures; each number is rounded up.

    Windows and samplers follow rules of their own, so many an hour and so many a sampler, and need not agree.
    """
    samplers = ceil(people / spec.people_per_sampler)
    return Needs(
        people=people,
        points=ceil(people / spec.people_per_point),
        windows=ceil(people / (spec.people_per_window_hour * hours)) if hours > 0 else 0,
        samplers=samplers,
        registrars=ceil(samplers * spec.registrars_per_sampler),
        keepers=ceil(samplers * spec.keepers_per_sampler),
    )


def propose(
    grids: Sequence[Grid],
    stands: Sequence[Stand],
    spans: Sequence[tuple[datetime, datetime]],
    spec: PlanningSpec,
) -> list[Slot]:
    """A slot for each grid in which somebody owes it, one after the other at each point, in the order of its paths.

    ``spans`` are the hours of each day. What does not fit into them goes on after the last: it is to be seen that
    windows are missing. Without points or hours there is nothing to propose.
    """
    if not stands or not spans:
        return []
    found: list[Slot] = []
    for stand, mine in _spread(grids, stands):
        clock = _Clock(spans, spec.slot_minutes)
        for grid in sorted(mine, key=lambda each: each.area_path):
            starts, ends = clock.next(grid.people / stand.an_hour)
            found.append(Slot(grid.area_path, stand.site, grid.people, starts, ends))
    return sorted(found, key=lambda slot: slot.area_path)


def _spread(grids: Sequence[Grid], stands: Sequence[Stand]) -> list[tuple[Stand, list[Grid]]]:
    """The grids of each point; the largest choose first, so that the load evens out."""
    given: dict[UUID, list[Grid]] = defaultdict(list)
    load: dict[UUID, float] = defaultdict(float)
    for grid in sorted(grids, key=lambda each: (-each.people, each.area_path)):
        if not grid.people:
            continue
        best = min(
            stands, key=lambda each: (-_shared(grid.area_path, each.area_path), load[each.site], str(each.site))
        )
        given[best.site].append(grid)
        load[best.site] += grid.people / best.an_hour
    return [(stand, given[stand.site]) for stand in stands]


def _shared(one: str, other: str) -> int:
    """How many areas two paths begin with in common."""
    count = 0
    for left, right in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


class _Clock:
    """The time of a point, given away from its first hour on."""

    def __init__(self, spans: Sequence[tuple[datetime, datetime]], minutes: int) -> None:
        self.spans, self.step, self.place = spans, timedelta(minutes=minutes), 0
        self.now = spans[0][0]

    def next(self, hours: float) -> tuple[datetime, datetime]:
        """The next so many hours, in whole steps; not over the end of a day, unless that is shorter."""
        takes = self.step * max(1, ceil(timedelta(hours=hours) / self.step))
        fits = self.now + takes <= self.spans[self.place][1] or self.now == self.spans[self.place][0]
        if not fits and self.place + 1 < len(self.spans):
            self.place += 1
            self.now = self.spans[self.place][0]
        starts = self.now
        self.now += takes
        return starts, self.now

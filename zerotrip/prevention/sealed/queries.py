"""Reads over sealed areas: who is behind the doors, what is owed today, what was brought and what was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zerotrip.duties import editions
from zerotrip.duties.models import Due, Report, Window
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.sources import duty_of
from zerotrip.parties.paths import around
from zerotrip.prevention.models import DoorRequest, Wanted
from zerotrip.prevention.sealed.doors import Where, enrolled, names_of
from zerotrip.prevention.sealed.rules import MEASURE
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from zerotrip.prevention.models import SealedArea, Site

MOST = 500
ON_SHEETS = {
    "medicine-run": (Wanted.MEDICINE,),
    "waste-run": (),
}
"""What doors ask for that stands on the sheet of a run, by its name; on any other: all but medicine."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Those on rosters of the places that are sealed."""

    households: int
    persons: int


def behind(sealed: SealedArea, at: datetime) -> Behind:
    """How many people and doors are behind the seal today, by the rosters. One statement."""
    rows = enrolled(sealed, on=at.astimezone(CHINA).date())
    persons = rows.aggregate(n=Count("person", distinct=True))["n"]
    doors = rows.exclude(household="").values("area_path", "site", "household").distinct().count()
    return Behind(doors, persons)


@dataclass(frozen=True, slots=True)
class Stop:
    """A collection point on a run: done or not, by whose word."""

    site: Site
    due: Due | None
    report: Report | None

    @property
    def is_done(self) -> bool:
        """Whether it was served."""
        return self.due is not None and self.due.kept_at is not None

    @property
    def is_owed(self) -> bool:
        """Whether it is to be served, or was."""
        return self.due is not None and (self.due.released_at is None or self.is_done)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of today: its window and its stops."""

    window: Window
    stops: tuple[Stop, ...]
    is_over: bool

    @property
    def name(self) -> str:
        """The standing duty it belongs to."""
        return editions.name_of(self.window.requirement)

    @property
    def owed(self) -> int:
        """Stops to be served."""
        return sum(stop.is_owed for stop in self.stops)

    @property
    def done(self) -> int:
        """Stops that were served."""
        return sum(stop.is_done for stop in self.stops)

    @property
    def missed(self) -> tuple[Stop, ...]:
        """Stops that were not served in time."""
        return tuple(stop for stop in self.stops if stop.is_owed and not stop.is_done) if self.is_over else ()


def runs(sealed: SealedArea, *, at: datetime, back: timedelta = timedelta()) -> list[Run]:
    """The runs of today that have begun, each with the collection points of the area. Three statements.

    With ``back``, those of the day it was so long ago, too.
    """
    begins = datetime.combine((at - back).astimezone(CHINA).date(), time(), CHINA)
    duties = [row.pk for row in editions.standing(SORT) if spec_of(row).measure == MEASURE]
    windows = list(
        Window.objects.filter(
            Q(area_path__startswith=sealed.area_path) | Q(area_path__in=around(sealed.area_path)),
            requirement__in=duties,
            starts__lt=begins + timedelta(days=1) + back,
            ends__gt=begins,
        )
        .select_related("requirement")
        .order_by("starts", "pk")[:MOST]
    )
    points = list(sealed.points.select_related("owner").order_by("name", "pk"))
    dues = _dues(windows, [point.pk for point in points])
    reports = _reports(windows, [point.pk for point in points])
    found = []
    for window in windows:
        stops = tuple(
            Stop(point, dues.get((window.pk, point.pk)), _latest(reports, window, point.pk)) for point in points
        )
        if any(stop.due is not None for stop in stops):
            found.append(Run(window, stops, window.ends <= at))
    return found


def _dues(windows: Sequence[Window], points: Sequence[UUID]) -> dict[tuple[int, UUID], Due]:
    days = {window.day for window in windows}
    rows = Due.objects.filter(day__in=days, window__in=[window.pk for window in windows], subject__in=points)
    return {(due.window_id, due.subject): due for due in rows}


def _reports(windows: Sequence[Window], points: Sequence[UUID]) -> list[Report]:
    if not windows:
        return []
    rows = Report.objects.filter(
        duty__in={duty_of(window.requirement) for window in windows},
        subject__in=points,
        at__gte=min(window.starts for window in windows),
        at__lt=max(window.ends for window in windows),
    )
    return list(rows.select_related("by__person").order_by("at", "id"))


def _latest(reports: Sequence[Report], window: Window, point: UUID) -> Report | None:
    duty = duty_of(window.requirement)
    mine = [each for each in reports if each.subject == point and each.duty == duty]
    return next((each for each in reversed(mine) if window.starts <= each.at < window.ends), None)


def asked(sealed: SealedArea, run: str = "") -> list[DoorRequest]:
    """What doors still wait for, grid by grid and door by door; of a run only what goes with it."""
    rows = DoorRequest.objects.open().filter(sealed=sealed).order_by("area_path", "site__name", "door", "at", "id")
    kinds = ON_SHEETS.get(run, tuple(kind for kind in Wanted if kind != Wanted.MEDICINE)) if run else tuple(Wanted)
    found = list(rows.filter(kind__in=kinds)[:MOST])
    names = names_of({Where(row.area_path, row.site_id) for row in found})
    for row in found:
        row.where = names[Where(row.area_path, row.site_id)]
    return found

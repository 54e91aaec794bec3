"""Who owes what and has not: now or at any past moment, by area, duty, place or name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import StrIndex, Substr

from zerotrip.duties.models import Due, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from zerotrip.duties.models import DueQuerySet
    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far something owed by many has come. ``asked`` = ``kept`` + ``excused`` + ``missing``, always."""

    key: Any
    """The area, or whatever was grouped by."""
    asked: int
    kept: int
    excused: int
    """Released with a reason."""
    missing: int

    @property
    def owed(self) -> int:
        """Those who are not excused."""
        return self.asked - self.excused

    @property
    def percent(self) -> int:
        """How many of a hundred that are owed were kept, rounded down; where nothing is owed, all of them."""
        return self.kept * 100 // self.owed if self.owed else 100


def coverage(
    window: Window, actor: Actor, *, at: datetime, area_path: str = "", below: bool = True
) -> list[Coverage]:
    """Of a window, the coverage of each area right below one; with ``below`` false, of each grid.

    One statement over the dues of the window. What is over at ``at`` is told as it was then.
    """
    by: Combinable = F("area_path")
    if below:
        cut = len(area_path or window.area_path) + 1
        by = Substr("area_path", 1, Value(cut - 1) + StrIndex(Substr("area_path", cut), Value("/")))
    return _counted(owed_in([window], actor, at=at, area_path=area_path), by, at)


def by_place(window: Window, actor: Actor, *, at: datetime, area_path: str = "", most: int = 50) -> list[Coverage]:
    """Of a window, the coverage of each site or employer through which people owe it, the most missing first."""
    rows = owed_in([window], actor, at=at, area_path=area_path).exclude(place=None)
    return sorted(_counted(rows, F("place"), at), key=lambda row: (-row.missing, -row.asked))[:most]


def total(window: Window, actor: Actor, *, at: datetime, area_path: str = "") -> Coverage:
    """The coverage of a window as a whole, as far as one may see it."""
    rows = owed_in([window], actor, at=at, area_path=area_path)
    return next(iter(_counted(rows, Value(""), at)), Coverage("", 0, 0, 0, 0))


def of_windows(windows: Sequence[Window], actor: Actor, *, at: datetime) -> dict[int, Coverage]:
    """The coverage of several windows by their keys, as far as one may see it. One statement."""
    return {row.key: row for row in _counted(owed_in(windows, actor, at=at), F("window_id"), at)}


def by_window_and_area(
    windows: Sequence[Window], actor: Actor, *, at: datetime, area_path: str = ""
) -> dict[int, list[Coverage]]:
    """Of several windows by their keys the coverage of each place down to its grid. One statement."""
    rows = _tallied(owed_in(windows, actor, at=at, area_path=area_path), "window_id", "area_path", at=at)
    found: dict[int, list[Coverage]] = {}
    for row in rows:
        found.setdefault(row["window_id"], []).append(_told(row["area_path"], row))
    return found


def by_day(first: date, last: date, actor: Actor, *, at: datetime, area_path: str = "") -> list[Coverage]:
    """Of everything whose window began on each of some days the coverage, as far as one may see it. Two statements.

    What is over at ``at`` is told as it was then.
    """
    windows = list(Window.objects.visible_to(actor).filter(day__range=(first, last)))
    rows = owed_in(windows, actor, at=at, area_path=area_path)
    return [_told(row["day"], row) for row in _tallied(rows, "day", at=at)]


def missing(window: Window, actor: Actor, *, at: datetime, area_path: str = "") -> DueQuerySet:
    """Those who owed something in a window at a moment and had not done it."""
    return owed_in([window], actor, at=at, area_path=area_path).missing(at).order_by("area_path", "subject")


def under_way(rows: DueQuerySet, *, at: datetime) -> DueQuerySet:
    """Of some dues those that can be done now, with their windows, what ends first, first."""
    now = Window.objects.open().around(at)
    return (
        rows.filter(day__in=now.values("day"), window__in=now.values("pk"), released_at=None)
        .select_related("window__requirement")
        .order_by("window__ends", "window", "subject")
    )


def owed_in(windows: Sequence[Window], actor: Actor, *, at: datetime, area_path: str = "") -> DueQuerySet:
    """What was owed in some windows at a moment, as far as one may see it."""
    days, keys = {window.day for window in windows}, [window.pk for window in windows]
    rows = Due.objects.filter(day__in=days, window__in=keys, since__lte=at)
    if not all(any(window.area_path.startswith(seat.area_path) for seat in actor.seats) for window in windows):
        rows = rows.visible_to(actor)  # whoever works over the whole area sees every row of it
    if not all(window.area_path.startswith(area_path) for window in windows):
        rows = rows.filter(area_path__startswith=area_path)
    return rows


def _counted(rows: DueQuerySet, by: Combinable, at: datetime) -> list[Coverage]:
    return [_told(row["key"], row) for row in _tallied(rows.annotate(key=by), "key", at=at)]


def _tallied(rows: DueQuerySet, *by: str, at: datetime) -> QuerySet[Any, dict[str, Any]]:
    excused = Q(released_at__lte=at) & (Q(kept_at=None) | Q(kept_at__gt=at))
    found: QuerySet[Any, dict[str, Any]] = (
        rows.values(*by)
        .annotate(asked=Count("subject"), kept=Count("subject", filter=Q(kept_at__lte=at)))
        .annotate(excused=Count("subject", filter=excused))
        .order_by(*by)
    )
    return found


def _told(key: Any, row: Mapping[str, Any]) -> Coverage:
    asked, kept, out = row["asked"], row["kept"], row["excused"]
    return Coverage(key, asked, kept, out, asked - kept - out)

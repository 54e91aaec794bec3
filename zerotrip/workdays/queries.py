"""The calendar of an area, kept in each process and read anew when its stamp moves."""

from __future__ import annotations

import threading
import time as clock
from datetime import time

from zerotrip.workdays.calendar import OFFICE_HOURS, Hours, SpecialDay, WorkCalendar
from zerotrip.workdays.models import CalendarDay, CalendarStamp, CalendarYear, OfficeHours

LOOK_AFTER = 1.0
"""Seconds for which a process trusts its calendars before it looks at the stamp again.

A step costs no query for the calendar then; a holiday notice reaches every process within a second,
and the recomputation of running clocks that follows it covers steps taken in between.
"""


class _Shelf:
    """The calendars of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calendars: dict[str, WorkCalendar] = {}
        self.stamp = -1
        self.looked = float("-inf")

    def fresh(self) -> dict[str, WorkCalendar]:
        """The calendars of the present stamp. A change leaves this dictionary behind for a new one, so that
        a calendar read before the change and put down after it is put down where nobody looks.
        """
        now = clock.monotonic()
        if now - self.looked < LOOK_AFTER:
            return self.calendars
        stamp = CalendarStamp.objects.values_list("changes", flat=True).first() or 0
        with self.lock:
            if stamp != self.stamp:
                self.calendars, self.stamp = {}, stamp
            self.looked = now
            return self.calendars

    def forget(self) -> None:
        with self.lock:
            self.calendars, self.stamp, self.looked = {}, -1, float("-inf")


_shelf = _Shelf()


def forget_calendars() -> None:
    """Read the calendars anew in this process."""
    _shelf.forget()


def calendar_for(area_path: str) -> WorkCalendar:
    """The work calendar of an area: everywhere's days, then those of each area around it."""
    calendars = _shelf.fresh()
    calendar = calendars.get(area_path)
    if calendar is None:
        calendar = calendars[area_path] = _build(area_path)
    return calendar


def _build(area_path: str) -> WorkCalendar:
    around = _around(area_path)
    days = sorted(CalendarDay.objects.filter(area_path__in=around), key=lambda day: len(day.area_path))
    hours = OfficeHours.objects.filter(area_path__in=around)
    nearest = max(hours, key=lambda row: len(row.area_path), default=None)
    return WorkCalendar(
        special={day.date: SpecialDay(day.working, day.name) for day in days},
        official_years=frozenset(CalendarYear.objects.filter(official=True).values_list("year", flat=True)),
        office_hours=_hours(nearest.hours) if nearest else OFFICE_HOURS,
    )


def _around(area_path: str) -> list[str]:
    """The path and the paths around it: ``/a/b/`` → ``""``, ``/a/``, ``/a/b/``."""
    parts = [part for part in area_path.split("/") if part]
    return ["", *("/" + "/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1))]


def _hours(written: list[list[str]]) -> Hours:
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in written)

"""Which moments are working time. Pure: a calendar is built from rows and never changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""All of mainland China keeps one time, without summer time since 1992."""

FIRST_YEAR, LAST_YEAR = 2004, 2060
"""Years a calendar answers for; years without rows are plain weeks and provisional."""

OFFICE_HOURS = ((time(8, 30), time(12)), (time(13, 30), time(17)))
"""Office hours unless a district declares its own."""

Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not as its weekday says."""

    working: bool
    name: str


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and office hours of one district."""

    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    official_years: frozenset[int] = frozenset()
    office_hours: Hours = OFFICE_HOURS

    def is_working(self, day: date) -> bool:
        """Whether offices are open on ``day``."""
        special = self.special.get(day)
        return day.weekday() < 5 if special is None else special.working

    def is_provisional(self, day: date) -> bool:
        """Whether the State Council's notice for the year of ``day`` is not in yet."""
        return day.year not in self.official_years

    def hours(self, day: date) -> Hours:
        """The office hours of ``day``; none when it is not worked."""
        return self.office_hours if self.is_working(day) else ()

    def closes(self, day: date) -> datetime:
        """The close of office hours on ``day``."""
        return datetime.combine(day, self.office_hours[-1][1], CHINA)

    @cached_property
    def minutes_a_day(self) -> int:
        """Working minutes of a working day."""
        return sum(_minutes(end) - _minutes(start) for start, end in self.office_hours)

    @cached_property
    def working_days(self) -> list[int]:
        """The ordinals of all working days, ascending."""
        first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
        return [number for number in range(first, last + 1) if self.is_working(date.fromordinal(number))]

    def next_working_day(self, day: date) -> date:
        """``day`` itself if it is worked, else the next one that is."""
        return date.fromordinal(self.working_days[bisect_left(self.working_days, day.toordinal())])

    def working_day_after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        index = bisect_right(self.working_days, day.toordinal()) + count - 1
        return date.fromordinal(self.working_days[index])

    def next_working_moment(self, moment: datetime) -> datetime:
        """``moment`` itself in office hours, else when offices next open."""
        local = moment.astimezone(CHINA)
        if self.is_working(local.date()):
            for start, end in self.office_hours:
                if local.time() < end:
                    opens = datetime.combine(local.date(), start, CHINA)
                    return max(opens, local)
        return datetime.combine(self.working_day_after(local.date(), 1), self.office_hours[0][0], CHINA)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def working_time_between(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Office hours between two moments; negative when ``end`` is the earlier."""
    if end < start:
        return -working_time_between(end, start, calendar)
    first, last = start.astimezone(CHINA), end.astimezone(CHINA)
    days = calendar.working_days
    begin = bisect_left(days, first.date().toordinal())
    whole = bisect_right(days, last.date().toordinal()) - begin
    worked = timedelta(minutes=whole * calendar.minutes_a_day)
    if calendar.is_working(first.date()):
        worked -= _worked_until(first, calendar)
    if calendar.is_working(last.date()):
        worked -= timedelta(minutes=calendar.minutes_a_day) - _worked_until(last, calendar)
    return worked


def _worked_until(moment: datetime, calendar: WorkCalendar) -> timedelta:
    """Office hours of the day of ``moment`` up to it."""
    spent = timedelta()
    for start, end in calendar.office_hours:
        opens = datetime.combine(moment.date(), start, CHINA)
        closes = datetime.combine(moment.date(), end, CHINA)
        spent += max(timedelta(), min(moment, closes) - opens)
    return spent

"""Which moments are working time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workdays.reference import CALENDAR, MINUTE, calendars, in_office_hours, moments, opens_at
from zerotrip.workdays.calendar import CHINA, working_time_between


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2022, 4, 24), True),
        (date(2022, 5, 7), True),
        (date(2025, 1, 26), True),
        (date(2026, 2, 14), True),
        (date(2022, 5, 4), False),
        (date(2026, 2, 23), False),
        *((date(2025, 10, day), False) for day in range(1, 9)),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),
        (date(2025, 10, 12), False),
        *((date(2026, 10, day), False) for day in range(1, 8)),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 1, 4), True),
    ],
)
def test_days_of_the_notices(day, working):
    assert CALENDAR.is_working(day) is working
    assert bool(CALENDAR.hours(day)) is working


@given(moments, calendars)
def test_work_goes_on_when_offices_next_open(moment, calendar):
    assert calendar.next_working_moment(moment) == opens_at(moment, calendar)


@given(moments, st.integers(0, 12 * 24 * 60), calendars)
def test_working_time_is_the_minutes_in_office_hours(start, minutes, calendar):
    counted = sum(in_office_hours(start + MINUTE * number, calendar) for number in range(minutes))
    end = start + MINUTE * minutes
    assert working_time_between(start, end, calendar) == MINUTE * counted
    assert working_time_between(end, start, calendar) == -MINUTE * counted


@given(moments, moments, moments, calendars)
def test_working_time_adds_up(one, two, three, calendar):
    first, middle, last = sorted([one, two, three])
    parts = working_time_between(first, middle, calendar) + working_time_between(middle, last, calendar)
    assert parts == working_time_between(first, last, calendar)


def test_seconds_are_working_time_too():
    start = datetime(2026, 11, 23, 11, 59, 30, tzinfo=CHINA)
    assert working_time_between(start, start + timedelta(hours=3), CALENDAR) == timedelta(hours=1, minutes=30)


@given(st.dates(date(2005, 1, 1), date(2040, 1, 1)), st.integers(1, 300))
def test_a_count_of_working_days_is_of_days_worked(day, count):
    end = CALENDAR.working_day_after(day, count)
    days = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(CALENDAR.is_working, days)) == count
    assert CALENDAR.is_working(end)

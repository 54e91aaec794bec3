"""When windows begin and end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.duties.standing.roster import spec
from zerotrip.duties.standing.schedule import span_at
from zerotrip.workdays.calendar import CHINA, WorkCalendar

SINCE = date(2026, 3, 3)
EVERY_DAY = WorkCalendar()


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


def test_a_day_is_from_midnight_to_midnight_in_china():
    span = span_at(spec(), moment(5, 23, 59), since=SINCE, calendar=EVERY_DAY)
    assert (span.starts, span.ends) == (moment(5, 0), moment(6, 0))


def test_twice_a_day_is_two_windows_with_nothing_between():
    twice = spec(times=[{"start": "08:00", "end": "12:00"}, {"start": "14:00", "end": "24:00"}])
    assert span_at(twice, moment(5, 8), since=SINCE, calendar=EVERY_DAY).ends == moment(5, 12)
    assert span_at(twice, moment(5, 12), since=SINCE, calendar=EVERY_DAY) is None
    assert span_at(twice, moment(5, 23, 59), since=SINCE, calendar=EVERY_DAY).ends == moment(6, 0)


def test_days_off_are_no_days_of_a_duty_of_working_days():
    assert span_at(spec(working_days=True), moment(7, 9), since=SINCE, calendar=EVERY_DAY) is None
    assert span_at(spec(working_days=True), moment(9, 9), since=SINCE, calendar=EVERY_DAY) is not None


def test_what_is_opened_by_hand_opens_never_by_itself():
    assert span_at(spec(by_hand=True), moment(5, 9), since=SINCE, calendar=EVERY_DAY) is None


@given(st.integers(1, 14), st.integers(-3, 60), st.integers(0, 24 * 60 - 1))
def test_windows_of_several_days_follow_each_other_without_a_gap(days, after, minute):
    at = datetime(2026, 3, 3, tzinfo=CHINA) + timedelta(days=after, minutes=minute)
    span = span_at(spec(days=days), at, since=SINCE, calendar=EVERY_DAY)
    if after < 0:
        assert span is None
        return
    assert span.starts <= at < span.ends
    assert span.ends - span.starts == timedelta(days=days)
    assert (span.starts.date() - SINCE).days % days == 0


@pytest.mark.parametrize(
    "given",
    [
        {"times": [{"start": "12:00", "end": "08:00"}]},
        {"times": [{"start": "08:00", "end": "12:00"}], "days": 2},
        {"spacing": {}},
        {"spacing": {"hours": 24, "distinct_days": True}},
        {"spacing": {"distinct_days": True}, "records": 3, "days": 2},
        {"by_hand": True, "working_days": True},
        {"sections": [], "photos": 0},
        {"act": "sample", "photos": 1},
        {"records": 0},
        {"sections": [], "photos": 1, "keeps": ["agent"]},
    ],
)
def test_what_contradicts_itself_is_no_duty(given):
    with pytest.raises(ValidationError):
        spec(**given)

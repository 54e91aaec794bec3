"""When limits end: the fast count against the slow one, laws it keeps, and days known from real life."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.workdays.reference import CALENDAR, amounts, calendars, moments, pauses, slow_due, units
from zerotrip.workdays.calendar import CHINA, WorkCalendar
from zerotrip.workdays.limits import Extension, Pause, Unit, due


def china(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


def ends(start, amount, unit, calendar=CALENDAR, given=()):
    return due(start=start, amount=amount, unit=unit, calendar=calendar, pauses=given).at


@given(moments, amounts, units, calendars, pauses)
def test_the_fast_count_is_the_slow_one(start, amount, unit, calendar, given):
    assert ends(start, amount, unit, calendar, given) == slow_due(start, amount, unit, calendar, given)


@given(moments, moments, amounts, units, calendars, pauses)
def test_who_comes_later_is_due_no_earlier(one, other, amount, unit, calendar, given):
    early, late = sorted([one, other])
    assert ends(early, amount, unit, calendar, given) <= ends(late, amount, unit, calendar, given)


@given(moments, amounts, amounts, units, calendars, pauses)
def test_a_longer_limit_ends_no_earlier(start, one, other, unit, calendar, given):
    """On the spot aside: that is by the close of the day, a fraction of a day may end before."""
    short, long = sorted([one, other])
    assume(short or unit is not Unit.WORKING_DAYS)
    assert ends(start, short, unit, calendar, given) <= ends(start, long, unit, calendar, given)


@given(moments, amounts, units, calendars, pauses)
def test_limits_end_in_office_hours_of_a_working_day(start, amount, unit, calendar, given):
    end = ends(start, amount, unit, calendar, given)
    assert any(opens <= end.time() <= closes for opens, closes in calendar.hours(end.date()))


@given(moments, amounts, units, calendars, pauses, pauses)
def test_another_pause_never_brings_the_end_nearer(start, amount, unit, calendar, given, more):
    assert ends(start, amount, unit, calendar, given) <= ends(start, amount, unit, calendar, given + more)


@given(moments, amounts, units, calendars, moments, st.integers(2, 9000), st.data())
def test_overlapping_pauses_count_once(start, amount, unit, calendar, begin, minutes, data):
    whole = Pause(begin, begin + timedelta(minutes=minutes), "公示")
    cut = begin + timedelta(minutes=data.draw(st.integers(1, minutes - 1)))
    back = begin + timedelta(minutes=data.draw(st.integers(0, (cut - begin) // timedelta(minutes=1))))
    parts = [Pause(back, whole.end, "检测"), Pause(begin, cut, "公示"), Pause(begin, cut, "公示")]
    assert ends(start, amount, unit, calendar, [whole]) == ends(start, amount, unit, calendar, parts)


@given(moments, amounts, units, calendars, pauses)
def test_the_time_zone_a_moment_is_told_in_changes_nothing(start, amount, unit, calendar, given):
    told = [Pause(pause.start.astimezone(UTC), pause.end.astimezone(UTC), "") for pause in given]
    assert ends(start.astimezone(UTC), amount, unit, calendar, told) == ends(start, amount, unit, calendar, given)


@given(moments, amounts, units, calendars, pauses, moments)
def test_a_lasting_pause_leaves_no_end_unless_the_limit_was_over(start, amount, unit, calendar, given, began):
    closed = ends(start, amount, unit, calendar, given)
    lasting = ends(start, amount, unit, calendar, [*given, Pause(began, None, "听证")])
    assert lasting == (closed if began >= closed else None)


@given(moments, st.integers(1, 25), units, calendars, pauses, st.integers(0, 9000))
def test_a_pause_after_the_end_changes_nothing(start, amount, unit, calendar, given, minutes):
    end = ends(start, amount, unit, calendar, given)
    late = Pause(end, end + timedelta(minutes=minutes), "专家评审")
    assert ends(start, amount, unit, calendar, [*given, late]) == end


@given(moments, amounts, units, calendars, pauses)
def test_every_end_can_be_explained(start, amount, unit, calendar, given):
    lines = due(start=start, amount=amount, unit=unit, calendar=calendar, pauses=given).lines
    assert lines[0].code == "start"
    assert sum(line.code == "end" for line in lines) == 1
    assert sum(line.code == "pause" for line in lines) == len(given)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        pytest.param((2026, 11, 23, 9), 1, (2026, 11, 24, 17), id="the day of the event is not counted"),
        pytest.param((2026, 11, 23, 9), 0, (2026, 11, 23, 17), id="on the spot"),
        pytest.param((2022, 4, 22, 9), 1, (2022, 4, 24, 17), id="a worked Sunday"),
        pytest.param((2022, 4, 29, 9), 3, (2022, 5, 7, 17), id="a worked Saturday after Labour Day"),
        pytest.param((2025, 9, 30, 9), 2, (2025, 10, 10, 17), id="National Day 2025"),
        pytest.param((2026, 9, 30, 9), 5, (2026, 10, 13, 17), id="National Day 2026"),
        pytest.param((2026, 2, 13, 9), 2, (2026, 2, 24, 17), id="Spring Festival 2026"),
        pytest.param((2025, 12, 30, 9), 4, (2026, 1, 6, 17), id="over the turn of the year"),
        pytest.param((2026, 11, 20, 17), 1, (2026, 11, 24, 17), id="after hours counts from Monday"),
        pytest.param((2026, 11, 20, 16, 59), 1, (2026, 11, 23, 17), id="a minute before hours end"),
        pytest.param((2026, 11, 23, 9), 0.5, (2026, 11, 23, 14), id="half a day from nine"),
        pytest.param((2026, 11, 20, 16), 0.5, (2026, 11, 23, 11), id="half a day over a weekend"),
        pytest.param((2026, 11, 23, 9), 1.5, (2026, 11, 25, 12), id="a day and a half"),
    ],
)
def test_working_days_of_real_life(start, amount, end):
    assert ends(china(*start), amount, Unit.WORKING_DAYS) == china(*end)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        pytest.param((2026, 9, 20, 9), 10, (2026, 9, 30, 17), id="an ordinary last day"),
        pytest.param((2026, 9, 21, 9), 12, (2026, 10, 8, 17), id="a holiday moves it"),
        pytest.param((2022, 5, 1, 9), 6, (2022, 5, 7, 17), id="a worked Saturday does not"),
        pytest.param((2026, 11, 21, 22), 2, (2026, 11, 23, 17), id="days begin at midnight, not with offices"),
        pytest.param((2026, 11, 23, 9), 0.5, (2026, 11, 24, 17), id="a part of a day is a day"),
    ],
)
def test_calendar_days_of_real_life(start, amount, end):
    assert ends(china(*start), amount, Unit.CALENDAR_DAYS) == china(*end)


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        pytest.param(((2026, 11, 24, 9), (2026, 11, 24, 9, 1)), (2026, 11, 26), id="a minute costs its day"),
        pytest.param(((2026, 11, 24, 9), (2026, 11, 25, 0)), (2026, 11, 26), id="midnight ends the day before"),
        pytest.param(((2026, 11, 24, 17), (2026, 11, 25, 0)), (2026, 11, 25), id="nobody works at night"),
        pytest.param(((2026, 11, 23, 10), (2026, 11, 23, 16)), (2026, 11, 25), id="the first day is not counted"),
        pytest.param(((2026, 11, 24, 10), (2026, 12, 1, 10)), (2026, 12, 3), id="a week"),
    ],
)
def test_pauses_of_two_working_days(pause, end):
    begin, finish = (china(*moment) for moment in pause)
    given = [Pause(begin, finish, "公示")]
    assert ends(china(2026, 11, 23, 9), 2, Unit.WORKING_DAYS, given=given) == china(*end, 17)


@pytest.mark.parametrize(
    ("amount", "unit", "end"),
    [
        pytest.param(0, Unit.WORKING_DAYS, (2026, 11, 26, 17), id="on the spot, once work goes on"),
        pytest.param(0, Unit.CALENDAR_DAYS, (2026, 11, 26, 17), id="on the spot by the calendar"),
        pytest.param(2, Unit.CALENDAR_DAYS, (2026, 11, 27, 17), id="days paused are not counted"),
    ],
)
def test_a_pause_from_the_first_minute(amount, unit, end):
    given = [Pause(china(2026, 11, 23, 9), china(2026, 11, 25, 10), "公示")]
    assert ends(china(2026, 11, 23, 9), amount, unit, given=given) == china(*end)


def test_a_last_day_moved_past_a_holiday_is_not_a_paused_one():
    given = [Pause(china(2026, 10, 8, 9), china(2026, 10, 8, 10), "公示")]
    assert ends(china(2026, 9, 21, 9), 12, Unit.CALENDAR_DAYS, given=given) == china(2026, 10, 9, 17)


def test_a_lasting_pause_from_the_very_end_comes_too_late():
    end = ends(china(2026, 11, 23, 9), 2, Unit.WORKING_DAYS)
    assert ends(china(2026, 11, 23, 9), 2, Unit.WORKING_DAYS, given=[Pause(end, None, "听证")]) == end
    sooner = [Pause(end - timedelta(minutes=1), None, "听证")]
    assert ends(china(2026, 11, 23, 9), 2, Unit.WORKING_DAYS, given=sooner) is None


def test_hours_pause_to_the_minute():
    given = [Pause(china(2026, 11, 23, 9, 10), china(2026, 11, 23, 9, 35), "视频勘验")]
    assert ends(china(2026, 11, 23, 9), 1, Unit.WORKING_HOURS, given=given) == china(2026, 11, 23, 10, 25)


@pytest.mark.parametrize(
    ("start", "provisional"),
    [((2026, 12, 1), False), ((2026, 12, 30), True), ((2021, 12, 31), True), ((2027, 3, 1), True)],
)
def test_an_end_is_provisional_when_it_touches_a_year_without_notice(start, provisional):
    limit = due(start=china(*start, 9), amount=5, unit=Unit.WORKING_DAYS, calendar=CALENDAR)
    assert limit.provisional is provisional
    assert any(line.code == "provisional" for line in limit.lines) is provisional


def test_a_limit_begins_at_an_aware_moment():
    with pytest.raises(ValueError, match="aware"):
        ends(datetime(2026, 11, 23, 9), 1, Unit.WORKING_DAYS)


@pytest.mark.parametrize("unit", Unit)
def test_no_limit_is_negative(unit):
    with pytest.raises(ValueError, match="negative"):
        ends(china(2026, 11, 23, 9), -1, unit)


def test_a_calendar_without_rows_is_plain_weeks():
    assert WorkCalendar().is_working(date(2026, 11, 23))
    assert not WorkCalendar().is_working(date(2026, 11, 22))
    assert WorkCalendar().is_provisional(date(2026, 11, 23))


@given(moments, st.integers(1, 20), st.integers(1, 10), units, calendars, pauses)
def test_an_extension_is_so_much_more_of_the_limit(start, amount, more, unit, calendar, given_pauses):
    extended = due(
        start=start,
        amount=amount,
        unit=unit,
        calendar=calendar,
        pauses=given_pauses,
        extensions=[Extension(start, more, "图纸复杂")],
    )
    assert extended.at == slow_due(start, amount + more, unit, calendar, given_pauses)
    assert any(line.code == "extended" for line in extended.lines)


@given(moments, amounts, units, calendars, pauses)
def test_yellow_comes_before_red(start, amount, unit, calendar, given_pauses):
    found = due(start=start, amount=amount, unit=unit, calendar=calendar, pauses=given_pauses)
    assert found.at is None or found.yellow <= found.at

"""The explanation of a deadline, line by line."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import translation

from zerotrip.workdays.calendar import CHINA, WorkCalendar
from zerotrip.workdays.holidays import days_of
from zerotrip.workdays.limits import Pause, Unit, due

CALENDAR = WorkCalendar(
    special={day: special for year in (2022, 2025, 2026) for day, special in days_of(year).items()},
    official_years=frozenset({2022, 2025, 2026}),
)


def china(month, day, hour=9, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


def told(start, amount, unit=Unit.WORKING_DAYS, given=()):
    lines = due(start=start, amount=amount, unit=unit, calendar=CALENDAR, pauses=given).lines
    return [(line.code, line.words, line.basis) for line in lines]


def test_labour_day_2026():
    assert told(china(4, 30), 4) == [
        ("start", "4 月 30 日 09:00 发生", ""),
        ("event-day", "4 月 30 日 当日不计", "民法典 201"),
        ("closed", "5 月 1 日至 5 日 劳动节，不计", "行政许可法 82"),
        ("make-up", "5 月 9 日 调休上班（劳动节），计入", ""),
        ("end", "满 4 个工作日，5 月 9 日 17:00 截止", "行政许可法 82"),
    ]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (china(4, 29, year=2022), "4 月 30 日至 5 月 4 日 劳动节，不计"),
        (china(1, 27, year=2025), "1 月 28 日至 2 月 4 日 春节，不计"),
        (china(9, 30, year=2025), "10 月 1 日至 8 日 国庆节、中秋节，不计"),
        (china(2, 14), "2 月 15 日至 23 日 春节，不计"),
        (china(9, 30), "10 月 1 日至 7 日 国庆节，不计"),
        (china(11, 20), "11 月 21 日至 22 日 周末，不计"),
    ],
)
def test_holidays_are_told_as_the_notices_tell_them(start, words):
    assert [line[1] for line in told(start, 1) if line[0] == "closed"] == [words]


def test_what_comes_in_after_hours():
    lines = told(china(11, 20, 17, 30), 1)
    assert lines[1] == ("opens", "不在办公时间，自 11 月 23 日 08:30 起算", "")
    assert lines[2] == ("event-day", "11 月 23 日 当日不计", "民法典 201")


def test_a_holiday_moves_a_last_calendar_day():
    assert told(china(9, 21), 12, Unit.CALENDAR_DAYS)[2:] == [
        ("moved", "期满日遇 10 月 3 日至 7 日 国庆节，顺延", "民法典 203"),
        ("end", "满 12 日，10 月 8 日 17:00 截止", "民法典 203"),
    ]


def test_nothing_moves_a_last_day_that_is_worked():
    """Monday after a weekend, which did not move it there."""
    assert [line[0] for line in told(china(11, 16), 7, Unit.CALENDAR_DAYS)] == ["start", "event-day", "end"]


def test_pauses_are_told_with_their_reasons():
    given = [
        Pause(china(11, 25), None, "听证"),
        Pause(china(11, 24), china(11, 24, 16), "公示"),
    ]
    assert told(china(11, 23), 2, given=given)[2:] == [
        ("pause", "11 月 24 日 09:00 至 11 月 24 日 16:00 暂停计时：公示", "行政许可法 45"),
        ("pause", "11 月 25 日 09:00 起暂停计时：听证", "行政许可法 45"),
    ]


def test_a_paused_make_up_day_is_not_said_to_count():
    given = [Pause(china(5, 9), china(5, 9, 10), "公示")]
    assert "make-up" not in [line[0] for line in told(china(4, 30), 4, given=given)]
    assert "make-up" in [line[0] for line in told(china(5, 8, 16), 5, Unit.WORKING_HOURS, given=given)]


def test_hours_have_no_day_that_is_not_counted():
    assert told(china(11, 23), 0.5) == [
        ("start", "11 月 23 日 09:00 发生", ""),
        ("end", "满 0.5 个工作日，11 月 23 日 14:00 截止", "行政许可法 82"),
    ]


def test_a_guess_is_called_a_guess():
    assert told(china(12, 31), 1)[-1][0] == "provisional"


def test_english_readers_get_english_days():
    limit = due(start=china(11, 23), amount=1, unit=Unit.WORKING_DAYS, calendar=CALENDAR)
    with translation.override("en"):
        assert limit.lines[-1].at == date(2026, 11, 24)
        assert "月" not in limit.lines[-1].words

"""The rules of time limits told again, slowly: minute by minute, day by day. And what to ask of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count, islice

import holidays
from hypothesis import strategies as st

from zerotrip.workdays.calendar import CHINA, SpecialDay, WorkCalendar
from zerotrip.workdays.limits import Pause, Unit

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEARS = range(2022, 2027)
WINDOW = datetime(2025, 12, 8, tzinfo=CHINA)
"""Two months around a turn of the year are where the properties look."""


def published() -> WorkCalendar:
    """The years 2022 to 2026 as the State Council announced them, straight from the package."""
    china = holidays.country_holidays("CN", years=YEARS, language="zh_CN")
    days = (date(2022, 1, 1) + DAY * n for n in range(1826))
    return WorkCalendar(
        special={
            day: SpecialDay(china.is_working_day(day), "假日")
            for day in days
            if china.is_working_day(day) != (day.weekday() < 5)
        },
        official_years=frozenset(YEARS),
    )


CALENDAR = published()

calendars = st.builds(
    WorkCalendar,
    special=st.dictionaries(
        st.dates(date(2025, 12, 8), date(2026, 2, 8)),
        st.builds(SpecialDay, working=st.booleans(), name=st.just("假日")),
        max_size=12,
    ),
    official_years=st.just(frozenset({2025})),
    office_hours=st.sampled_from(
        [
            ((time(8, 30), time(12)), (time(13, 30), time(17))),
            ((time(9), time(17)),),
            ((time(8, 15), time(11, 45)), (time(13), time(16)), (time(18), time(18, 30))),
        ]
    ),
)
moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: WINDOW + MINUTE * minutes)
units = st.sampled_from([unit for unit in Unit if unit is not Unit.HOURS])
"""Those that end with the office; hours round the clock know no office."""
amounts = st.one_of(st.integers(0, 25), st.sampled_from([0.25, 0.5, 1.5, 2.25]))
pauses = st.lists(
    st.builds(
        lambda start, minutes: Pause(start, start + MINUTE * minutes, "公示"), moments, st.integers(0, 7 * 24 * 60)
    ),
    max_size=4,
)


def opens_at(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The first minute in office hours from ``moment`` on."""
    while not in_office_hours(moment, calendar):
        moment += MINUTE
    return moment


def in_office_hours(moment: datetime, calendar: WorkCalendar) -> bool:
    return calendar.is_working(moment.date()) and any(
        start <= moment.time() < end for start, end in calendar.office_hours
    )


def is_paused(day: date, calendar: WorkCalendar, given: list[Pause]) -> bool:
    """Whether a pause has a part of ``day`` before its offices close."""
    begins, closes = datetime.combine(day, time(), CHINA), calendar.closes(day)
    return any(max(begins, pause.start) < min(closes, pause.end) for pause in given)


def working_minutes(start: datetime, calendar: WorkCalendar, given: list[Pause]):
    """The minutes of office hours from ``start`` on that no pause covers."""
    for number in count():
        minute = start + MINUTE * number
        if in_office_hours(minute, calendar) and not any(pause.start <= minute < pause.end for pause in given):
            yield minute


def after(minutes: float, start: datetime, calendar: WorkCalendar, given: list[Pause]) -> datetime:
    """The moment by which so many working minutes have passed."""
    whole = round(minutes)
    assert whole == minutes, "the reference counts whole minutes"
    return next(islice(working_minutes(start, calendar, given), max(whole - 1, 0), None)) + MINUTE * (whole > 0)


def same_number(first: date, months: int) -> date:
    """The day of the same number so many months on, or the last of a month that has none: day by day."""
    target = first.year * 12 + first.month + months
    for day in (first + DAY * n for n in count()):
        last = (day + DAY).month != day.month
        if day.year * 12 + day.month == target and (day.day == first.day or (last and day.day < first.day)):
            return day
    raise AssertionError


def slow_due(start: datetime, amount: float, unit: Unit, calendar: WorkCalendar, given: list[Pause]) -> datetime:
    """When the limit ends. Pauses have ends."""
    if unit is Unit.WORKING_HOURS:
        return after(amount * 60, opens_at(start, calendar), calendar, given)
    if unit is Unit.MONTHS:
        whole, part = divmod(amount, 1)
        ends = same_number(start.date(), int(whole))
        following = same_number(start.date(), int(whole) + 1)
        amount = (ends - start.date()).days + -int(-(following - ends).days * part // 1)
        unit = Unit.CALENDAR_DAYS
    if unit is Unit.CALENDAR_DAYS:
        first, counted = start.date(), lambda day: not is_paused(day, calendar, given)
    else:
        first = opens_at(start, calendar).date()
        counted = lambda day: calendar.is_working(day) and not is_paused(day, calendar, given)  # noqa: E731
    whole = -int(-amount // 1) if unit is Unit.CALENDAR_DAYS else int(amount)
    following = (first + DAY * n for n in count(1))
    days = [first, *islice(filter(counted, following), whole)]
    fraction = amount % 1 if unit is Unit.WORKING_DAYS else 0
    if fraction and not whole:
        return after(fraction * calendar.minutes_a_day, opens_at(start, calendar), calendar, given)
    ends = next(
        day
        for day in (days[-1] + DAY * n for n in count())
        if calendar.is_working(day) and not is_paused(day, calendar, given)
    )
    if fraction:
        return after(fraction * calendar.minutes_a_day, calendar.closes(ends), calendar, given)
    return calendar.closes(ends)

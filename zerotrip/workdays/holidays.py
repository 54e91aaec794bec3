"""The holidays of the State Council's notices, from the ``holidays`` package. No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zerotrip.workdays.calendar import SpecialDay

if TYPE_CHECKING:
    from holidays import HolidayBase

NOTICES = {
    2022: "国办发明电〔2021〕11号",
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}
"""Years whose notice of the General Office of the State Council is in the ``holidays`` package."""

REST_DAY = "休息日"
"""What the package calls a day off, or a worked weekend, that belongs to a holiday nearby."""

SATURDAY = 5

SHORTER = {"农历除夕": "春节"}
"""Holidays the notices count to another."""


def days_of(year: int) -> dict[date, SpecialDay]:
    """The days of a year that are not as their weekday says; a guess where there is no notice yet."""
    china = _china(year, year + 1)
    days: dict[date, SpecialDay] = {}
    for offset in range(400):  # into next January: New Year's Day names the end of a December
        day = date(year, 1, 1) + timedelta(days=offset)
        working = china.is_working_day(day)
        if working != (day.weekday() < 5) or day in china:
            days[day] = SpecialDay(working, "" if working else china.get(day, ""))
    return {day: special for day, special in _named(days).items() if day.year == year}


def statutory_days(year: int) -> dict[date, str]:
    """The days that are off whatever a notice says (《全国年节及纪念日放假办法》第二条), each with its holiday."""
    china = _china(year)
    return {day: _short(name) for day, name in sorted(china.items()) if "（" not in name}


def why_no_notice(year: int, *, off: Mapping[date, str], worked: Mapping[date, str]) -> Iterator[tuple[date, str]]:
    """Each day for which this cannot be the notice of a year, and why: a gap, or a make-up day that is none."""
    by_law = statutory_days(year)
    for day in sorted({*by_law, *off, *worked}):
        name = by_law.get(day, "")
        if day in off and day in worked:
            yield day, "both a day off and worked."
        elif day in worked and name:
            yield day, f"{name} is off by law and cannot be made up for work."
        elif day in worked and day.weekday() < SATURDAY:
            yield day, "worked anyway: a make-up day is a Saturday or a Sunday."
        elif name and day not in off and day.weekday() < SATURDAY:
            yield day, f"{name} is missing among the days off. Put the whole notice into the file."


def _china(*years: int) -> HolidayBase:
    from holidays import country_holidays  # slow to load: a start of the program works no year out

    return country_holidays("CN", years=years, language="zh_CN")


def _named(days: dict[date, SpecialDay]) -> dict[date, SpecialDay]:
    """Give days off without a name, and worked weekends, the name of the nearest holiday."""
    names = {day: _short(special.name) for day, special in days.items()}
    holidays_proper = [day for day, name in names.items() if name and not name.startswith(REST_DAY)]
    result: dict[date, SpecialDay] = {}
    for day, special in days.items():
        nearest = min(holidays_proper, key=lambda other: abs((other - day).days), default=day)
        name = names[day] if day in holidays_proper else names[nearest]
        result[day] = SpecialDay(special.working, name)
    return result


def _short(name: str) -> str:
    """``国庆节（休息日）`` and ``休息日（2022年10月8日换班）`` as plain names."""
    short = name.split("（", maxsplit=1)[0].split("(", maxsplit=1)[0].split(";", maxsplit=1)[0].strip()[:80]
    return SHORTER.get(short, short)

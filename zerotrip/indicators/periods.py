"""The months, quarters and years that figures are about. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _


class Frequency(StrEnum):
    """How often an indicator is reported."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def per_year(self) -> int:
        """How many periods a year has."""
        return _PER_YEAR[self]


_PER_YEAR = {Frequency.MONTH: 12, Frequency.QUARTER: 4, Frequency.YEAR: 1}


@dataclass(frozen=True, order=True)
class Period:
    """The ``number``-th month, quarter or year of a year, counted from 1."""

    year: int
    number: int
    frequency: Frequency

    @property
    def last_day(self) -> date:
        """The day it ends on."""
        month = self.number * (12 // self.frequency.per_year)
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def year_before(self) -> Period:
        """The same period of the year before."""
        return Period(self.year - 1, self.number, self.frequency)

    @property
    def before(self) -> Period | None:
        """The one before it in the same year; None for the first."""
        return Period(self.year, self.number - 1, self.frequency) if self.number > 1 else None

    @property
    def to_date(self) -> list[Period]:
        """Those of the year up to and with this one."""
        return [Period(self.year, number, self.frequency) for number in range(1, self.number + 1)]

    @property
    def share_of_year(self) -> tuple[int, int]:
        """How much of the year is over at its end, as a fraction (序时进度)."""
        return self.number, self.frequency.per_year

    @property
    def key(self) -> str:
        """How addresses and forms write it: ``2026-1``."""
        return f"{self.year}-{self.number}"

    def due(self, days: int) -> date:
        """The day by which it is to be reported: so many days after its end."""
        return self.last_day + timedelta(days=days)

    def name(self, *, cumulative: bool = False) -> str:
        """How people call it: ``2026 年一季度``, cumulated ``2026 年上半年``, ``2026 年 1—5 月``."""
        if self.frequency is Frequency.YEAR:
            return _("%(year)d 年") % {"year": self.year}
        words = self.short(cumulative=cumulative)
        return _("%(year)d 年%(part)s") % {"year": self.year, "part": words}

    def short(self, *, cumulative: bool = False) -> str:
        """Without the year."""
        if self.frequency is Frequency.YEAR:
            return _("全年")
        if self.frequency is Frequency.QUARTER:
            return _cumulated(self.number) if cumulative else _quarter(self.number)
        if cumulative and self.number > 1:
            return _(" 1—%(last)d 月") % {"last": self.number}
        return _(" %(number)d 月") % {"number": self.number}


def _quarter(number: int) -> str:
    return (_("一季度"), _("二季度"), _("三季度"), _("四季度"))[number - 1]


def _cumulated(number: int) -> str:
    return (_("一季度"), _("上半年"), _("前三季度"), _("全年"))[number - 1]


def period_of(text: str, frequency: Frequency) -> Period | None:
    """The period that ``2026-1`` means; None for what means none."""
    year, _dash, number = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (year, number)):
        return None
    period = Period(int(year), int(number), frequency)
    return period if valid(period) else None


def valid(period: Period) -> bool:
    """Whether there is such a period, in years figures can be of."""
    return EARLIEST <= period.year <= LATEST and 1 <= period.number <= period.frequency.per_year


EARLIEST, LATEST = 1949, 2199
"""Years figures can be of."""


def latest_over(day: date, frequency: Frequency) -> Period:
    """The last period that is over before ``day``."""
    months = 12 // frequency.per_year
    number = (day.month - 1) // months
    return Period(day.year, number, frequency) if number else Period(day.year - 1, frequency.per_year, frequency)


def back_from(period: Period, count: int) -> Iterator[Period]:
    """``count`` periods, this one first, back in time."""
    for _step in range(count):
        yield period
        period = period.before or Period(period.year - 1, period.frequency.per_year, period.frequency)

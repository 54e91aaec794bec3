"""The time a board is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Whole days, from ``since`` up to and without ``until``."""

    since: date
    until: date

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.until - DAY

    @property
    def months(self) -> tuple[date, date] | None:
        """The whole months inside, as their first days: from and until; None when there is none."""
        first, end = month_after(self.since - DAY), self.until.replace(day=1)
        return (first, end) if first < end else None

    @property
    def edges(self) -> list[tuple[date, date]]:
        """The days that are no whole month: before the first, after the last, or all of it."""
        months = self.months
        if months is None:
            return [(self.since, self.until)]
        return [(a, b) for a, b in ((self.since, months[0]), (months[1], self.until)) if a < b]

    @property
    def before(self) -> Period:
        """The period of the same kind before: as many months where it is whole months, else as many days."""
        if self.edges:
            return Period(self.since - (self.until - self.since), self.since)
        count = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month
        since = self.since
        for _month in range(count):
            since = (since - DAY).replace(day=1)
        return Period(since, self.since)


def month_after(day: date) -> date:
    """The first day of the month after the one of ``day``."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1)


def month_of(day: date) -> Period:
    """The month a day lies in."""
    return Period(day.replace(day=1), month_after(day))


def quarter_of(day: date) -> Period:
    """The quarter a day lies in."""
    since = date(day.year, day.month - (day.month - 1) % 3, 1)
    return Period(since, month_after(month_after(month_after(since))))

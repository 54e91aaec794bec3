"""The types of facts, and how a written value becomes a comparable one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from zerotrip.workdays.limits import months_after

Comparable = str | Decimal | date | bool | frozenset[str]
"""What comparisons work on."""

_TODAY = re.compile(r"today(?:([+-])([0-9]{1,5})(months?|years?|days?)?)?\Z")
_PERIOD = re.compile(r"(month|quarter|year)(?:([+-])([0-9]{1,3}))?\Z")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class FactKind(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SET = "set"
    TREE = "tree"
    """A place in a classification, such as an industry or an area, as a key that begins with those above it."""


NUMERIC = frozenset({FactKind.NUMBER, FactKind.MONEY})
ORDERED = NUMERIC | {FactKind.DATE}


LONGEST = 2_400
"""Months a rule may look back or ahead."""


@dataclass(frozen=True)
class FactType:
    """The type of a fact: its kind, its label for reasons, the values a choice or set may hold.

    ``key`` turns a code of a tree, as it is written, into its key: those inside a place have keys that begin
    with its own (``39`` → ``C39``, inside ``C``). It returns None for a code there is not.
    """

    kind: FactKind
    label: object = ""
    values: frozenset[str] | None = None
    unit: object = field(default="", compare=False)
    names: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What the values are called, for reasons."""
    key: Callable[[str], str | None] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Today:
    """A day relative to the day the rule is asked on."""

    days: int = 0
    months: int = 0
    of: int = 0
    """Counted from the first day of the calendar period of so many months that is under way; 0: from today."""

    def on(self, today: date) -> date:
        """The day meant, when asked on ``today``; a month that lacks the day gives its last (民法典 art. 202)."""
        start = date(today.year, (today.month - 1) // self.of * self.of + 1, 1) if self.of else today
        return months_after(start, self.months) + timedelta(days=self.days)


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year relative to the one under way on the day the rule is asked on."""

    months: int
    """Its length."""
    count: int = 0
    """0 is the one under way, -1 the one before."""

    @property
    def first(self) -> Today:
        """Its first day."""
        return Today(months=self.count * self.months, of=self.months)

    @property
    def last(self) -> Today:
        """Its last day."""
        return Today(days=-1, months=(self.count + 1) * self.months, of=self.months)


def read(kind: FactKind, value: object) -> Comparable | None:
    """``value`` as a comparable of ``kind``; None when it is unknown or unreadable."""
    if value is None or value == "":
        return None
    if kind in NUMERIC:
        return _number(value)
    if kind is FactKind.DATE:
        return _date(value)
    if kind is FactKind.BOOLEAN:
        return value if isinstance(value, bool) else None
    if kind is FactKind.SET:
        return _set(value)
    return value if isinstance(value, str) else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        # A float means the decimal it is written as; the others are exact as they are.
        number = Decimal(str(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _set(value: object) -> frozenset[str] | None:
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    return frozenset(value) if all(isinstance(item, str) for item in value) else None


def read_day(value: object) -> date | Today | None:
    """A written day: an ISO date, ``today``, ``today-30`` (calendar days), ``today-6months``, ``today+2years``."""
    match = _TODAY.match(value) if isinstance(value, str) else None
    if match is None:
        return _date(value)
    sign, amount, unit = match.groups()
    count = int(f"{sign}{amount}") if amount else 0
    months = _MONTHS.get((unit or "").rstrip("s"))
    if months and abs(count) > LONGEST // months:
        return None
    return Today(months=count * months) if months else Today(days=count)


def read_period(value: object) -> Period | None:
    """A written calendar period: ``year``, ``year-1``, ``quarter-1``, ``month+1``; None where it is none."""
    match = _PERIOD.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    unit, sign, amount = match.groups()
    months, count = _MONTHS[unit], int(f"{sign}{amount}") if amount else 0
    return Period(months, count) if abs(count) <= LONGEST // months else None

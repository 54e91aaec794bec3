"""The types of facts, and how a written value becomes a comparable one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

Comparable = str | Decimal | date | bool | frozenset[str]
"""What comparisons work on."""

_TODAY = re.compile(r"today(?:([+-])([0-9]{1,5}))?\Z")


class FactKind(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SET = "set"


NUMERIC = frozenset({FactKind.NUMBER, FactKind.MONEY})
ORDERED = NUMERIC | {FactKind.DATE}


@dataclass(frozen=True)
class FactType:
    """The type of a fact: its kind, its label for reasons, the values a choice or set may hold."""

    kind: FactKind
    label: str = ""
    values: frozenset[str] | None = None


@dataclass(frozen=True)
class Today:
    """A day relative to the day the rule is asked on."""

    days: int = 0

    def on(self, today: date) -> date:
        """The day meant, when asked on ``today``."""
        return today + timedelta(days=self.days)


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
    """A written day: an ISO date, ``today``, ``today-30`` or ``today+30`` (calendar days)."""
    match = _TODAY.match(value) if isinstance(value, str) else None
    if match is None:
        return _date(value)
    sign, days = match.groups()
    return Today(int(f"{sign}{days}") if days else 0)

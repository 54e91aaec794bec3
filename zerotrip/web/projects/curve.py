"""Money planned and spent so far, as two lines with their names on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerotrip.projects.queries import Money

WIDE, HIGH = 600, 160
TOP, LEFT, RIGHT = 14, 34, 124
"""Room above for the highest label, and at the right for the names of the lines."""


@dataclass(frozen=True)
class Curve:
    """Two lines, where each ends, and the months below."""

    planned: str
    done: str
    planned_end: tuple[int, int]
    done_end: tuple[int, int]
    months: list[tuple[int, str]]
    now: int | None


def curve_of(money: Money, *, today: date) -> Curve | None:
    """The curve of the money; None where there is nothing to draw: fewer than two months."""
    months = money.months
    if len(months) < 2:
        return None
    most = max(money.planned, money.done) or Decimal(1)
    step = Decimal(WIDE - LEFT - RIGHT) / (len(months) - 1)

    def point(number: int, amount: Decimal) -> tuple[int, int]:
        return round(LEFT + step * number), round(TOP + (HIGH - TOP) * (1 - amount / most))

    planned = [point(number, month.planned_so_far) for number, month in enumerate(months)]
    told = [number for number, month in enumerate(months) if month.done is not None]
    last = told[-1] if told else -1
    done = [point(number, month.done_so_far) for number, month in enumerate(months[: last + 1])]
    every = max(1, -(-len(months) // 5))
    marks = [(planned[n][0], f"{m.month.year % 100}-{m.month.month:02}") for n, m in enumerate(months)]
    now = next((planned[n][0] for n, m in enumerate(months) if m.month == today.replace(day=1)), None)
    return Curve(
        planned=_line(planned),
        done=_line(done),
        planned_end=planned[-1],
        done_end=_apart(done[-1], planned[-1]) if done else (0, 0),
        months=marks[::every],
        now=now,
    )


def _line(points: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _apart(end: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Where a line's name stands: not over that of the other."""
    if abs(end[0] - other[0]) > RIGHT or abs(end[1] - other[1]) >= 16:
        return end
    return end[0], other[1] + 16

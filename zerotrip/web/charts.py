"""Charts as SVG, drawn on the server: they need no script, print, follow the theme and are read aloud.

A chart is a picture beside a table that says the same; lines carry their names at their ends instead of a
legend. See docs/decisions/0029.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

WIDE, NARROW = (720, 250), (340, 230)
"""The two sizes a chart is drawn in, for a desk and for a phone: letters are as large on both."""
TOP, BOTTOM, LEFT = 22, 26, 46
LINE_APART = 16
"""Of two names at the ends of lines, at least."""


@dataclass(frozen=True)
class Series:
    """One line: its name, a value or a gap for each place, and whether it is what the chart is about."""

    name: str
    values: tuple[Decimal | None, ...]
    strong: bool = False


@dataclass(frozen=True)
class Dot:
    """A value on a line; its text stands above it, or not at all."""

    x: float
    y: float
    text: str = ""


@dataclass(frozen=True)
class Line:
    """A line as it is drawn: unbroken stretches, dots, and its name at the end."""

    name: str
    strong: bool
    stretches: tuple[str, ...]
    dots: tuple[Dot, ...]
    end_x: float
    end_y: float


@dataclass(frozen=True)
class LineChart:
    """Everything a template draws. Lengths are in units of the picture."""

    width: int
    height: int
    left: int
    right: float
    floor: float
    grid: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def lines(
    labels: Sequence[str], series: Sequence[Series], *, shown: Callable[[Decimal], str]
) -> dict[str, LineChart]:
    """A chart of lines over the same places in both sizes, as ``wide`` and ``narrow``."""
    return {
        "wide": _drawn(labels, series, shown, *WIDE),
        "narrow": _drawn(labels, series, shown, *NARROW),
    }


def _drawn(
    labels: Sequence[str], series: Sequence[Series], shown: Callable[[Decimal], str], width: int, height: int
) -> LineChart:
    low, high, step = scale([value for one in series for value in one.values if value is not None])
    room = max((_length(one.name) for one in series), default=0) + 14
    right, bottom = float(width - room), float(height - BOTTOM)
    each = (right - LEFT - 24) / max(1, len(labels) - 1)

    def across(place: int) -> float:
        return round(LEFT + 12 + place * each, 1)

    def up(value: Decimal) -> float:
        return round(bottom - float((value - low) / (high - low)) * (bottom - TOP), 1)

    steps = int((high - low) / step)
    grid = tuple((up(low + step * number), f"{(low + step * number).normalize():f}") for number in range(steps + 1))
    narrow = width < WIDE[0] and len(labels) > 6
    ticks = tuple((across(place), text) for place, text in enumerate(labels) if not narrow or place % 2 == 0)
    drawn = [_line(one, across, up, shown) for one in series]
    ends = _apart([line.end_y for line in drawn])
    placed = tuple(
        Line(line.name, line.strong, line.stretches, line.dots, line.end_x, end)
        for line, end in zip(drawn, ends, strict=True)
    )
    return LineChart(width, height, LEFT, right, bottom, grid, ticks, placed)


def _line(
    one: Series, across: Callable[[int], float], up: Callable[[Decimal], float], shown: Callable[[Decimal], str]
) -> Line:
    stretches: list[list[str]] = [[]]
    dots: list[Dot] = []
    for place, value in enumerate(one.values):
        if value is None:
            stretches.append([])
            continue
        x, y = across(place), up(value)
        stretches[-1].append(f"{x},{y}")
        dots.append(Dot(x, y, shown(value) if one.strong else ""))
    drawn = tuple(" ".join(points) for points in stretches if len(points) > 1)
    end = dots[-1] if dots else Dot(across(0), up(Decimal(0)))
    whole = bool(one.values) and one.values[-1] is not None
    # The name of a line that has ended early stands below its last dot, or above the value where there is no room.
    under = 20 if end.y + 24 < up(Decimal(0)) else -26
    beside, below = (8, 4) if whole else (0, under)
    return Line(one.name if dots else "", one.strong, drawn, tuple(dots), end.x + beside, end.y + below)


def _apart(ends: list[float]) -> list[float]:
    """The heights of names at line ends, moved so that none stands on another."""
    placed = list(ends)
    last: float | None = None
    for number in sorted(range(len(ends)), key=lambda number: ends[number]):
        if last is not None and placed[number] - last < LINE_APART:
            placed[number] = round(last + LINE_APART, 1)
        last = placed[number]
    return placed


def scale(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """From where to where an axis goes, nought included, and the step between its lines."""
    low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
    if low == high:
        return Decimal(0), Decimal(1), Decimal(1)
    rough = float(high - low) / 4
    power = Decimal(10) ** floor(log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if float(power * size) >= rough * 0.999)
    return _floor(low, step), -_floor(-high, step), step


def _floor(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(rounding="ROUND_FLOOR") * step


def _length(text: str) -> int:
    """About how wide a text of 12 is: Han letters are as wide as they are high."""
    return sum(12 if ord(letter) > 0x2E80 else 7 for letter in text)


def shares(values: Sequence[Decimal | None]) -> list[int]:
    """How long bars are, in hundredths of the longest; what is below nought has none."""
    most = max((value for value in values if value is not None), default=Decimal(0))
    if most <= 0:
        return [0 for _value in values]
    return [max(0, round(value / most * 100)) if value is not None else 0 for value in values]


def shades(values: Sequence[Decimal | None], steps: int = 4) -> list[int]:
    """How dark tiles are, from 1 for the least to ``steps``; 0 without a value. By rank: one large does not
    leave all others alike."""
    known = sorted({value for value in values if value is not None})
    if len(known) == 1:
        return [0 if value is None else steps for value in values]
    return [0 if value is None else 1 + known.index(value) * (steps - 1) // (len(known) - 1) for value in values]

"""What a figure is, and how it is measured and printed."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.place import machine


@dataclass(frozen=True)
class Figure:
    """One measured quantity. ``more`` holds ratios, aims and counts that belong to it."""

    figure: str
    median: float
    unit: str
    min: float
    max: float
    repeats: int
    sizes: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The figure as one line of JSON."""
        told = asdict(self)
        more = told.pop("more")
        rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in told.items()}
        return json.dumps({**rounded, "machine": machine(), **more}, ensure_ascii=False)


def figure(
    name: str, values: Sequence[float], unit: str, *, sizes: dict[str, Any] | None = None, **more: Any
) -> Figure:
    """The figure of repeated measurements."""
    middle = statistics.median(values)
    return Figure(name, middle, unit, min(values), max(values), len(values), sizes or {}, more)


def timed(repeats: int, what: Callable[[], object], *, warm: int = 2) -> list[float]:
    """Milliseconds of each of ``repeats`` calls, after a few that do not count."""
    for _ in range(warm):
        what()
    found = []
    for _ in range(repeats):
        begun = time.perf_counter()
        what()
        found.append((time.perf_counter() - begun) * 1000)
    return found

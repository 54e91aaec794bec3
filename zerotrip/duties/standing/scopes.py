"""Where something stands: told at start-up by whoever knows of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something stands, and since which day."""

    area_path: str
    since: date


Scopes = Callable[[str, datetime], Iterable[Scope]]
"""Where a measure is in force at a moment: areas of which none lies in another."""

_scopes: list[Scopes] = []
_measures: set[str] = set()


def register(scopes: Scopes, measures: Iterable[str]) -> None:
    """Say where measures are in force, and which there are: once, by whoever knows of events."""
    if scopes not in _scopes:
        _scopes.append(scopes)
    _measures.update(measures)


def measures() -> frozenset[str]:
    """The measures there are."""
    return frozenset(_measures)


def of(measure: str | None, at: datetime) -> list[Scope]:
    """Where a measure is in force at a moment; None: wherever anything is."""
    return [scope for scopes in _scopes for scope in scopes(measure or "", at)]

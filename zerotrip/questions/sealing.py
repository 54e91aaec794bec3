"""Answers as they may be stored: identity numbers sealed, nothing the database refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from zerotrip.questions import kinds
from zerotrip.questions.fields import Kind

if TYPE_CHECKING:
    from zerotrip.questions.form import Field

DEEPEST = 6
"""Levels of an answer: a row of a group holds an address, and nothing goes deeper."""
LONGEST_NUMBER = 1000
"""Bits of a whole number that may be kept."""

_REFUSED = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any, depth: int = DEEPEST) -> Any:
    """``value`` without what PostgreSQL's jsonb refuses: NUL, lone surrogates, infinities, bottomless depth."""
    if isinstance(value, str):
        return _REFUSED.sub("\ufffd", value)
    if isinstance(value, dict):
        if not depth:
            return None
        return {storable(str(key)): storable(part, depth - 1) for key, part in value.items()}
    if isinstance(value, list):
        return [storable(part, depth - 1) for part in value] if depth else None
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int):
        return value if value.bit_length() <= LONGEST_NUMBER else None
    return None


@dataclass(frozen=True)
class Keeper:
    """Puts identity numbers away: ``seal`` so that they can be read again, ``mask`` to show."""

    seal: Callable[[str], str]
    mask: Callable[[str], str]

    def protect(self, item: Field, value: Any, before: Any) -> Any:
        """The answer with every whole identity number in it sealed."""
        if item.kind is Kind.GROUP and isinstance(value, list):
            return self._rows(item, value, before if isinstance(before, list) else [])
        return self._number(item, value, [before]) if item.kind is Kind.IDENTITY_NUMBER else value

    def _rows(self, item: Field, rows: list[Any], before: list[Any]) -> list[Any]:
        return [
            {
                part.id: self._number(part, row.get(part.id), _earlier(part.id, before, number, len(rows)))
                if part.kind is Kind.IDENTITY_NUMBER
                else row.get(part.id)
                for part in item.fields
            }
            if isinstance(row, Mapping)
            else row
            for number, row in enumerate(rows)
        ]

    def _number(self, item: Field, value: Any, before: list[Any]) -> Any:
        kept = [old for old in before if kinds.is_protected(old)]
        if not isinstance(value, str):
            return value if value in kept else None
        same = [old for old in kept if old["masked"] == value.strip()]
        if len(same) == 1:
            return same[0]
        try:
            number = kinds.clean(item.spec, value, today=None)
        except kinds.Bad:
            return value
        return {"masked": self.mask(number), "sealed": self.seal(number)}


def _earlier(name: str, before: list[Any], number: int, count: int) -> list[Any]:
    """The numbers a row's mask may stand for: its own unless rows have gone, else any row's.

    Two people can have the same mask. When rows have gone and a mask fits two numbers, it stands for
    neither and the number is asked for again.
    """
    old = [row.get(name) if isinstance(row, Mapping) else None for row in before]
    return old[number : number + 1] if count >= len(old) else old

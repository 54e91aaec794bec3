"""Values that are published for everybody, by day and division: the loan prime rate, the minimum wage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from zerotrip.facts.trees import area_key

if TYPE_CHECKING:
    from zerotrip.facts.spec import Announced


@dataclass(frozen=True)
class Reading:
    """What a published value is on a day, or why it cannot be told."""

    value: Decimal | bool | None = None
    source: str = ""
    since: date | None = None
    until: date | None = None
    """The last day this reading holds, if it does not hold for ever."""
    stale: bool = False
    """There was a value, and nobody has said that it holds still."""
    placeless: bool = False
    """It differs by division, and where the party is is not known."""


def read(values: Sequence[Announced], day: date, place: str, *, fresh: int | None) -> Reading:
    """The value of ``day`` at ``place``, a key of a division: of the narrowest division there is one for.

    Values of one division follow one another; before its first, that of the wider one holds. One that has ended,
    or is the last and was not confirmed for more than ``fresh`` days, is not guessed to go on.
    """
    if not place and any(each.within for each in values):
        return Reading(placeless=True)
    around = _around(values, place)
    coming = min((each.since - timedelta(days=1) for _width, each in around if each.since > day), default=None)
    begun = [(width, each) for width, each in around if each.since <= day]
    if not begun:
        return Reading(until=coming)
    here, current = max(begun, key=lambda pair: (pair[0], pair[1].since))
    # One that is followed by another held until then: only the last one can go stale.
    last = not any(width == here and each.since > day for width, each in around)
    fresh_until = _fresh_until(current, fresh) if last else None
    ends = [end for end in (current.until, fresh_until) if end is not None]
    if any(end < day for end in ends):
        return Reading(source=current.source, since=current.since, until=coming, stale=True)
    until = min([*ends, *([coming] if coming else [])], default=None)
    return Reading(current.value, current.source, current.since, until)


def _fresh_until(value: Announced, fresh: int | None) -> date | None:
    return (value.confirmed or value.since) + timedelta(days=fresh) if fresh is not None else None


def _around(values: Iterable[Announced], place: str) -> list[tuple[int, Announced]]:
    """Those of divisions around ``place``, each with how narrow its division is."""
    found = []
    for each in values:
        widths = [len(key) for code in each.within if (key := area_key(code)) and place.startswith(key)]
        if widths or not each.within:
            found.append((max(widths, default=0), each))
    return found

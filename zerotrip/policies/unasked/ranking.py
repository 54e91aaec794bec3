"""Where places or money are limited: in which order, and how far they reach. Pure.

Whoever comes first by the declared facts is first. The list ends where the next does not fit: nobody further
down is taken in their place, and of those who are level there either all are taken or none, as nothing says who
goes before.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from zerotrip.policies.spec import Limited, Rank

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Standing(Generic[Key]):
    """Somebody who is to have a sum, and where they stand."""

    key: Key
    amount: Decimal
    order: tuple[Any, ...] | None
    """Compared, the least first; None where it cannot be told."""


@dataclass(frozen=True)
class Room:
    """What is left: None where it is not limited."""

    places: int | None
    money: Decimal | None

    def lacks(self, places: int, money: Decimal) -> str:
        """What so many people with so much money do not fit into: ``places``, ``budget``; empty where they do."""
        if self.places is not None and places > self.places:
            return "places"
        return "budget" if self.money is not None and money > self.money else ""

    def less(self, places: int, money: Decimal) -> Room:
        """What is left when these are taken."""
        return Room(
            None if self.places is None else self.places - places,
            None if self.money is None else self.money - money,
        )


@dataclass(frozen=True)
class Ranked(Generic[Key]):
    """Where somebody stands, and whether it reached them."""

    key: Key
    rank: int
    """Counted from 1; shared by those who are level."""
    lacks: str = ""
    """``places`` or ``budget`` where it did not; ``order`` where nobody can tell where they stand."""
    level: int = 0
    """Where it ended with those who are level: how many these are."""


def order_of(values: Mapping[str, Any], ranks: Iterable[Rank]) -> tuple[Any, ...] | None:
    """Where facts as they are kept put somebody; None where one is not known."""
    found: list[Any] = []
    for rank in ranks:
        value = values.get(rank.fact)
        if value is None:
            return None
        if rank.first in ("earliest", "latest"):
            days = date.fromisoformat(value).toordinal()
            found.append(days if rank.first == "earliest" else -days)
        else:
            number = Decimal(value)
            found.append(number if rank.first == "lowest" else -number)
    return tuple(found)


def ranked(people: Iterable[Standing[Key]], room: Room) -> Iterator[Ranked[Key]]:
    """Everybody in order, and whom places and money reach."""
    people = list(people)
    known = sorted((one for one in people if one.order is not None), key=_order)
    rank, ended = 1, ""
    for _same, group in groupby(known, key=_order):
        level = list(group)
        money = sum((one.amount for one in level), Decimal(0))
        lacks = ended or room.lacks(len(level), money)
        tied = len(level) if lacks and not ended and not room.lacks(1, min(one.amount for one in level)) else 0
        if not lacks:
            room = room.less(len(level), money)
        yield from (Ranked(one.key, rank, lacks, tied if tied > 1 else 0) for one in level)
        rank, ended = rank + len(level), lacks
    yield from (Ranked(one.key, rank, "order") for one in people if one.order is None)


def _order(one: Standing[Any]) -> tuple[Any, ...]:
    return one.order or ()


def room_of(limited: Limited, *, places: int, money: Decimal) -> Room:
    """What is left of a limit of which so many places and so much money are used."""
    return Room(
        None if limited.places is None else limited.places - places,
        None if limited.budget is None else limited.budget - money,
    )

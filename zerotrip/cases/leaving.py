"""What else of somebody who leaves goes to their successor, beside the work of cases.

The apps above register theirs at start-up, as outcomes do; ``actions.hand_over`` calls each, after the work.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import User


class Hand(Protocol):
    """Hands over what one kind of thing somebody has; one transaction, and pressing again does the rest."""

    def __call__(self, leaver: User, *, to: Actor, by: Actor, at: datetime) -> object: ...


_hands: dict[str, Hand] = {}


def register(name: str, hand: Hand) -> None:
    """Add a kind of thing that is handed over."""
    _hands[name] = hand


def hand_over(leaver: User, *, to: Actor, by: Actor, at: datetime) -> None:
    """Hand over all of it."""
    for hand in _hands.values():
        hand(leaver, to=to, by=by, at=at)

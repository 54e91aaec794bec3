"""Every write to the ledger of goods."""

from __future__ import annotations

from zerotrip.prevention.lots.actions.confirming import confirm
from zerotrip.prevention.lots.actions.holding import Where, place_at
from zerotrip.prevention.lots.actions.moving import (
    count,
    destroy,
    give_back,
    join,
    move,
    sell,
    split,
    use,
)
from zerotrip.prevention.lots.actions.papers import certify, disinfected, reveal
from zerotrip.prevention.lots.actions.recalling import lift, recall
from zerotrip.prevention.lots.actions.receiving import Arrived, receive
from zerotrip.prevention.lots.actions.steps import Carried, Stamp
from zerotrip.prevention.lots.actions.supplying import ask, close, deliver, set_level

__all__ = [
    "Arrived",
    "Carried",
    "Stamp",
    "Where",
    "ask",
    "certify",
    "close",
    "confirm",
    "count",
    "deliver",
    "destroy",
    "disinfected",
    "give_back",
    "join",
    "lift",
    "move",
    "place_at",
    "recall",
    "receive",
    "reveal",
    "sell",
    "set_level",
    "split",
    "use",
]

"""Every write to indicators: declared by packs, entered by form or file, aimed at."""

from __future__ import annotations

from zerotrip.indicators.actions.declaring import declare, declared
from zerotrip.indicators.actions.importing import confirm, drop, hand_in, look_through, purge, take
from zerotrip.indicators.actions.recording import Aimed, Entered, aim, record

__all__ = [
    "Aimed",
    "Entered",
    "aim",
    "confirm",
    "declare",
    "declared",
    "drop",
    "hand_in",
    "look_through",
    "purge",
    "record",
    "take",
]

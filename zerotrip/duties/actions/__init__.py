"""Every write to duties."""

from zerotrip.duties.actions.owing import (
    Owed,
    drop,
    give_back,
    hand_in,
    keep,
    miss,
    owe,
    recompute,
    remind,
)

__all__ = ["Owed", "drop", "give_back", "hand_in", "keep", "miss", "owe", "recompute", "remind"]

"""Every write about the record of enterprises."""

from zerotrip.enterprises.actions.exporting import ask, fetch, template, write_out
from zerotrip.enterprises.actions.importing import (
    confirm,
    drop,
    fetch_faults,
    hand_in,
    judge,
    purge,
    take_over,
)
from zerotrip.enterprises.actions.keeping import place, rename, reveal
from zerotrip.enterprises.actions.merging import Held, holdings, merge, unmerge

__all__ = [
    "Held",
    "ask",
    "confirm",
    "drop",
    "fetch",
    "fetch_faults",
    "hand_in",
    "holdings",
    "judge",
    "merge",
    "place",
    "purge",
    "rename",
    "reveal",
    "take_over",
    "template",
    "unmerge",
    "write_out",
]

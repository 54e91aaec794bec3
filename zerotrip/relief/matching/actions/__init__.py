"""Every write to resources and introductions."""

from __future__ import annotations

from zerotrip.relief.matching.actions.entering import Entry, confirm, publish, revise, withdraw
from zerotrip.relief.matching.actions.kinds import load_kinds
from zerotrip.relief.matching.actions.meeting import agree, introduce, match, refuse, take_back
from zerotrip.relief.matching.actions.outcomes import fail, succeed
from zerotrip.relief.matching.actions.reserving import release, reserve
from zerotrip.relief.matching.actions.sweeping import sweep

__all__ = [
    "Entry",
    "agree",
    "confirm",
    "fail",
    "introduce",
    "load_kinds",
    "match",
    "publish",
    "refuse",
    "release",
    "reserve",
    "revise",
    "succeed",
    "sweep",
    "take_back",
    "withdraw",
]

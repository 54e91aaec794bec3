"""Where entries and introductions can be, and which step leads where."""

from __future__ import annotations

from enum import StrEnum

from zerotrip.relief.models import Meeting, ResourceStatus


class Step(StrEnum):
    """What can be done to an entry."""

    REVISE = "revise"
    CONFIRM = "confirm"
    SLEEP = "sleep"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    FINISH = "finish"
    """All of it has found its place."""
    REOPEN = "reopen"
    """Some of it is to be had again: what was recorded came to nothing."""


class Move(StrEnum):
    """What can be done to an introduction."""

    AGREE = "agree"
    TAKE_BACK = "take_back"
    REFUSE = "refuse"
    RESERVE = "reserve"
    RELEASE = "release"
    SUCCEED = "succeed"
    FAIL = "fail"
    LAPSE = "lapse"
    DROP = "drop"


OPEN, ASLEEP = ResourceStatus.OPEN, ResourceStatus.ASLEEP
TRANSITIONS: dict[Step, tuple[frozenset[ResourceStatus], ResourceStatus | None]] = {
    Step.REVISE: (frozenset({OPEN, ASLEEP}), OPEN),
    Step.CONFIRM: (frozenset({OPEN, ASLEEP}), OPEN),
    Step.SLEEP: (frozenset({OPEN}), ASLEEP),
    Step.WITHDRAW: (frozenset({OPEN, ASLEEP}), ResourceStatus.WITHDRAWN),
    Step.EXPIRE: (frozenset({OPEN, ASLEEP}), ResourceStatus.EXPIRED),
    Step.FINISH: (frozenset({OPEN, ASLEEP}), ResourceStatus.DONE),
    Step.REOPEN: (frozenset({ResourceStatus.DONE}), OPEN),
}
"""Step → from where, and where to."""

PROPOSED, INTRODUCED = Meeting.PROPOSED, Meeting.INTRODUCED
ENDED_WELL = frozenset({INTRODUCED, Meeting.SUCCEEDED, Meeting.FAILED})
MOVES: dict[Move, tuple[frozenset[Meeting], Meeting | None]] = {
    Move.AGREE: (frozenset({PROPOSED, Meeting.LAPSED}), None),  # introduced once both have
    Move.TAKE_BACK: (frozenset({PROPOSED, INTRODUCED}), PROPOSED),
    Move.REFUSE: (frozenset({PROPOSED, INTRODUCED}), Meeting.REFUSED),
    Move.RESERVE: (frozenset({INTRODUCED}), None),
    Move.RELEASE: (frozenset({INTRODUCED}), None),
    Move.SUCCEED: (ENDED_WELL, Meeting.SUCCEEDED),
    Move.FAIL: (ENDED_WELL, Meeting.FAILED),
    Move.LAPSE: (frozenset({PROPOSED}), Meeting.LAPSED),
    Move.DROP: (frozenset({PROPOSED, INTRODUCED}), Meeting.DROPPED),
}
"""Move → from where, and where to; None: as it is."""

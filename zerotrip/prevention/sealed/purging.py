"""What goes of sealed areas with an event: what doors asked for, and which doors were sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.models import DoorRequest, SealedPlace

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended


def requests(ended: Ended) -> int:
    """Delete what doors asked for."""
    return DoorRequest.objects.filter(ended.rows()).delete()[0]


def doors(ended: Ended) -> int:
    """Delete the doors; that a grid or a building was sealed, by whom and why, stays on record."""
    rows = SealedPlace.objects.exclude(door="").filter(ended.rows(at="during__startswith"))
    return rows.delete()[0]


PURGES = {"prevention.DoorRequest": requests, "prevention.SealedPlace": doors}
"""By the table."""

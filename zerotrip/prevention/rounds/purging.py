"""Who was called in a round, and what was said, goes with the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.models import Call, Caller

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "calls"


def purge(ended: Ended) -> int:
    """Delete the callers of the area and their calls."""
    callers = Caller.objects.filter(ended.rows(at="given_at"))
    gone = Call.objects.filter(caller__in=callers.values("pk"))._raw_delete("default")
    return gone + callers._raw_delete("default")

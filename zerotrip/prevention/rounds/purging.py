"""Who was called in a round and what was said, and which doors were to come when, goes with the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.prevention.models import Call, Caller, GridSlot, PointPlan

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "calls"
PLANS = "point plans"


def purge(ended: Ended) -> int:
    """Delete the callers of the area and their calls."""
    callers = Caller.objects.filter(ended.rows(at="given_at"))
    gone = Call.objects.filter(caller__in=callers.values("pk"))._raw_delete("default")
    return gone + callers._raw_delete("default")


def purge_plans(ended: Ended) -> int:
    """Delete the plans of points of the area."""
    plans = PointPlan.objects.filter(ended.rows(at="made_at"))
    GridSlot.objects.filter(plan__in=plans.values("pk"))._raw_delete("default")
    return plans._raw_delete("default")

"""The tables of prevention."""

from __future__ import annotations

from zerotrip.prevention.models.declared import Declared
from zerotrip.prevention.models.events import Event, EventQuerySet, Measure
from zerotrip.prevention.models.posts import Gap, Plan, PlanStatus, Post, Shift, Swap, Turn, Worker, WorkerKind

__all__ = [
    "Declared",
    "Event",
    "EventQuerySet",
    "Gap",
    "Measure",
    "Plan",
    "PlanStatus",
    "Post",
    "Shift",
    "Swap",
    "Turn",
    "Worker",
    "WorkerKind",
]

"""The tables of prevention."""

from __future__ import annotations

from zerotrip.prevention.models.events import Event, EventQuerySet, Measure

__all__ = ["Event", "EventQuerySet", "Measure"]

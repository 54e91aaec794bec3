"""The tables of relief."""

from __future__ import annotations

from zerotrip.relief.models.resources import (
    Introduction,
    Meeting,
    Outcome,
    Reservation,
    ReservationStatus,
    Resource,
    ResourceKind,
    ResourceStatus,
    Side,
)
from zerotrip.relief.models.routing import Declaration, RoutingRule, RoutingRuleQuerySet, Stopped

__all__ = [
    "Declaration",
    "Introduction",
    "Meeting",
    "Outcome",
    "Reservation",
    "ReservationStatus",
    "Resource",
    "ResourceKind",
    "ResourceStatus",
    "RoutingRule",
    "RoutingRuleQuerySet",
    "Side",
    "Stopped",
]

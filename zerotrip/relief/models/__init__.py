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

__all__ = [
    "Introduction",
    "Meeting",
    "Outcome",
    "Reservation",
    "ReservationStatus",
    "Resource",
    "ResourceKind",
    "ResourceStatus",
    "Side",
]

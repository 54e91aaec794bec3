"""The tables of prevention."""

from __future__ import annotations

from zerotrip.prevention.models.events import Event, EventQuerySet, Measure
from zerotrip.prevention.models.lots import (
    Arrival,
    Balance,
    Door,
    GoodsSheet,
    GoodsSheetState,
    Holder,
    Item,
    Level,
    Lot,
    LotFile,
    Movement,
    MovementKind,
    Paper,
    Purpose,
    Recall,
    SupplyRequest,
)

__all__ = [
    "Arrival",
    "Balance",
    "Door",
    "Event",
    "EventQuerySet",
    "GoodsSheet",
    "GoodsSheetState",
    "Holder",
    "Item",
    "Level",
    "Lot",
    "LotFile",
    "Measure",
    "Movement",
    "MovementKind",
    "Paper",
    "Purpose",
    "Recall",
    "SupplyRequest",
]

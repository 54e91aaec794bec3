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
from zerotrip.prevention.models.rosters import (
    DocumentKind,
    Enrolment,
    EnrolmentKind,
    Exclusion,
    LeftOut,
    Person,
    RosterFile,
    RosterRow,
    Verdict,
)
from zerotrip.prevention.models.sites import Risk, Site, SiteKind

__all__ = [
    "Arrival",
    "Balance",
    "DocumentKind",
    "Door",
    "Enrolment",
    "EnrolmentKind",
    "Event",
    "EventQuerySet",
    "Exclusion",
    "GoodsSheet",
    "GoodsSheetState",
    "Holder",
    "Item",
    "LeftOut",
    "Level",
    "Lot",
    "LotFile",
    "Measure",
    "Movement",
    "MovementKind",
    "Paper",
    "Person",
    "Purpose",
    "Recall",
    "Risk",
    "RosterFile",
    "RosterRow",
    "Site",
    "SiteKind",
    "SupplyRequest",
    "Verdict",
]

"""The tables of prevention."""

from __future__ import annotations

from zerotrip.prevention.models.events import Event, EventQuerySet, Measure
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
    "DocumentKind",
    "Enrolment",
    "EnrolmentKind",
    "Event",
    "EventQuerySet",
    "Exclusion",
    "LeftOut",
    "Measure",
    "Person",
    "Risk",
    "RosterFile",
    "RosterRow",
    "Site",
    "SiteKind",
    "Verdict",
]

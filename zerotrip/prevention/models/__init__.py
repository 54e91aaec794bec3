"""The tables of prevention."""

from __future__ import annotations

from zerotrip.prevention.models.declared import Declared
from zerotrip.prevention.models.events import Event, EventQuerySet, Measure
from zerotrip.prevention.models.posts import Gap, Plan, PlanStatus, Post, Shift, Swap, Turn, Worker, WorkerKind
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
    "Declared",
    "DocumentKind",
    "Enrolment",
    "EnrolmentKind",
    "Event",
    "EventQuerySet",
    "Exclusion",
    "Gap",
    "LeftOut",
    "Measure",
    "Person",
    "Plan",
    "PlanStatus",
    "Post",
    "Risk",
    "RosterFile",
    "RosterRow",
    "Shift",
    "Site",
    "SiteKind",
    "Swap",
    "Turn",
    "Verdict",
    "Worker",
    "WorkerKind",
]

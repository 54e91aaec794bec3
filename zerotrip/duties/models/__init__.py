"""The tables of duties."""

from __future__ import annotations

from zerotrip.duties.models.obligations import (
    ORDERED,
    Kind,
    Obligation,
    ObligationQuerySet,
    Record,
    RecordFile,
    RecordFileQuerySet,
    Requirement,
    RequirementQuerySet,
    Status,
)
from zerotrip.duties.models.windows import (
    Due,
    DueQuerySet,
    Filling,
    Report,
    ReportFile,
    ReportQuerySet,
    Subject,
    Why,
    Window,
    WindowQuerySet,
    WrongCodes,
)

__all__ = [
    "ORDERED",
    "Due",
    "DueQuerySet",
    "Filling",
    "Kind",
    "Obligation",
    "ObligationQuerySet",
    "Record",
    "RecordFile",
    "RecordFileQuerySet",
    "Report",
    "ReportFile",
    "ReportQuerySet",
    "Requirement",
    "RequirementQuerySet",
    "Status",
    "Subject",
    "Why",
    "Window",
    "WindowQuerySet",
    "WrongCodes",
]

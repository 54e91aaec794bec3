"""What people on rosters owed and reported goes with the event it was owed under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.duties.models import Due, Kind, Report, ReportFile, Requirement, Subject, Window
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.sources import duty_of

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "owed"


def purge(ended: Ended) -> int:
    """Delete what people owed and what was reported of them; what sites and enterprises did stays on record."""
    windows = Window.objects.filter(subject__in=(Subject.PERSON, Subject.SHIFT))
    gone, _kinds = Due.objects.filter(ended.rows(at="since"), window__in=windows.values("pk")).delete()
    standing = Requirement.objects.filter(kind=Kind.STANDING)
    duties = {duty_of(row) for row in standing if spec_of(row).who in ("person", "shift")}
    reports = Report.objects.filter(ended.rows(), duty__in=duties)
    ReportFile.objects.filter(report__in=reports.values("pk")).delete()
    return gone + reports.delete()[0]

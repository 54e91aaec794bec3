"""What was reported of a site, an enterprise or somebody: when, by whom, the answers and the photographs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zerotrip.duties import editions
from zerotrip.duties.models import Report, ReportFile
from zerotrip.duties.standing.declared import SORT
from zerotrip.duties.standing.sources import duty_of
from zerotrip.web.duties.reporting import form_of
from zerotrip.web.duties.showing import pairs_of

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.duties.models import Requirement, Window
    from zerotrip.web.requests import Request

LATEST = 10


@dataclass
class Reported:
    """One report on a page."""

    report: Report
    title: str
    """What it is of."""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    """What was answered: label and text."""
    photos: list[ReportFile] = field(default_factory=list)


def reported(request: Request, subject: UUID, window: Window | None = None) -> list[Reported]:
    """The latest reports of a subject one may see, or of those the ones that fall within a window."""
    duties = editions.standing(SORT) if window is None else [window.requirement]
    known = {duty_of(each): each for each in duties}
    rows = Report.objects.visible_to(request.actor).filter(subject=subject)
    if window is not None:
        rows = rows.filter(duty__in=known, at__gte=window.starts, at__lt=window.ends)
    rows = rows.select_related("by__person").order_by("-at", "pk")[:LATEST]
    found = {row.pk: _told(row, known.get(row.duty)) for row in rows}
    for file in ReportFile.objects.filter(report__in=found).order_by("place"):
        found[file.report].photos.append(file)
    return list(found.values())


def _told(report: Report, of: Requirement | None) -> Reported:
    if of is None:  # a duty that no pack declares any more
        return Reported(report, report.duty)
    return Reported(report, of.title, pairs_of(form_of(of), report.answers))

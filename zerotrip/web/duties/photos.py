"""Photographs of reports: the one with time and place on it, or on demand the original."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from zerotrip.duties import editions
from zerotrip.duties.models import Report, ReportFile
from zerotrip.duties.standing.declared import SORT
from zerotrip.duties.standing.sources import duty_of
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.files import serve
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence


@require_GET
@signed_in
def photo(request: Request, file_id: UUID) -> HttpResponseBase:
    """One, for whoever may see the report."""
    seen = Report.objects.visible_to(request.actor).filter(pk=OuterRef("report"))
    rows = ReportFile.objects.filter(Exists(seen)).select_related("blob", "stamped")
    row = get_object_or_404(rows, pk=file_id)
    return serve(row.blob if "original" in request.GET or row.stamped is None else row.stamped, row.name)


def lines_of(subject: UUID, request: Request, *, most: int = 10) -> Sequence[tuple[Report, str, list[ReportFile]]]:
    """The latest reports of a site or an enterprise one may see, each with what it is of and its photographs."""
    titles = {duty_of(each): each.title for each in editions.standing(SORT)}
    seen = Report.objects.visible_to(request.actor).filter(subject=subject)
    rows = list(seen.select_related("by__person").order_by("-at", "pk")[:most])
    files: dict[UUID, list[ReportFile]] = {}
    for file in ReportFile.objects.filter(report__in=[row.pk for row in rows]).order_by("place"):
        files.setdefault(file.report, []).append(file)
    return [(row, titles.get(row.duty, row.duty), files.get(row.pk, [])) for row in rows]

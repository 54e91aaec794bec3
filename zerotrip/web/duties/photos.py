"""Photographs of reports: the one with time and place on it, or on demand the original."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from zerotrip.duties.models import Report, ReportFile
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.files import serve
from zerotrip.web.requests import Request


@require_GET
@signed_in
def photo(request: Request, file_id: UUID) -> HttpResponseBase:
    """One, for whoever may see the report."""
    seen = Report.objects.visible_to(request.actor).filter(pk=OuterRef("report"))
    rows = ReportFile.objects.filter(Exists(seen)).select_related("blob", "stamped")
    row = get_object_or_404(rows, pk=file_id)
    return serve(row.blob if "original" in request.GET or row.stamped is None else row.stamped, row.name)

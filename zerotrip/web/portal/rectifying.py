"""What inspections found at one's sites, and what was put right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.files.attaching import PLACE
from zerotrip.ids import new_id
from zerotrip.prevention.inspections import queries
from zerotrip.prevention.inspections.rules import may_answer
from zerotrip.prevention.models import Inspection
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.attaching import Attaching
from zerotrip.web.inspections import Answer
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request

SECTION = {"section": "cases"}
PAGE_SIZE = 20


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """The inspections of one's sites, the latest first, with what is still to be put right."""
    rows = Inspection.objects.done().filter(site__owner__in=request.actor.acts_for).select_related("site")
    page = page_of(request, rows.order_by("-countersigned_at", "pk"), size=PAGE_SIZE)
    waits = queries.open_defects([row.pk for row in page.object_list])
    lines = [(row, waits.get(row.pk, 0)) for row in page.object_list]
    return render(request, "portal/venues/inspections.html", {"page": page, "lines": lines, **SECTION})


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: Request, inspection_id: UUID) -> HttpResponse:
    """One inspection: what was found; a POST says what was put right, with photographs."""
    rows = Inspection.objects.done().filter(site__owner__in=request.actor.acts_for)
    inspection = get_object_or_404(rows.select_related("site", "office"), pk=inspection_id)
    sent = Answer(request) if request.method == "POST" else None
    if sent is not None and sent.file(request):
        messages.success(request, _("已报上，等检查的部门复查。"))
        return redirect("rectify-one", inspection.pk)
    lines = [
        {
            "line": line,
            "may": line.owed is not None and may_answer(line.owed, request.actor),
            "sent": sent if sent is not None and line.owed is not None and sent.owed == line.owed.pk else None,
            "files": sent.files
            if sent is not None and line.owed is not None and sent.owed == line.owed.pk
            else Attaching(PLACE),
            "key": new_id(),
        }
        for line in queries.lines_of(inspection)
        if line.is_defect
    ]
    context = {"inspection": inspection, "lines": lines, **SECTION}
    return render(request, "portal/venues/inspection.html", context, status=422 if sent is not None else 200)

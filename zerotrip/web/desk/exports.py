"""Lists taken out as files: asked for, watched, fetched while they are kept."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases import actions, queries
from zerotrip.cases.actions.exporting import KEPT, MOST_ROWS
from zerotrip.cases.models import ExportForm
from zerotrip.errors import Invalid
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.filters import query_of, search_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.workbooks import XLSX, as_file

PAGE_SIZE = 30
TYPES = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.XLSX: XLSX,
}


@require_http_methods(["GET", "POST"])
@staff_only
def exports(request: Request) -> HttpResponse:
    """What I took out, with how far each is; a POST asks for another with the filter of the list."""
    if request.method == "POST":
        form = typed(request, "form", most=4)
        if form not in ExportForm.values:
            raise Invalid(_("请选择文件格式。"))
        actions.ask_export(
            search_of(request.POST.dict()),
            form=ExportForm(form),
            language=get_language() or "zh-hans",
            by=request.actor,
            at=request.now,
            export_id=uuid_from(typed(request, "key")),
        )
        return redirect("desk-exports")
    page = page_of(request, queries.exports(request.actor), size=PAGE_SIZE)
    rows = [(export, query_of(queries.Search(**export.search))) for export in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "waits": any(export.status in ("queued", "running") for export, _query in rows),
        "hours": int(KEPT.total_seconds() // 3600),
        "most": MOST_ROWS,
        **rail(request, "exports"),
    }
    name = "desk/parts/exports.html" if request.htmx else "desk/exports.html"
    return render(request, name, context)


@require_POST
@staff_only
def fetch(request: Request, export_id: UUID) -> FileResponse:
    """The file, for its owner alone."""
    export, file = actions.fetch_export(export_id, by=request.actor, at=request.now)
    day = timezone.localtime(export.asked_at)
    name = _("办件-%(day)s.%(form)s") % {"day": f"{day:%Y%m%d-%H%M}", "form": export.form}
    return as_file(FileResponse(file, content_type=TYPES[ExportForm(export.form)]), name)

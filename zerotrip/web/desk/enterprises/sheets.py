"""Workbooks of enterprises: the template, what was handed in and what is wrong with it, what was taken out."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.enterprises import actions, queries
from zerotrip.enterprises.models import UNDER_WAY, Sheet
from zerotrip.enterprises.sheets.reading import LARGEST, MOST_ROWS
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.enterprises.views import search_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.workbooks import XLSX, as_file

PAGE_SIZE = 20


@require_http_methods(["GET", "POST"])
@staff_only
def index(request: Request) -> HttpResponse:
    """Hand in a workbook, and see what I handed in and took out."""
    refused = None
    if request.method == "POST":
        try:
            return redirect("desk-sheet", _handed_in(request).pk)
        except Refusal as refusal:
            if refusal.status not in (409, 413, 415, 422):
                raise
            refused = refusal
    words = vocabulary()
    page = page_of(request, queries.sheets(request.actor), size=PAGE_SIZE)
    context = {
        "page": page,
        "waits": any(sheet.status in UNDER_WAY for sheet in page.object_list),
        "sources": [(name, str(source.name)) for name, source in words.sources.items() if not source.own],
        "source": typed(request, "source"),
        "as_of": typed(request, "as_of") or day_of(request.now).isoformat(),
        "today": day_of(request.now).isoformat(),
        "most_rows": f"{MOST_ROWS:,}",
        "largest": LARGEST // 1024 // 1024,
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "key": uuid4(),
        **rail(request, "enterprises"),
    }
    name = "desk/enterprises/parts/sheets.html" if request.htmx else "desk/enterprises/sheets.html"
    return render(request, name, context, status=refused.status if refused else 200)


def _handed_in(request: Request) -> Sheet:
    files = request.FILES.getlist("file")
    if not files:
        text = _("请选择要导入的文件。")
        raise Invalid(text, {"file": [text]})
    try:
        as_of = date.fromisoformat(typed(request, "as_of", most=10))
    except ValueError:
        text = _("请填写日期。")
        raise Invalid(text, {"as_of": [text]}) from None
    return actions.hand_in(
        files[0],
        name=str(files[0].name or "")[-200:],
        source=typed(request, "source", most=60),
        as_of=as_of,
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        sheet_id=uuid_from(typed(request, "key")) or uuid4(),
    )


def _own(request: Request, sheet_id: UUID) -> Sheet:
    sheet = Sheet.objects.visible_to(request.actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise NotFound(_("没有找到这个文件。"))
    return sheet


@require_GET
@staff_only
def show(request: Request, sheet_id: UUID) -> HttpResponse:
    """A workbook that was handed in: how far it is, what is wrong with it, and what confirming would do."""
    sheet = _own(request, sheet_id)
    context = {
        "sheet": sheet,
        "waits": sheet.status in UNDER_WAY,
        "source": vocabulary().source_name(sheet.source) if sheet.source else "",
        "bad": sheet.rows - sheet.good,
        "known": sheet.good - sheet.new,
        **rail(request, "enterprises"),
    }
    name = "desk/enterprises/parts/sheet.html" if request.htmx else "desk/enterprises/sheet.html"
    return render(request, name, context)


@require_POST
@staff_only
def act(request: Request, sheet_id: UUID, step: str) -> FileResponse | HttpResponse:
    """Confirm a sheet, think better of it, or fetch the one that was taken out."""
    if step == "confirm":
        actions.confirm(sheet_id, by=request.actor, at=request.now)
        messages.success(request, _("已确认，正在写入。可以离开这一页。"))
    elif step == "drop":
        actions.drop(sheet_id, by=request.actor, at=request.now)
        messages.success(request, _("已放弃，什么也没有写入。"))
    elif step == "fetch":
        sheet, file = actions.fetch(sheet_id, by=request.actor, at=request.now)
        name = _("企业-%(day)s.xlsx") % {"day": f"{timezone.localtime(sheet.asked_at):%Y%m%d-%H%M}"}
        return as_file(FileResponse(file, content_type=XLSX), name)
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("desk-sheet", sheet_id)


@require_GET
@staff_only
def faults(request: Request, sheet_id: UUID) -> FileResponse:
    """All faults of a sheet as a list to be gone through."""
    sheet, file = actions.fetch_faults(sheet_id, by=request.actor, at=request.now)
    name = _("问题清单-%(name)s.csv") % {"name": sheet.name.rpartition(".")[0] or sheet.name}
    return as_file(FileResponse(file, content_type="text/csv; charset=utf-8"), name)


@require_GET
@staff_only
def template(request: Request) -> FileResponse:
    """The workbook to fill in."""
    out = io.BytesIO()
    actions.template(out, vocabulary(), at=request.now)
    out.seek(0)
    return as_file(FileResponse(out, content_type=XLSX), _("企业导入模板.xlsx"))


@require_POST
@staff_only
def take_out(request: Request) -> HttpResponse:
    """Take out what the list found."""
    actions.ask(
        search_of(request.POST.dict(), vocabulary()),
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        sheet_id=uuid_from(typed(request, "key")) or uuid4(),
    )
    return redirect("desk-sheets")

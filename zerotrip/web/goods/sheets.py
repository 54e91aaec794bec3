"""Workbooks of receipts and sales: handed in, looked at, confirmed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refusal, Refused, TooLarge
from zerotrip.ids import new_id
from zerotrip.prevention.lots.actions import importing
from zerotrip.prevention.lots.sheets import MOST_ROWS, write_template
from zerotrip.prevention.models import GoodsSheet, GoodsSheetState
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import typed
from zerotrip.web.workbooks import XLSX, as_file

if TYPE_CHECKING:
    from zerotrip.web.goods.face import Face
    from zerotrip.web.requests import Request

LISTED = 20


def index(request: Request, face: Face) -> HttpResponse:
    """Hand in a workbook, and see those I handed in."""
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            sheet = _handed_in(request)
        except (Invalid, Refused, TooLarge) as refusal:
            refused = refusal
        else:
            return redirect(f"{face.prefix}goods-sheet", sheet.pk)
    context = {
        "sheets": list(GoodsSheet.objects.visible_to(request.actor)[:LISTED]),
        "most": MOST_ROWS,
        "key": new_id(),
        "refused": refused,
        "tab": "sheets",
        **face.around(request),
    }
    return render(request, "web/goods/sheets.html", context, status=refused.status if refused else 200)


def _handed_in(request: Request) -> GoodsSheet:
    file = request.FILES.get("file")
    if file is None:
        text = _("请选择要导入的文件。")
        raise Invalid(text, {"file": [text]})
    return importing.hand_in(
        file,
        name=str(file.name or "")[-200:],
        language=get_language() or "zh-hans",
        key=uuid_from(typed(request, "key")) or new_id(),
        by=request.actor,
        at=request.now,
    )


def show(request: Request, face: Face, sheet_id: UUID) -> HttpResponse:
    """What a workbook would record, or what is wrong row by row; confirmed here."""
    sheet = GoodsSheet.objects.visible_to(request.actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise NotFound(_("没有找到这个文件。"))
    if request.method == "POST":
        importing.confirm_sheet(sheet.pk, by=request.actor, at=request.now)
        messages.success(request, _("已确认，正在写入。可以离开这一页。"))
        return redirect(f"{face.prefix}goods-sheet", sheet.pk)
    waits = sheet.state in (GoodsSheetState.QUEUED, GoodsSheetState.WAITING)
    context = {"sheet": sheet, "waits": waits, **face.around(request)}
    return render(request, "web/goods/sheet.html", context)


def template(request: Request, face: Face) -> FileResponse:
    """The workbook to fill in."""
    out = io.BytesIO()
    write_template(out)
    out.seek(0)
    return as_file(FileResponse(out, content_type=XLSX), _("货物导入模板.xlsx"))

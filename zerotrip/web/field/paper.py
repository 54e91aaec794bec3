"""Sheets for when there is neither network nor phone: each has a code, so that typing it in twice doubles nothing.

The key of a line follows from the code of its sheet, the day and the number of the line (``paper.js``); nobody
keeps a list of sheets.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from zerotrip import prevention
from zerotrip.errors import NotFound
from zerotrip.prevention.models import Task
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.field import day
from zerotrip.web.requests import Request, paper_language, today_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAPER = "field-sheet.typ"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
MOST = 50
"""Sheets of one file."""
Column = tuple[str, int, str]
"""Its heading, how wide it is beside the others, and what stands in each line to be ticked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet."""

    title: str
    page: str
    """Where on the phone it is typed in."""
    lines: int
    height: int
    """Millimetres of a line."""
    columns: Sequence[Column]
    blanks: Sequence[str]
    sticker: str = ""


@require_GET
@signed_in
def paper(request: Request, task: str, place_id: UUID) -> HttpResponse:
    """Empty sheets of a gate, a door or a sampling point, each with a code of its own."""
    from zerotrip.licences.printing import qr_code  # slow to load, seldom needed
    from zerotrip.licences.printing import render as printed

    kind = _kinds().get(task)
    name = _places(request, task).get(place_id)
    if kind is None or name is None:
        raise NotFound(_("没有这个地点，或者您今天不在那里登记。"))
    asked = request.GET.get("count", "1")[:3]
    codes = [_new_code() for _sheet in range(min(max(int(asked) if asked.isdigit() else 1, 1), MOST))]
    page = f"{settings.SITE_URL}{reverse('field')}#/{kind.page}/{place_id}"
    pictures = {code: qr_code(f"{page}?sheet={code}") for code in codes}
    made = printed({PAPER: _template()}, PAPER, _data(kind, name, codes), at=request.now, pictures=pictures)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{task}-{codes[0]}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _data(kind: Kind, place: str, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "language": paper_language(),
        "title": kind.title,
        "place": place,
        "alt": _("录入用的二维码"),
        "sheets": codes,
        "blanks": kind.blanks,
        "sticker": kind.sticker,
        "columns": kind.columns,
        "lines": kind.lines,
        "height": kind.height,
        "note": _(
            "过后三天之内录入：用手机扫右上角的二维码，或者在登记页面点“录入纸质单”，输入单号、日期和行号。录入两次不会重复。"
        ),
    }


def _places(request: Request, task: str) -> Mapping[UUID, str]:
    """Where somebody works today, by what for."""
    on = today_of(request)
    if task == Task.GATE:
        return {site.pk: site.name for site in day.gates(request.actor, on=on)}
    if task == Task.DOOR:
        return {site.pk: site.name for site in day.doors(request.actor, on=on)}
    if task == Task.SAMPLING:
        return {UUID(point["id"]): point["name"] for point in day.points(request.actor, on=on)}
    return {}


def _kinds() -> dict[str, Kind]:
    ticked = "□"
    date, keeper = _("日期"), _("登记人")
    colours = _("绿□ 黄□ 红□ 无□")
    time: Column = (_("时间"), 3, "")
    return {
        Task.SAMPLING: Kind(
            title=_("采样登记单（一管一张）"),
            page="sample",
            lines=10,
            height=11,
            columns=(
                time,
                (_("姓名"), 5, ""),
                (_("身份证号或其他证件号"), 9, ""),
                (_("手机号"), 6, ""),
                (pgettext("刚做的一步", "撤销"), 2, ticked),
            ),
            blanks=(date, _("几人管"), keeper),
            sticker=_("贴采样管条码"),
        ),
        Task.GATE: Kind(
            title=_("卡口登记单"),
            page="gate",
            lines=12,
            height=10,
            columns=(
                time,
                (_("车牌"), 5, ""),
                (_("司机姓名"), 4, ""),
                (_("司机电话"), 5, ""),
                (pgettext("货物", "从哪里来"), 5, ""),
                (_("货物"), 4, ""),
                (_("送到哪家"), 5, ""),
                (_("体温"), 3, ""),
                (_("健康码"), 6, colours),
                (_("消杀"), 2, ticked),
                (_("离开时间"), 3, ""),
                (_("不放行的原因"), 6, ""),
            ),
            blanks=(date, keeper),
        ),
        Task.DOOR: Kind(
            title=_("门口查验登记单"),
            page="door",
            lines=14,
            height=9,
            columns=(
                time,
                (_("身份证号、手机号或其他证件号"), 8, ""),
                (_("健康码"), 6, colours),
                (_("体温"), 3, ""),
                (_("戴了口罩"), 3, ticked),
                (_("让进"), 2, ticked),
                (_("劝返"), 2, ticked),
            ),
            blanks=(date, keeper),
        ),
    }


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(10))


@cache
def _template() -> str:
    return (Path(prevention.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")

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
from zerotrip.web.field import day, inspecting, sampling
from zerotrip.web.requests import Request, paper_language, today_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAPER = "field-sheet.typ"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
MOST = 50
"""Sheets of one file."""
WIDEST = 7
"""Fields that have room side by side."""
Column = tuple[str, int, str]
"""Its heading, how wide it is beside the others, and what stands in each line to be ticked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet."""

    title: str
    columns: Sequence[Column]
    blanks: Sequence[str]
    page: str = ""
    """Where on the phone those of a task are typed in."""
    lines: int = 0
    height: int = 0
    """Millimetres of a line."""
    sticker: str = ""
    rows: Sequence[Sequence[str]] = ()
    """What stands in the lines, where they differ; they are as high as that takes."""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of sheet for a place."""

    kind: Kind
    place: str
    page: str
    """Where on the phone it is typed in: an address to which the code is added."""


@require_GET
@signed_in
def paper(request: Request, task: str, place_id: UUID) -> HttpResponse:
    """Empty sheets of a gate, a door, a sampling point, a standing duty or an inspection, each with a code of its
    own."""
    from zerotrip.licences.printing import qr_code  # slow to load, seldom needed
    from zerotrip.licences.printing import render as printed

    sheet = _sheet(request, task, place_id)
    if sheet is None:
        raise NotFound(_("没有这个地点，或者您今天不在那里登记。"))
    asked = request.GET.get("count", "1")[:3]
    codes = [_new_code() for _sheet in range(min(max(int(asked) if asked.isdigit() else 1, 1), MOST))]
    page = f"{settings.SITE_URL}{reverse('field')}#/{sheet.page}"
    pictures = {code: qr_code(f"{page}{'&' if '?' in page else '?'}sheet={code}") for code in codes}
    data = _data(sheet.kind, sheet.place, codes)
    made = printed({PAPER: _template()}, PAPER, data, at=request.now, pictures=pictures)
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
        "columns": [column[:2] for column in kind.columns],
        "rows": kind.rows or [[ticks for _name, _width, ticks in kind.columns]] * kind.lines,
        "height": 0 if kind.rows else kind.height,
        "notes": [
            *kind.notes,
            _(
                "过后三天之内录入：用手机扫右上角的二维码，或者在登记页面点“录入纸质单”，输入单号、日期和行号。录入两次不会重复。"
            ),
        ],
    }


def _sheet(request: Request, task: str, place_id: UUID) -> Sheet | None:
    """The sheet of a place where somebody works today; None: they do not."""
    if task == Task.REPORT:
        return _of_duty(request, place_id)
    if task == Task.INSPECTION:
        return _of_inspection(request, place_id)
    kind, name = _kinds().get(task), _places(request, task).get(place_id)
    return Sheet(kind, name, f"{kind.page}/{place_id}") if kind and name else None


def _of_duty(request: Request, subject: UUID) -> Sheet | None:
    """A sheet for what is owed again and again: a line for each time, or a page where the form is long."""
    told = day.of_dues([due for due in day.dues(request.actor, at=request.now) if due.subject == subject])
    asked = request.GET.get("duty", "")[:40]
    due = next((one for one in told["dues"] if one["form"] == asked), None)
    if due is None:
        return None
    form = told["forms"][asked]
    fields = [field for section in form["sections"] for field in section["fields"]]
    if not all(field["kind"] for field in fields):
        return None  # a form that needs a network, and is not typed in without one
    columns = [(_label(field), _width(field), _ticks(field)) for field in fields]
    if form["receipt"]:
        columns.append((_("接收码"), 4, ""))
    photos = _("要附 %(count)d 张照片：另外拍好，录入时附上。") % {"count": form["photos"]}
    made = _lined if len(columns) <= WIDEST else _listed
    kind = made(form["name"], columns, [photos] if form["photos"] else [])
    return Sheet(kind, due["name"], f"report/{due['window']}/{subject}?duty={asked}")


def _lined(title: str, columns: Sequence[Column], notes: Sequence[str]) -> Kind:
    time: Column = (_("时间"), 3, "")
    blanks = (_("日期"), _("登记人"))
    return Kind(title=title, lines=6, height=20, columns=(time, *columns), blanks=blanks, notes=notes)


def _listed(title: str, columns: Sequence[Column], notes: Sequence[str]) -> Kind:
    """One record, field under field. All of it is line 1."""
    return Kind(
        title=title,
        columns=((_("要填的内容"), 5, ""), (_("填写"), 9, "")),
        blanks=(_("日期"), _("时间"), _("登记人")),
        rows=[(name, ticks) for name, _wide, ticks in columns],
        notes=[_("整张单是第 1 行。"), *notes],
    )


def _label(field: Mapping[str, Any]) -> str:
    return f"{field['label']}（{field['unit']}）" if field["unit"] else field["label"]


def _width(field: Mapping[str, Any]) -> int:
    wide = {"number": 4, "money": 4, "date": 4, "yes_no": 4, "phone": 5, "text": 7, "long_text": 9}
    return wide.get(field["kind"], 10)


def _ticks(field: Mapping[str, Any]) -> str:
    if field["kind"] == "yes_no":
        return _("是□ 否□")
    return " ".join(f"{choice['label']}□" for choice in field["choices"])


def _of_inspection(request: Request, inspection: UUID) -> Sheet | None:
    """The checklist of an inspection under way, item by item."""
    known = next((one for one in inspecting.mine(request.actor) if one["id"] == str(inspection)), None)
    if known is None:
        return None
    ticks = " ".join(f"{one['name']}□" for one in known["found"])
    kind = Kind(
        title=_("场所检查表"),
        columns=((_("检查项"), 6, ""), (_("检查结果"), 4, ""), (_("看到了什么"), 7, "")),
        blanks=(_("日期"), _("时间"), _("检查人")),
        rows=[(one["name"], ticks, "") for one in known["items"]],
        notes=[_("不合格的要写明，照片另外拍好，录入后在那一项里补上。")],
    )
    return Sheet(kind, known["site"], f"inspection/{inspection}")


def _places(request: Request, task: str) -> Mapping[UUID, str]:
    """Where somebody works today, by what for."""
    on = today_of(request)
    if task == Task.GATE:
        return {site.pk: site.name for site in day.gates(request.actor, on=on)}
    if task == Task.DOOR:
        return {site.pk: site.name for site in day.doors(request.actor, on=on)}
    if task == Task.SAMPLING:
        return {site.pk: site.name for site in sampling.sites(request.actor, on=on)}
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

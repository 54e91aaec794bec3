"""What those who were asked said, question by question: on a page, and all of it as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from openpyxl import Workbook

from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.queries import Progress, display, form_of, gathered, last_answers, load_order, progress_of
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.questions.fields import Kind as Asks
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.duties.showing import told_of
from zerotrip.web.requests import Request
from zerotrip.web.templatetags.show import called
from zerotrip.web.workbooks import workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.duties.models import Record
    from zerotrip.questions import Form


def _answers(order: Requirement, request: Request) -> tuple[list[Obligation], dict[UUID, Record]]:
    """What is owed under an order as far as somebody may see it, and what was said to it."""
    owed = Obligation.objects.visible_to(request.actor).filter(requirement=order, part_of=None)
    rows = list(
        owed.exclude(status=Status.DROPPED).select_related("owner").order_by("owner__area_path", "owner__name")
    )
    return rows, last_answers(row.pk for row in rows if row.status != Status.OPEN)


def _part(request: Request, order_id: UUID) -> Requirement:
    return load_order(order_id, request.actor)


@require_GET
@staff_only
def show(request: Request, order_id: UUID) -> HttpResponse:
    """The answers to an order, question by question."""
    order = _part(request, order_id)
    if order.kind in (Kind.DIRECTIVE, Kind.VISIT):
        return redirect("desk-directive", order.part_of_id or order.pk)
    rows, said = _answers(order, request)
    form = form_of(order)
    names = {row.pk: called(row.owner) for row in rows}
    context = {
        "order": order,
        "progress": progress_of([order.pk], at=request.now, actor=request.actor).get(order.pk, Progress()),
        "gathered": told_of(gathered(form, said), names) if form is not None else [],
        "notes": [(names[key], record) for key, record in said.items() if record.note],
        "silent": [names[row.pk] for row in rows if row.status == Status.OPEN],
        **rail(request, "directives"),
    }
    return render(request, "desk/directives/gathered.html", context)


@require_GET
@staff_only
def export(request: Request, order_id: UUID) -> HttpResponse:
    """The same as a workbook: a line for each who was asked, and the sums on a sheet of their own."""
    order = _part(request, order_id)
    rows, said = _answers(order, request)
    form = form_of(order)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("反馈"))
    sheet.freeze_panes = "B2"
    sheet.append([defused(cell) for cell in _titles(form)])
    for row in rows:
        sheet.append(_line(row, said.get(row.pk), form))
    if form is not None:
        sums = book.create_sheet(_("汇总"))
        sums.append([_("问题"), _("反馈数"), _("合计"), _("单位")])
        for line in _sums(form, said):
            sums.append(line)
    name = _("反馈-%(title)s-%(day)s.xlsx")
    return workbook(name % {"title": order.title, "day": f"{timezone.localtime(request.now):%Y%m%d}"}, book)


def _titles(form: Form | None) -> list[str]:
    asked = [str(item.spec.label) for item in form.fields.values()] if form is not None else []
    return [_("对象"), _("状态"), _("期限"), _("反馈时间"), _("是否逾期"), _("反馈人"), *asked, _("说明")]


def _line(row: Obligation, record: Record | None, form: Form | None) -> list[Any]:
    late = record is not None and record.at > row.due_at
    told = [
        defused(row.owner.name),
        str(Status(row.status).label),
        _minute(row.due_at),
        _minute(record.at) if record is not None else "",
        (_("是") if late else _("否")) if record is not None else "",
        defused(record.by.person.name) if record is not None and record.by else "",
    ]
    answers = record.answers if record is not None else {}
    fields = form.fields.values() if form is not None else ()
    return [
        *told,
        *(_cell(item, answers.get(item.id)) for item in fields),
        defused(record.note if record is not None else ""),
    ]


def _cell(item: Any, value: Any) -> Any:
    """A number as a number, everything else as it reads."""
    if item.kind in (Asks.NUMBER, Asks.MONEY) and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return defused(value)
    return defused(display(item, value))


def _minute(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _sums(form: Form, said: Mapping[UUID, Record]) -> list[list[Any]]:
    lines: list[list[Any]] = []
    for one in gathered(form, said):
        label = str(one.field.spec.label)
        if one.total is not None:
            lines.append([defused(label), one.answered, float(one.total), str(one.field.spec.unit or "")])
        elif one.chosen:
            words = {"yes": _("是"), "no": _("否")} if one.field.kind is Asks.YES_NO else {}
            for choice, count in one.chosen:
                lines.append([defused(f"{label}：{words.get(choice, choice)}"), one.answered, count, ""])
        else:
            lines.append([defused(label), one.answered, "", ""])
    return lines

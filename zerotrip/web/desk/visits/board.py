"""How a round stands: who went, who is late, who was not reached, what was found; and what is done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from openpyxl import Workbook

from zerotrip.duties.actions import ordering
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.queries import form_of, gathered, load_order
from zerotrip.duties.rules import may_manage
from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.relief.visits import queries
from zerotrip.relief.visits.planning import closing
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.visits import choices
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed
from zerotrip.web.workbooks import workbook
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.relief.visits.queries import Board

FILTERS = ("late", "open", "unreached", "done")


def _load(request: Request, order_id: UUID) -> Requirement:
    order = load_order(order_id, request.actor)
    if order.kind != Kind.VISIT:
        raise NotFound(_("没有找到这次走访。"))
    return order


@require_GET
@staff_only
def show(request: Request, order_id: UUID) -> HttpResponse:
    """The board of a round."""
    return _page(request, _load(request, order_id))


def _page(request: Request, order: Requirement, *, refused: Refusal | None = None, step: str = "") -> HttpResponse:
    board = queries.board_of(order, request.actor, at=request.now)
    only = request.GET.get("only", "")
    names = {visit.obligation.pk: visit.obligation.about.name for visit in board.visits if visit.obligation.about}
    context = {
        "order": order,
        "board": board,
        "share": board.total.done * 100 // board.total.asked if board.total.asked else 0,
        "visits": [visit for visit in board.visits if only not in FILTERS or _fits(visit, only, request.now)],
        "only": only if only in FILTERS else "",
        "gathered": _gathered(order, board, names),
        "manages": may_manage(order, request.actor),
        "people": choices.people(request.actor, at=request.now) if may_manage(order, request.actor) else [],
        "ticked": [uuid_from(text) for text in request.POST.getlist("visit")],
        "typed": request.POST,
        "step": step,
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "now": request.now,
        **rail(request, "visits"),
    }
    return render(request, "desk/rounds/show.html", context, status=refused.status if refused else 200)


def _gathered(order: Requirement, board: Board, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """The answers question by question: sums with their average, choices counted, words under the firm's name."""
    form = form_of(order)
    if form is None or not board.answers:
        return []
    return [
        {
            "one": one,
            "said": [(names.get(key, ""), text) for key, text in one.said],
            "average": one.total / one.answered if one.total is not None and one.answered else None,
        }
        for one in gathered(form, board.answers)
    ]


def _fits(visit: queries.Visit, only: str, at: datetime) -> bool:
    row = visit.obligation
    if only == "done":
        return row.status != Status.OPEN
    if only == "late":
        return row.is_late(at)
    return row.status == Status.OPEN and (only == "open" or visit.tries > 0)


@require_POST
@staff_only
def act(request: Request, order_id: UUID, step: str) -> HttpResponse:
    """Urge, move, hand on or withdraw the visits that were ticked, all of them or none; or close the round."""
    order = _load(request, order_id)
    do = _STEPS.get(step)
    if do is None:
        raise NotFound(_("没有这个操作。"))
    try:
        with transaction.atomic():
            told = do(request, order)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, order, refused=refused, step=step)
    messages.success(request, told)
    return redirect("desk-round", order.pk)


def _ticked(request: Request, order: Requirement) -> list[Obligation]:
    keys = [key for text in request.POST.getlist("visit") if (key := uuid_from(text)) is not None]
    rows = list(Obligation.objects.filter(requirement=order, pk__in=keys, status=Status.OPEN).order_by("pk"))
    if not rows:
        text = _("请先勾选还没有走访的企业。")
        raise Invalid(text, {"visit": [text]})
    return rows


def _urge(request: Request, order: Requirement) -> str:
    rows = _ticked(request, order)
    count = ordering.urge([row.pk for row in rows], by=request.actor, at=request.now)
    if not count:
        return _("今天已经催过了。")
    return ngettext("已催办 %(count)d 家。", "已催办 %(count)d 家。", count) % {"count": count}


def _move(request: Request, order: Requirement) -> str:
    rows = _ticked(request, order)
    problems: dict[str, list[str]] = {}
    day = day_or_none(request, "due")
    due = closing(day, calendar_for(order.area_path), at=request.now, problems=problems, place="due")
    if due is None or problems:
        raise Invalid(_("还没有改期。"), problems)
    for row in rows:
        ordering.move(row, due_at=due, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return ngettext("已改期 %(count)d 家。", "已改期 %(count)d 家。", len(rows)) % {"count": len(rows)}


def _hand_on(request: Request, order: Requirement) -> str:
    rows = _ticked(request, order)
    person = uuid_from(typed(request, "person", most=40))
    if person not in {one[0] for one in choices.people(request.actor, at=request.now)} or person is None:
        text = _("请选择改派给谁。")
        raise Invalid(text, {"person": [text]})
    for row in rows:
        ordering.hand_on(row, owner=person, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return ngettext("已改派 %(count)d 家。", "已改派 %(count)d 家。", len(rows)) % {"count": len(rows)}


def _withdraw(request: Request, order: Requirement) -> str:
    rows = _ticked(request, order)
    for row in rows:
        ordering.withdraw(row, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return ngettext("已撤销 %(count)d 家。", "已撤销 %(count)d 家。", len(rows)) % {"count": len(rows)}


def _close(request: Request, order: Requirement) -> str:
    ordering.close(order, note=typed(request, "note"), by=request.actor, at=request.now)
    return _("已办结归档。")


_STEPS = {"urge": _urge, "move": _move, "hand-on": _hand_on, "withdraw": _withdraw, "close": _close}


@require_GET
@staff_only
def export(request: Request, order_id: UUID) -> HttpResponse:
    """All visits of a round with their answers, as a workbook."""
    order = _load(request, order_id)
    board = queries.board_of(order, request.actor, at=request.now)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("走访"))
    sheet.freeze_panes = "A2"
    for line in _lines(order, board, at=request.now):
        sheet.append([defused(cell) for cell in line])
    return workbook(f"{order.title}-{timezone.localtime(request.now):%Y%m%d}.xlsx", book)


def _lines(order: Requirement, board: Board, *, at: datetime) -> Iterator[list[str]]:
    form = form_of(order)
    fields = list(form.fields.values()) if form else []
    head = [
        _("企业"),
        _("统一社会信用代码"),
        _("走访人"),
        _("期限"),
        _("状态"),
        _("完成时间"),
        _("没联系上次数"),
        _("诉求"),
    ]
    yield [*head, *(str(field.spec.label) for field in fields)]
    for visit in board.visits:
        row = visit.obligation
        answers = board.answers[row.pk].answers if row.pk in board.answers else {}
        late = row.is_late(at)
        yield [
            row.about.name if row.about else "",
            row.about.uscc if row.about else "",
            row.owner.name,
            f"{timezone.localtime(row.due_at):%Y-%m-%d}",
            _("逾期") if late else str(row.get_status_display()),
            f"{timezone.localtime(row.ended_at):%Y-%m-%d %H:%M}" if row.ended_at else "",
            str(visit.tries or ""),
            str(visit.needs or ""),
            *(form.text_at(answers, field.id) if form and field.id in answers else "" for field in fields),
        ]

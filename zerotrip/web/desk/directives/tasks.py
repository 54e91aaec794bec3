"""The page of whoever owes something: answered, passed on and brought together; looked at by whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.actions.ordering import Asked
from zerotrip.duties.models import Kind, Obligation, Status
from zerotrip.duties.queries import Progress, form_of, gathered, last_answers, load_owed, progress_below, with_files
from zerotrip.duties.rules import answers_for, may_answer, may_check, may_pass_on, watches
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused, Stale
from zerotrip.parties.models import LEADING_ROLES
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.directives.whom import Whom, ticked_in, whom
from zerotrip.web.desk.frame import rail
from zerotrip.web.duties.answering import AnswerPage
from zerotrip.web.duties.days import day_off, due_if_typed, due_required, due_typed
from zerotrip.web.duties.showing import Line, did_in, last_of, line_of, pairs_of, returned_of, told_of, urging_said
from zerotrip.web.requests import Request, today_of, typed
from zerotrip.web.templatetags.show import called
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.models import Record


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, owed_id: UUID) -> HttpResponse:
    """What is asked, the form to answer it; a POST answers."""
    owed = load_owed(owed_id, request.actor)
    if owed.kind == Kind.VISIT:
        return redirect(owed.link)
    if request.method != "POST":
        return _page(request, owed, _begun(request, owed))
    if (again := AnswerPage.filed(request, owed, partial(_page, request, owed))) is not None:
        return again
    said = _("反馈已提交，等发出部门核对。") if owed.requirement.checked else _("反馈已提交。")
    messages.success(request, said)
    return redirect("desk-task", owed.pk)


def _begun(request: Request, owed: Obligation) -> AnswerPage:
    """The form as it was answered last, or filled in with what those below said."""
    page = AnswerPage.begun(owed, last_answers([owed.pk]).get(owed.pk))
    if request.GET.get("from") == "below" and page.form is not None:
        parts = list(_below(owed).exclude(status__in=(Status.OPEN, Status.DROPPED)))
        names = {part.pk: part.owner.name for part in parts}
        page.bring_together(last_answers(names), names)
    return page


def _below(owed: Obligation) -> Any:
    """What was passed on of it, in the order of areas."""
    return (
        Obligation.objects.filter(part_of=owed).select_related("owner").order_by("owner__area_path", "owner__name")
    )


def _page(
    request: Request,
    owed: Obligation,
    page: AnswerPage,
    *,
    status: int = 200,
    step: str = "",
    refused: Refusal | None = None,
) -> HttpResponse:
    actor = request.actor
    mine, looks = answers_for(owed, actor), watches(owed, actor)
    records = list(owed.records.select_related("by__person").prefetch_related(with_files()))
    form = form_of(owed.requirement)
    passes = may_pass_on(owed, actor)
    context = {
        "owed": owed,
        "line": line_of(owed, at=request.now, form=form, answer=last_of(records)),
        "returned": returned_of(owed, records),
        "answers": _earlier(records, owed),
        "history": [(did_in(one), one) for one in reversed(records)],
        "page": page if may_answer(owed, actor) or (refused and mine and not step) else None,
        "mine": mine,
        "may_check": may_check(owed, actor),
        "looks": looks and owed.requirement.closed_at is None,
        "passes": passes,
        "whom": _whom(request, owed, refused) if passes else None,
        "today": today_of(request).isoformat(),
        "due": owed.due_at.astimezone(CHINA),
        "at_step": step,
        "refused": refused,
        "wrong": refused.problems if isinstance(refused, Invalid) else {},
        "off": day_off(request, due_typed(request), owed.area_path) if refused else None,
        "typed": request.POST if refused else {},
        **(_of_those_below(request, owed) if mine or looks else {}),
        **rail(request, "directives"),
    }
    return render(request, "desk/directives/task.html", context, status=refused.status if refused else status)


def _earlier(records: list[Record], owed: Obligation) -> list[tuple[Record, list[tuple[str, str]]]]:
    """All answers, the latest first."""
    form = form_of(owed.requirement)
    return [(one, pairs_of(form, one.answers)) for one in reversed(records) if "answers" in one.details]


def _whom(request: Request, owed: Obligation, refused: Refusal | None) -> Whom:
    seat = next(seat for seat in request.actor.seats_as(*LEADING_ROLES) if seat.department_id == owed.owner_id)
    there = _below(owed).exclude(status=Status.DROPPED).values_list("owner", flat=True)
    ticked = ticked_in(request) if refused else set()
    return whom(seat, request.actor, ticked=ticked, at=request.now, without=[str(key) for key in there])


def _of_those_below(request: Request, owed: Obligation) -> dict[str, Any]:
    """Those it was passed on to, as far as somebody may see them, with what they said brought together."""
    if owed.kind != Kind.TASK or owed.part_of_id is not None:
        return {}
    below = progress_below([owed.pk], at=request.now).get(owed.pk)
    seen = Obligation.objects.visible_to(request.actor).filter(pk__in=_below(owed).values("pk"))
    rows = list(_below(owed).filter(pk__in=seen.values("pk")).exclude(status=Status.DROPPED))
    said = last_answers(row.pk for row in rows if row.status != Status.OPEN)
    form = form_of(owed.requirement)
    lines: list[Line] = [line_of(row, at=request.now, form=form, answer=said.get(row.pk)) for row in rows]
    names = {row.pk: called(row.owner) for row in rows}
    return {
        "below": below or Progress(),
        "parts": lines,
        "gathered": told_of(gathered(form, said), names) if form is not None and said else [],
    }


@require_POST
@staff_only
def act(request: Request, owed_id: UUID, step: str) -> HttpResponse:
    """Passing it on; and what whoever looks after it does."""
    owed = load_owed(owed_id, request.actor)
    do = ACTS.get(step)
    if do is None or owed.kind == Kind.VISIT:
        raise NotFound(_("没有这个操作。"))
    try:
        with transaction.atomic():
            told = do(request, owed)
    except (Invalid, Refused, Stale) as refusal:
        return _page(request, owed, _begun(request, owed), step=step, refused=refusal)
    messages.success(request, told)
    return redirect("desk-task", owed.pk)


def _pass_on(request: Request, owed: Obligation) -> str:
    if not may_pass_on(owed, request.actor):
        raise NotAllowed(_("任务由承办部门的负责人转办，转办一级为止。"))
    due_at = due_typed(request)
    if due_at is None or due_at.date() != owed.due_at.astimezone(CHINA).date():  # its own day is settled
        due_at = due_required(request, owed.area_path)
    seat = next(seat for seat in request.actor.seats_as(*LEADING_ROLES) if seat.department_id == owed.owner_id)
    chosen = whom(seat, request.actor, ticked=ticked_in(request), at=request.now).chosen
    made = ordering.pass_on(
        owed, [Asked(key, due_at) for key in chosen], note=typed(request, "note"), by=request.actor, at=request.now
    )
    said = ngettext("已转办给 %(count)d 个对象。", "已转办给 %(count)d 个对象。", len(made))
    return said % {"count": len(made)}


def _accept(request: Request, owed: Obligation) -> str:
    answering.accept(owed, by=request.actor, at=request.now)
    return _("已核对通过。")


def _return(request: Request, owed: Obligation) -> str:
    due_at = due_if_typed(request, owed.area_path)
    answering.return_answer(owed, reason=typed(request, "reason"), due_at=due_at, by=request.actor, at=request.now)
    return _("已退回，对方会收到原因。")


def _urge(request: Request, owed: Obligation) -> str:
    """Those it was passed on to, for whoever passed it on; else whoever owes it."""
    rows = [owed.pk]
    if answers_for(owed, request.actor) and not watches(owed, request.actor):
        rows = list(_below(owed).filter(status=Status.OPEN).values_list("pk", flat=True))
    return urging_said(ordering.urge(rows, by=request.actor, at=request.now))


def _move(request: Request, owed: Obligation) -> str:
    due_at = due_required(request, owed.area_path)
    ordering.move(owed, due_at=due_at, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return _("已改期。")


def _withdraw(request: Request, owed: Obligation) -> str:
    ordering.withdraw(owed, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return _("已撤销。")


ACTS: Mapping[str, Callable[[Request, Obligation], str]] = {
    "pass-on": _pass_on,
    "accept": _accept,
    "return": _return,
    "urge": _urge,
    "move": _move,
    "withdraw": _withdraw,
}
"""What is done, by the last word of the address; what each says when it is done."""

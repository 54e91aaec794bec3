"""The board of an order: who has not answered, who has and what, and what the office that gave it does about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.models import Kind, Obligation, Record, Requirement, Status
from zerotrip.duties.queries import (
    Progress,
    form_of,
    gathered,
    last_answers,
    load_order,
    progress_below,
    progress_of,
)
from zerotrip.duties.rules import may_manage
from zerotrip.errors import Invalid, NotFound, Refusal, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.directives.whom import keys_in
from zerotrip.web.desk.frame import rail
from zerotrip.web.duties.days import day_off, due_if_typed, due_required, due_typed
from zerotrip.web.duties.showing import LATELY, Line, Told, did, did_in, line_of, told_of, urging_said
from zerotrip.web.requests import Request, typed
from zerotrip.web.templatetags.show import called

SHOWN = 60
"""Rows of a part a page shows of each state; the workbook has all."""


@dataclass
class Part:
    """A part of an order on its board."""

    order: Requirement
    progress: Progress
    silent: list[Line] = field(default_factory=list)
    to_check: list[Line] = field(default_factory=list)
    answered: list[Line] = field(default_factory=list)
    dropped: list[Line] = field(default_factory=list)
    gathered: list[Told] = field(default_factory=list)
    manages: bool = False

    @property
    def due_at(self) -> datetime | None:
        """The day of those who are silent, where it is the same for all."""
        days = {line.obligation.due_at for line in (*self.silent, *self.to_check, *self.answered)}
        return days.pop() if len(days) == 1 else None

    @property
    def hidden(self) -> int:
        """Silent ones the page has no room for."""
        return self.progress.silent - len(self.silent)

    @property
    def dropped_names(self) -> list[str]:
        """Of whom it is asked no more."""
        return [called(line.obligation.owner) for line in self.dropped]

    @property
    def is_visit(self) -> bool:
        """Visits have a page of their own."""
        return self.order.kind == Kind.VISIT

    @property
    def visits(self) -> str:
        """Where a round of visits has its board."""
        return reverse("desk-round", args=[self.order.pk])


@require_GET
@staff_only
def show(request: Request, order_id: UUID) -> HttpResponse:
    """The board; of a part, that of the directive it belongs to."""
    order = load_order(order_id, request.actor)
    if order.part_of_id is not None:
        return redirect("desk-directive", order.part_of_id)
    return _page(request, order)


def _page(request: Request, order: Requirement, *, step: str = "", refused: Refusal | None = None) -> HttpResponse:
    """The page, or the page again with what was wrong at its place and what was typed still there."""
    parts = _parts(order, request)
    manages = may_manage(order, request.actor)
    context = {
        "order": order,
        "parts": parts,
        "total": sum((part.progress for part in parts), Progress()),
        "manages": manages,
        "rounds": f"{reverse('desk-round-new')}?part_of={order.pk}",
        "history": _history([order, *(part.order for part in parts)], request),
        "at_step": step,
        "refused": refused,
        "wrong": refused.problems if isinstance(refused, Invalid) else {},
        "off": day_off(request, due_typed(request), order.area_path) if refused else None,
        "typed": request.POST,
        "picked": {str(key) for key in keys_in(request)} if refused else set(),
        **rail(request, "directives"),
    }
    return render(request, "desk/directives/show.html", context, status=refused.status if refused else 200)


def _parts(order: Requirement, request: Request) -> list[Part]:
    """The parts somebody may see, with their rows; so many queries, however many offices were asked."""
    orders = [order]
    if order.kind == Kind.DIRECTIVE:
        seen = Requirement.objects.visible_to(request.actor).filter(part_of=order)
        orders = list(seen.order_by("issued_at", "pk"))
    keys = [one.pk for one in orders]
    progress = progress_of(keys, at=request.now, actor=request.actor)
    parts = {one.pk: Part(one, progress.get(one.pk, Progress())) for one in orders}
    owed = (
        Obligation.objects.visible_to(request.actor)
        .filter(requirement__in=keys, part_of=None)
        .annotate(
            place=Window(
                RowNumber(), partition_by=[F("requirement"), F("status")], order_by=[F("due_at"), F("owner__name")]
            )
        )
        .filter(place__lte=SHOWN)
        .select_related("owner", "about")
        .order_by("due_at", "owner__area_path", "owner__name")
    )
    rows = list(owed)
    answers = last_answers(row.pk for row in rows)
    urged = _urged(rows)
    below = progress_below([row.pk for row in rows if row.kind == Kind.TASK], at=request.now)
    for row in rows:
        part = parts[row.requirement_id]
        line = line_of(
            row,
            at=request.now,
            form=form_of(part.order),
            answer=answers.get(row.pk),
            urged_at=urged.get(row.pk),
            below=below.get(row.pk),
        )
        _of_status(part, row).append(line)
    for part in parts.values():
        part.manages = may_manage(part.order, request.actor)
        form = form_of(part.order)
        said = {line.obligation.pk: line.answer for line in (*part.to_check, *part.answered) if line.answer}
        if form is not None and said and not part.is_visit and len(said) == part.progress.answered:
            names = {line.obligation.pk: called(line.obligation.owner) for line in (*part.to_check, *part.answered)}
            part.gathered = told_of(gathered(form, said), names)
    return list(parts.values())


def _of_status(part: Part, row: Obligation) -> list[Line]:
    return {
        Status.OPEN: part.silent,
        Status.HANDED_IN: part.to_check,
        Status.KEPT: part.answered,
        Status.DROPPED: part.dropped,
    }[Status(row.status)]


def _urged(rows: list[Obligation]) -> dict[UUID, datetime]:
    """When the silent were urged last."""
    silent = [row.pk for row in rows if row.status == Status.OPEN]
    found = Record.objects.filter(obligation__in=silent, what="urged").order_by("obligation_id", "-at")
    return dict(found.distinct("obligation_id").values_list("obligation_id", "at"))


def _history(orders: list[Requirement], request: Request) -> list[dict[str, Any]]:
    """What happened to an order and to what is owed under it, the latest first."""
    names = {one.pk: one.title for one in orders}
    entries = Entry.objects.filter(subject__in=names).order_by("-at", "-seq")[:LATELY]
    owed = Obligation.objects.visible_to(request.actor).filter(requirement__in=names, part_of=None)
    records = Record.objects.filter(obligation__in=owed).select_related("by__person", "obligation__owner")
    told: list[dict[str, Any]] = [
        {
            "at": one.at,
            "what": did(one.action),
            "about": names[one.subject],
            "note": one.reason,
            "by": one.actor_name,
        }
        for one in entries
    ]
    told += [
        {
            "at": one.at,
            "what": did_in(one),
            "about": one.obligation.owner.name,
            "note": one.note,
            "by": one.by.person.name if one.by else "",
        }
        for one in records.order_by("-at", "-pk")[:LATELY]
    ]
    return sorted(told, key=lambda line: line["at"], reverse=True)[:LATELY]


@require_POST
@staff_only
def act(request: Request, order_id: UUID, step: str) -> HttpResponse:
    """Something the office that gave the order does."""
    order = load_order(order_id, request.actor)
    do = ACTS.get(step)
    if do is None:
        raise NotFound(_("没有这个操作。"))
    whole = order if order.part_of_id is None else load_order(order.part_of_id, request.actor)
    try:
        with transaction.atomic():
            told = do(request, order)
    except (Invalid, Refused, Stale) as refusal:
        return _page(request, whole, step=f"{step}:{order.pk}", refused=refusal)
    messages.success(request, told)
    return redirect("desk-directive", whole.pk)


def _picked(request: Request, order: Requirement, *statuses: Status) -> list[Obligation]:
    """What was picked on the page under this order; all there is where the button says so. Raises Invalid."""
    owed = Obligation.objects.visible_to(request.actor).filter(requirement=order, part_of=None, status__in=statuses)
    if typed(request, "all") != "1":
        owed = owed.filter(pk__in=keys_in(request))
    found = list(owed.order_by("pk"))
    if not found:
        text = _("请先选择对象。")
        raise Invalid(text, {"owed": [text]})
    return found


def _urge(request: Request, order: Requirement) -> str:
    rows = _picked(request, order, Status.OPEN)
    return urging_said(ordering.urge([row.pk for row in rows], by=request.actor, at=request.now))


def _move(request: Request, order: Requirement) -> str:
    due_at = due_required(request, order.area_path)
    rows = _picked(request, order, Status.OPEN)
    for row in rows:
        ordering.move(row, due_at=due_at, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return ngettext("%(count)d 个对象已改期。", "%(count)d 个对象已改期。", len(rows)) % {"count": len(rows)}


def _withdraw(request: Request, order: Requirement) -> str:
    rows = _picked(request, order, Status.OPEN, Status.HANDED_IN)
    for row in rows:
        ordering.withdraw(row, reason=typed(request, "reason"), by=request.actor, at=request.now)
    return ngettext("已撤销 %(count)d 项。", "已撤销 %(count)d 项。", len(rows)) % {"count": len(rows)}


def _accept(request: Request, order: Requirement) -> str:
    rows = _picked(request, order, Status.HANDED_IN)
    for row in rows:
        answering.accept(row, by=request.actor, at=request.now)
    said = ngettext("已核对通过 %(count)d 份反馈。", "已核对通过 %(count)d 份反馈。", len(rows))
    return said % {"count": len(rows)}


def _return(request: Request, order: Requirement) -> str:
    due_at = due_if_typed(request, order.area_path)
    for row in _picked(request, order, Status.HANDED_IN):
        answering.return_answer(
            row, reason=typed(request, "reason"), due_at=due_at, by=request.actor, at=request.now
        )
    return _("已退回，对方会收到原因。")


def _close(request: Request, order: Requirement) -> str:
    ordering.close(order, note=typed(request, "note"), by=request.actor, at=request.now)
    return _("已办结归档。")


ACTS: Mapping[str, Callable[[Request, Requirement], str]] = {
    "urge": _urge,
    "move": _move,
    "withdraw": _withdraw,
    "accept": _accept,
    "return": _return,
    "close": _close,
}
"""What is done, by the last word of the address; what each says when it is done."""

"""Several pieces of work at once: chosen in the list, looked at again, done one by one, each with its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zerotrip.cases import actions
from zerotrip.cases.actions.batches import require_alike
from zerotrip.cases.models import Assignment
from zerotrip.cases.rules import stage_steps
from zerotrip.cases.states import Step
from zerotrip.errors import Invalid
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import User
from zerotrip.parties.queries import colleagues
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.filters import cleaned
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.lists import row_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.actions.holding import Answer
    from zerotrip.parties.access import Actor

MOST = 100
"""Rows taken at once."""
LONGEST = 2000
"""Characters of reasons."""

Act = Callable[[Request, list[Assignment], dict[str, Any]], "list[Answer]"]

TITLES = {
    "assign": gettext_lazy("指派"),
    "take": gettext_lazy("领取"),
    "give-back": gettext_lazy("退回待领"),
    "grant": gettext_lazy("一起准予"),
}
"""What can be done to several, by the word the form sends."""
ASKED_BACK = {"assign", "grant"}
"""What is looked at again before it is done."""


@require_POST
@staff_only
def bulk(request: Request) -> HttpResponse:
    """Do one thing to several rows; what needs a person or a decision asks on a page of its own first."""
    act = typed(request, "act", most=20)
    if act not in TITLES:
        raise Invalid(_("没有这个操作。"))
    works = _chosen(request)
    if act in ASKED_BACK and typed(request, "confirmed") != "1":
        return _ask(request, act, works)
    try:
        answers = _DO[act](request, works, _common(request))
    except Invalid as refused:
        return _ask(request, act, works, refused=refused)
    context = {
        "title": TITLES[act],
        "answers": [(answer, row_of(answer.work, request)) for answer in answers],
        "done": sum(answer.done for answer in answers),
        "query": cleaned(typed(request, "query")) or "who=",
        **rail(request, ""),
    }
    return render(request, "desk/bulk_done.html", context)


def _common(request: Request) -> dict[str, Any]:
    return {"by": request.actor, "at": request.now, "key": typed(request, "key", most=40)}


def _chosen(request: Request) -> list[Assignment]:
    """The rows that were ticked, as far as this person may see them, in the order of the list."""
    picked = [pk for pk in map(uuid_from, request.POST.getlist("work")) if pk is not None]
    if not picked:
        raise Invalid(_("请先选择办件。"))
    if len(picked) > MOST:
        raise Invalid(_("一次最多选 %(most)d 件。") % {"most": MOST})
    found = Assignment.objects.visible_to(request.actor).filter(pk__in=picked)
    rows = found.select_related("case__applicant", "case__version", "assignee__person", "department")
    works = {work.pk: work for work in rows.defer("case__version__definition", "case__version__files")}
    return [works[pk] for pk in dict.fromkeys(picked) if pk in works]


def _ask(request: Request, act: str, works: list[Assignment], *, refused: Invalid | None = None) -> HttpResponse:
    """Look again: what, how many, and who or why."""
    context = {
        "act": act,
        "title": TITLES[act],
        "rows": [row_of(work, request) for work in works],
        "people": _people(works, at=request.now) if act == "assign" else [],
        "chosen": typed(request, "to"),
        "reasons": typed(request, "reasons"),
        "refused": refused,
        "query": cleaned(typed(request, "query")),
        "key": uuid4(),
        **rail(request, ""),
    }
    if act == "grant" and refused is None:
        try:
            require_alike(works)
        except Invalid as unlike:
            context["refused"], context["cannot"] = unlike, True
        else:
            context["approving"] = any(Step.APPROVE in stage_steps(work.case, work) for work in works)
    status = 422 if context["refused"] else 200
    return render(request, "desk/bulk_ask.html", context, status=status)


def _people(works: list[Assignment], *, at: datetime) -> list[tuple[UUID, str, int]]:
    """Who could be given the work: account, name, and how many of the rows they have the role for; most first."""
    names: dict[UUID, str] = {}
    fits: dict[UUID, set[UUID]] = {}
    for seat in colleagues({work.department_id for work in works}, at=at):
        account = seat.person.account.pk
        names[account] = seat.person.name
        fits.setdefault(account, set()).update(
            work.pk
            for work in works
            if (work.department_id, work.role) == (seat.organisation_id, seat.role)
            and work.area_path.startswith(seat.area_path)
        )
    fitting = [(account, names[account], len(found)) for account, found in fits.items() if found]
    return sorted(fitting, key=lambda one: (-one[2], one[1]))


def person_from(request: Request, name: str = "to") -> Actor:
    """The colleague that was chosen, with the seats they hold now. Raises Invalid at the control when none was."""
    chosen = uuid_from(typed(request, name))
    user = User.objects.filter(pk=chosen, is_active=True).first() if chosen else None
    if user is None:
        text = _("请选择一位同事。")
        raise Invalid(text, {name: [text]})
    return actor_for(user, at=request.now)


def _reasons(request: Request) -> str:
    written = typed(request, "reasons")
    if len(written) > LONGEST:
        text = _("请不要超过 %(most)d 字，现在有 %(count)d 字。") % {"most": LONGEST, "count": len(written)}
        raise Invalid(text, {"reasons": [text]})
    return written


_DO: dict[str, Act] = {
    "assign": lambda request, works, common: actions.assign_all(works, to=person_from(request), **common),
    "take": lambda request, works, common: actions.take_all(works, **common),
    "give-back": lambda request, works, common: actions.give_back_all(works, **common),
    "grant": lambda request, works, common: actions.grant_together(works, reasons=_reasons(request), **common),
}

"""One need as its firm sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.cases import actions
from zerotrip.cases.actions.rating import rating_link
from zerotrip.cases.models import Case, Need
from zerotrip.cases.queries import file_of
from zerotrip.cases.rules import may
from zerotrip.cases.states import Step
from zerotrip.errors import Invalid
from zerotrip.files.attaching import PLACE
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.attaching import Attaching, attached
from zerotrip.web.cases import sheet, story
from zerotrip.web.cases.access import own_case
from zerotrip.web.cases.enclosed import enclosed_in
from zerotrip.web.cases.helping_with import helpers_of
from zerotrip.web.requests import typed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zerotrip.cases.queries import File
    from zerotrip.web.requests import Request


def show(request: Request, file: File, *, refused: Invalid | None = None) -> HttpResponse:
    """Who helps, by when, what they said, and the firm's word once it is asked for."""
    case, enclosed = file.case, enclosed_in(file)
    need = Need.objects.get(case=case.pk)
    others = Case.objects.applied_by(request.actor).filter(need__request=need.request).exclude(pk=case.pk)
    others = others.select_related("version").defer("version__definition", "version__files").order_by("number")
    context = {
        "file": file,
        "case": case,
        "level": need.level,
        "milestones": story.milestones(file),
        "history": story.history(file, enclosed.reported),
        "helpers": helpers_of(file, enclosed),
        "enclosed": enclosed,
        "can_add": may(Step.ADD, case, request.actor),
        "refused": refused,
        "typed": request.POST.get("text", "") if refused else "",
        "files": attached(request) if refused else Attaching(PLACE),
        "answers": sheet.shown_answers(file),
        "clocks": [
            sheet.told_clock(file, clock, request.now) for clock in file.clocks if clock.assignment_id is None
        ],
        "others": others,
        "rate_link": rating_link(case),
        "can_withdraw": may(Step.WITHDRAW, case, request.actor),
        "next": story.what_next(file),
        "key": uuid4(),
        "section": "needs",
    }
    return render(request, "portal/needs/show.html", context, status=refused.status if refused else 200)


@require_POST
@signed_in
def add(request: Request, number: str) -> HttpResponse:
    """Say more, or hand in pictures and papers, while a need is helped with."""
    case = own_case(request, number)
    files = attached(request)
    try:
        actions.add_to_need(
            case,
            text=typed(request, "text"),
            files=files.handed(),
            by=request.actor,
            at=request.now,
            key=typed(request, "key", most=40),
        )
    except Invalid as refused:
        return show(request, file_of(case, request.actor), refused=refused)
    messages.success(request, _("已补充，帮办人会马上看到。"))
    return redirect("case", number)

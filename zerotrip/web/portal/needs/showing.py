"""One need as its firm sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.shortcuts import render

from zerotrip.cases.actions.rating import rating_link
from zerotrip.cases.models import Case, Need
from zerotrip.cases.rules import may
from zerotrip.cases.states import Step
from zerotrip.web.cases import sheet, story
from zerotrip.web.cases.helping_with import helpers_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zerotrip.cases.queries import File
    from zerotrip.web.requests import Request


def show(request: Request, file: File) -> HttpResponse:
    """Who helps, by when, what they said, and the firm's word once it is asked for."""
    case = file.case
    need = Need.objects.get(case=case.pk)
    others = Case.objects.applied_by(request.actor).filter(need__request=need.request).exclude(pk=case.pk)
    others = others.select_related("version").defer("version__definition", "version__files").order_by("number")
    context = {
        "file": file,
        "case": case,
        "level": need.level,
        "milestones": story.milestones(file),
        "history": story.history(file),
        "helpers": helpers_of(file),
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
    return render(request, "portal/needs/show.html", context)

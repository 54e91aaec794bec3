"""An identity number in full: shown once, kept nowhere, and the reason journalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zerotrip.cases import actions, queries
from zerotrip.cases.actions.reveal import sealed_numbers
from zerotrip.cases.models import Assignment
from zerotrip.catalogue.queries import form_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases import sheet
from zerotrip.web.cases.access import staff_case, workable_assignment
from zerotrip.web.desk.frame import rail
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def readable(file: queries.File, actor: Actor) -> dict[str, Any] | None:
    """The masked numbers this person may ask to read in full, and for which work; None when there are none."""
    places = sealed_numbers(form_of(file.case.version_id), file.shown.answers if file.shown else {})
    work = Assignment.objects.for_hands_of(actor).filter(case=file.case).first() if places else None
    if work is None:
        return None
    lines = [line for section in sheet.shown_answers(file) for line in section.lines if line.place in places]
    return {"work": work, "lines": lines}


@never_cache
@require_POST
@staff_only
def reveal(request: Request, assignment_id: UUID) -> HttpResponse:
    """One number, for a reason. What is missing is asked for on the same page."""
    assignment = workable_assignment(request, assignment_id)
    case = staff_case(request, assignment.case.number)
    place, reason = request.POST.get("place", ""), request.POST.get("reason", "")
    number, problem = "", ""
    try:
        number = actions.reveal(assignment, place, reason=reason, by=request.actor, at=request.now)
    except Invalid as refused:
        problem = refused.message
    offered = readable(queries.file_of(case, request.actor, at_desk=True), request.actor)
    line = next((line for line in offered["lines"] if line.place == place), None) if offered else None
    if line is None:
        raise NotFound(_("这里没有身份证号码，可能已被更正，请刷新后再看。"))
    context = {
        "case": case,
        "work": assignment,
        "line": line,
        "number": number,
        "problem": problem,
        "reason": reason,
        **rail(request, ""),
    }
    return render(request, "desk/reveal.html", context, status=422 if problem else 200)

"""Being heard: the applicant on their case, and whoever else the licence touches on a page of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.heard import is_open
from zerotrip.cases.models import Hearing, Telling
from zerotrip.cases.queries import file_of
from zerotrip.cases.states import Step, allowed
from zerotrip.errors import Invalid, NotFound
from zerotrip.files.naming import clean_name
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.access import own_case
from zerotrip.web.cases.files import serve
from zerotrip.web.cases.heard import sheet_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from zerotrip.cases.models import Case

LONGEST = 4000


@require_http_methods(["GET", "POST"])
@signed_in
def hearing(request: Request, number: str) -> HttpResponse:
    """State a view, ask for a hearing or waive it, ask for another to preside; read what was said and held."""
    case = own_case(request, number)
    refused = None
    if request.method == "POST":
        try:
            _heard(request, case)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已收到。"))
            return redirect("case-hearing", number)
    file = file_of(case, request.actor)
    heard = sheet_of(file, now=request.now)
    if heard is None:
        raise NotFound(_("这个办件没有听取意见或者听证。"))
    held = heard.hearing
    going_on = allowed(Step.HEAR, case.status) and (held is None or held.kept_at is None)
    context = {
        "case": case,
        "file": file,
        "heard": heard,
        "decided": file.decision is not None,
        "may_withdraw": going_on,
        "may_recuse": going_on and held is not None and held.is_called and not held.recusal_is_open,
        "refused": refused,
        "typed_for": typed(request, "telling", most=36),
        "typed_words": typed(request, "view"),
        "section": "cases",
    }
    return render(request, "portal/cases/hearing.html", context, status=422 if refused else 200)


@require_GET
@signed_in
def scan(request: Request, number: str) -> HttpResponseBase:
    """The minutes of the hearing as they were signed, for whoever reads them here."""
    case = own_case(request, number)
    held = Hearing.objects.filter(case=case, dropped_at=None).select_related("scan").first()
    if held is None or held.scan is None:
        raise NotFound(_("没有找到这个文件。"))
    return serve(held.scan, clean_name(_("听证笔录"), held.scan.media_type))


def _heard(request: Request, case: Case) -> None:
    if "reason" in request.POST:
        reason = typed(request, "reason", most=LONGEST)
        actions.ask_recusal(case, reason=reason, by=request.actor, at=request.now)
        return
    telling = uuid_from(request.POST.get("telling"))
    if telling is None:
        raise NotFound(_("没有找到这份告知。"))
    answer = typed(request, "answer", most=8)
    words = typed(request, "view", most=LONGEST) if answer == "said" else ""
    actions.answer(case, telling, answer=answer, words=words, by=request.actor, at=request.now)


@require_http_methods(["GET", "POST"])
@signed_in
def concerned(request: Request, telling_id: UUID) -> HttpResponse:
    """What somebody concerned was told, and their answer. Nobody else learns that there is such a page."""
    telling = (
        Telling.objects.visible_to(request.actor)
        .filter(pk=telling_id, to_applicant=False, concerned__party__in=request.actor.acts_for)
        .select_related("case__version", "case__applicant", "case__department", "concerned")
        .first()
    )
    if telling is None:
        raise NotFound(_("没有找到这份告知。"))
    refused = None
    if request.method == "POST":
        answer = typed(request, "answer", most=8)
        words = typed(request, "view", most=LONGEST) if answer == "said" else ""
        try:
            actions.answer_as_concerned(telling, answer=answer, words=words, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已收到。"))
            return redirect("heard", telling_id)
    case = telling.case
    context = {
        "telling": telling,
        "case": case,
        "spec": case.spec,
        "hearing": Hearing.objects.filter(case=case, dropped_at=None, calls__gt=0).first(),
        "open": is_open(telling, at=request.now) and allowed(Step.HEAR, case.status),
        "refused": refused,
        "words": typed(request, "view"),
    }
    return render(request, "portal/heard.html", context, status=422 if refused else 200)

"""Where the code on a receipt leads: the status for whoever can name the phone, all of it after sign-in."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zerotrip.cases.access import is_on_applicants_side
from zerotrip.cases.actions.confirming import addressees
from zerotrip.cases.actions.rating import rating_link
from zerotrip.cases.models import Rating
from zerotrip.cases.queries import file_of
from zerotrip.licences.slips import case_of_receipt
from zerotrip.web.cases import story
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.cases.models import Case

DIGITS = 4


@never_cache
@require_http_methods(["GET", "POST"])
def status(request: Request, number: str, code: str) -> HttpResponse:
    """Where a case stands, without anything personal, once the last digits of the phone are right.

    With ``?rate`` they lead on to the rating of a closed case: a receipt alone neither rates nor tells that
    somebody did. Tried too often, the address answers nothing for a while.
    """
    case = case_of_receipt(number, code)
    rates = "rate" in request.GET
    if is_on_applicants_side(case, request.actor):
        return redirect(rating_link(case) if rates and rating_link(case) else f"/cases/{number}/")
    problem, answer, shown = "", 200, None
    if request.method == "POST":
        if not ratelimit.consume(request, action="case_status", key=number):
            problem, answer = _("尝试次数太多，请过一小时再试，或者登录查看。"), 429
        elif _names_the_phone(case, typed(request, "digits", most=DIGITS), request):
            if rates and rating_link(case):
                return redirect(rating_link(case))
            shown = _shown(request, case)
        else:
            problem, answer = _("和登记的手机号后四位不一致，请再试一次。"), 422
    context = {"case": case, "spec": case.version.spec, "problem": problem, "shown": shown, "rates": rates}
    return render(request, "portal/status.html", context, status=answer)


def _shown(request: Request, case: Case) -> dict[str, Any]:
    link = rating_link(case)
    return {
        "milestones": story.milestones(file_of(case, request.actor)),
        "rate_link": link,
        "rated": bool(link) and Rating.objects.filter(case=case).exists(),
    }


def _names_the_phone(case: Case, digits: str, request: Request) -> bool:
    """Whether these are the last digits of one of the phones of the applicant's side."""
    if len(digits) != DIGITS:
        return False
    phones = [one.address[-DIGITS:] for one in addressees(case, at=request.now) if "@" not in one.address]
    return any(hmac.compare_digest(phone.encode(), digits.encode()) for phone in phones)

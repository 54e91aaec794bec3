"""The pages on which a case is rated: by its applicant signed in, by the link without, at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from zerotrip.cases import actions
from zerotrip.cases.actions.rating import LONGEST, case_of_token, supplement_until
from zerotrip.cases.models import AssignmentStatus, Case, Grade, Rating, RatingDoor, Tag
from zerotrip.cases.published import published_ratings
from zerotrip.cases.states import Status
from zerotrip.catalogue.spec import StageKind
from zerotrip.errors import Invalid, NotFound, Stale
from zerotrip.parties.access import NOBODY
from zerotrip.parties.models import WORKING_ROLES, Party
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.limits import a_minute
from zerotrip.web.requests import Request, typed
from zerotrip.web.templatetags.show import called

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

PRAISE = (Tag.FAST, Tag.CLEAR, Tag.KIND, Tag.NO_TRIP)


@never_cache
@require_http_methods(["GET", "POST"])
@a_minute(120)
def rate(request: Request, token: str) -> HttpResponse:
    """Rate a closed case by its link, signed in or not; once rated, add to it for some days."""
    case = _case(case_of_token(token))
    mine = case.applicant_id in request.actor.acts_for
    door, by = (RatingDoor.PORTAL, request.actor) if mine else (RatingDoor.LINK, NOBODY)
    if request.method == "POST" and not ratelimit.consume(request, action="rate", key=token):
        raise Stale(_("尝试次数太多，请过几分钟再来。"))
    return _page(request, case, door, by, back=f"/cases/{case.number}/" if mine else "")


def _case(case_id: Any) -> Case:
    case = (
        Case.objects.select_related("version", "department").filter(pk=case_id, submitted_at__isnull=False).first()
    )
    if case is None:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    return case


@never_cache
@require_http_methods(["GET", "POST"])
@staff_only
def at_counter(request: Request, number: str) -> HttpResponse:
    """The same page on the clerk's screen, handed over to the applicant."""
    case = staff_case(request, number)
    if not request.actor.seats_as(*WORKING_ROLES):
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    return _page(request, case, RatingDoor.DESK, request.actor, back=f"/desk/cases/{case.number}/")


def _page(request: Request, case: Case, door: RatingDoor, by: Actor, *, back: str) -> HttpResponse:
    rating = Rating.objects.filter(case=case).first()
    refused = None
    if request.method == "POST":
        try:
            _say(request, case, rating, door, by)
        except Invalid as problem:
            refused = problem
        else:
            messages.success(request, _thanks(case))
            return redirect(request.path)
    context = {
        "case": case,
        "spec": case.version.spec,
        "rating": rating,
        "grades": [(value, label) for value, label in Grade.choices],
        "praise": [(tag.value, tag.label) for tag in PRAISE],
        "blame": [(tag.value, tag.label) for tag in Tag if tag not in PRAISE],
        "until": _open_until(request, rating),
        "closed": case.status in (Status.CLOSED, Status.CONFIRMING),
        "need": case.version.spec.need is not None,
        "outcome": _outcome(case),
        "at_counter": door is RatingDoor.DESK,
        "back": back,
        "refused": refused,
        "problems": refused.problems if refused else {},
        "typed": {name: typed(request, name) for name in ("grade", "comment", "supplement")},
        "ticked": request.POST.getlist("tags"),
        "most": LONGEST,
        "key": uuid4(),
    }
    return render(request, "portal/rating.html", context, status=refused.status if refused else 200)


def _thanks(case: Case) -> str:
    """What the page says once the word is given: of a need that is not settled, that somebody above goes on."""
    status = Case.objects.values_list("status", flat=True).get(pk=case.pk)
    if status == Status.HELPING:
        return _("已经记下，由上一级接着办，您会收到答复。")
    return _("谢谢您的评价，已经记录。")


def _outcome(case: Case) -> str:
    """What came of a need, as its helpers said."""
    if case.version.spec.need is None:
        return ""
    done = case.assignments.filter(kind=StageKind.HELP, status=AssignmentStatus.DONE).order_by("done_at")
    return "\n".join(work.opinion for work in done if work.opinion)


def _open_until(request: Request, rating: Rating | None) -> Any:
    """Until when something can be added, if it still can."""
    if rating is None or rating.supplemented_at is not None:
        return None
    until = supplement_until(rating)
    return until if request.now <= until else None


def _say(request: Request, case: Case, rating: Rating | None, door: RatingDoor, by: Actor) -> None:
    """Write the rating, or what is added to it."""
    key = typed(request, "key", most=40)
    if "supplement" in request.POST:
        actions.supplement(case.pk, text=typed(request, "supplement"), by=by, at=request.now, key=key)
        return
    grade = typed(request, "grade", most=1)
    actions.rate(
        case.pk,
        grade=int(grade) if grade.isascii() and grade.isdigit() else 0,
        tags=request.POST.getlist("tags"),
        comment=typed(request, "comment"),
        door=door,
        by=by,
        at=request.now,
        key=key,
    )


@require_safe
def ratings(request: Request) -> HttpResponse:
    """What applicants said, by department: averages with their counts, no comments."""
    found = published_ratings("department")
    offices = Party.objects.in_bulk(list(found))
    rows = [(called(offices[key]), one) for key, one in found.items()]
    rows.sort(key=lambda row: (row[1].average is None, -(row[1].average or 0), row[0]))
    return render(request, "portal/ratings.html", {"rows": rows})

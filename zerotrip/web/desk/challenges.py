"""Administrative review and lawsuits about a decision: noted on the case, counted on a page of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.models import Case, Challenge, ChallengeKind, Upshot
from zerotrip.cases.models.challenge import Stage
from zerotrip.cases.queries import challenged, challenges_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.desk.acts import text
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed

if TYPE_CHECKING:
    from zerotrip.cases.queries import File
    from zerotrip.licences.models import Licence


def card(file: File, licence: Licence | None, request: Request) -> dict[str, Any]:
    """What ``desk/parts/challenges.html`` shows of a decided case."""
    case, any_ = file.case, any(entry.action == "challenge" for entry in file.history)
    found = challenges_of(case, request.actor) if any_ else []
    overturned = any(each.upshot == Upshot.REVOKED for each in found)
    return {
        "case": case,
        "found": found,
        "may": actions.may_note(case, request.actor),
        "licence": licence if overturned and licence is not None and licence.status == "valid" else None,
    }


@require_http_methods(["GET", "POST"])
@staff_only
def challenge(request: Request, number: str) -> HttpResponse:
    """Note a review or a lawsuit, or how one that is noted goes on."""
    case = staff_case(request, number)
    if case.decided_at is None or not actions.may_note(case, request.actor):
        raise NotFound(_("这里没有可以登记的复议或者诉讼。"))
    found = challenges_of(case, request.actor)
    asked = uuid_from(request.POST.get("challenge") or request.GET.get("challenge"))
    known = next((each for each in found if each.pk == asked), None)
    refused = None
    if request.method == "POST":
        try:
            _noted(request, case, known, asked)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(number)s：已记录。") % {"number": number})
            return redirect("desk-case", number)
    context = {
        "case": case,
        "known": known,
        "refused": refused,
        "typed": request.POST,
        "kinds": ChallengeKind.choices,
        "stages": [pair for pair in Stage.choices if pair[0] != Stage.FILED],
        "upshots": [pair for pair in Upshot.choices if pair[0]],
        "challenge": known.pk if known else new_id(),
        **rail(request, ""),
    }
    return render(request, "desk/challenge.html", context, status=422 if refused else 200)


def _noted(request: Request, case: Case, known: Challenge | None, key: UUID | None) -> None:
    common: dict[str, Any] = {"by": request.actor, "at": request.now}
    if known is not None:
        actions.move_challenge(
            known,
            stage=typed(request, "stage", most=8),
            upshot=typed(request, "upshot", most=10) if typed(request, "stage") == Stage.CLOSED else "",
            closed_on=day_or_none(request, "closed_on") if typed(request, "stage") == Stage.CLOSED else None,
            note=text(request, "note"),
            **common,
        )
        return
    actions.note_challenge(
        case,
        kind=typed(request, "kind", most=8),
        organ=text(request, "organ"),
        number=text(request, "number"),
        filed_on=day_or_none(request, "filed_on"),
        challenge=key,
        **common,
    )


def totals(request: Request) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """How many reviews and lawsuits there are about what one may see: by kind, each with what came of it."""
    counted = challenged(request.actor)
    words = {"open": str(_("未结案")), **{value: str(label) for value, label in Upshot.choices if value}}
    return [
        (str(kind.label), sum(each.values()), [(words[name], count) for name, count in each.items()])
        for kind in ChallengeKind
        if (each := counted.get(kind.value))
    ]

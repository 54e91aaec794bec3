"""What keeps a case back on its page: what its applicant is barred from, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.actions.places import before, counted
from zerotrip.cases.models import Bar, BarKind
from zerotrip.cases.states import UNDER_WAY
from zerotrip.errors import Invalid, NotFound
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import staff_case
from zerotrip.web.desk.acts import text
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.cases.queries import File


def card(file: File, request: Request) -> dict[str, Any]:
    """What ``desk/parts/bars.html`` shows: what holds now, and what came of this case, lifted or not."""
    listed = [
        (each, each.holds(request.now), each.case_id == file.case.pk)
        for each in file.bars
        if each.holds(request.now) or each.case_id == file.case.pk
    ]
    mine = any(holds and here for _bar, holds, here in listed)
    return {"listed": listed, "case": file.case, "may": mine and actions.may_lift(file.case, request.actor)}


def places_card(file: File, request: Request) -> dict[str, Any] | None:
    """Where an accepted case stands among those of a licence limited in number; None for all others."""
    case, allotment = file.case, file.spec.allotment
    if allotment is None or case.accepted_at is None or case.status not in UNDER_WAY:
        return None
    first = before(case)
    count = counted(case.version.service_id, allotment, at=case.accepted_at)
    return {"count": count, "first": first, "turn": len(first) + 1, "waits": len(first) >= count.left}


@require_http_methods(["GET", "POST"])
@staff_only
def lift(request: Request, number: str) -> HttpResponse:
    """Lift a bar that comes from a case, saying why."""
    case = staff_case(request, number)
    if not actions.may_lift(case, request.actor):
        raise NotFound(_("这里没有可以解除的限制。"))
    asked = uuid_from(request.POST.get("bar") or request.GET.get("bar"))
    bars = Bar.objects.visible_to(request.actor).filter(case=case)
    found = bars.filter(pk=asked).first() if asked else bars.in_force(request.now).first()
    if found is None:
        raise NotFound(_("没有找到这项限制。"))
    refused = None
    if request.method == "POST":
        try:
            actions.lift_bar(found, reason=text(request, "reason"), by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(number)s：已记录。") % {"number": number})
            return redirect("desk-case", number)
    context = {
        "case": case,
        "bar": found,
        "ground": BarKind(found.kind).label,
        "refused": refused,
        "typed": request.POST,
        **rail(request, ""),
    }
    return render(request, "desk/lift_bar.html", context, status=422 if refused else 200)

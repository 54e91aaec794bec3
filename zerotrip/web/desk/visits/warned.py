"""One warning: the figures then and now, what is done about it, and the firm followed until they turn."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zerotrip.catalogue.queries import offered
from zerotrip.duties.models import Kind, Obligation, Record, Status
from zerotrip.duties.rules import answers_for, issuing_seats
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import HANDS
from zerotrip.relief.matching.queries import entered, kinds
from zerotrip.relief.visits import queries
from zerotrip.relief.visits.actions import dismiss, settle_recovered
from zerotrip.relief.visits.declared import spec_of
from zerotrip.relief.visits.showing import figures_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.requests import Request, typed

RESOURCES_SHOWN = 6


@require_GET
@staff_only
def show(request: Request, warning_id: UUID) -> HttpResponse:
    """Why it warns, and what to do next."""
    return _page(request, queries.load_warning(warning_id, request.actor))


def _page(request: Request, warning: Obligation, *, refused: Refusal | None = None) -> HttpResponse:
    spec = spec_of(warning.requirement)
    now = queries.now_of(warning, at=request.now)
    there = kinds()
    well = queries.recovered(warning, now, at=request.now)
    records = list(warning.records.select_related("by__person"))
    open_one = warning.status == Status.OPEN
    visits = queries.followed(warning, request.actor)
    context = {
        "warned": queries.Warned(warning),
        "warning": warning,
        "firm": warning.about,
        "figures": figures_of(warning.context, now, vocabulary()),
        "recovered": well,
        "open": open_one,
        "decided": _decided(records),
        "again": next((one.details["again"] for one in records if one.details.get("again")), None),
        "may": open_one and answers_for(warning, request.actor),
        "settles": warning.status == Status.HANDED_IN and well and answers_for(warning, request.actor),
        "plans": bool(issuing_seats(Kind.VISIT, request.actor)) and answers_for(warning, request.actor),
        "visits": visits,
        "needs": queries.needs_of([visit.obligation.pk for visit in visits], request.actor),
        "subject": offered().get(spec.subject) if spec.subject else None,
        "follow": [there[slug] for slug in spec.follow if slug in there],
        "enters": bool(request.actor.seats_as(*HANDS)),
        "resources": list(
            entered(request.actor, text="").filter(party=warning.about_id).order_by("-pk")[:RESOURCES_SHOWN]
        ),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "typed": request.POST,
        "now": request.now,
        **rail(request, "visits"),
    }
    return render(request, "desk/visits/warning.html", context, status=refused.status if refused else 200)


def _decided(records: list[Record]) -> Record | None:
    """What was decided: to go, or that nobody needs to; of one nobody went for, that it had recovered."""
    whats = ("handed_in", "dropped", "kept")
    found = [record for what in whats for record in records if record.what == what]
    return found[0] if found else None


@require_POST
@staff_only
def act(request: Request, warning_id: UUID, step: str) -> HttpResponse:
    """Nobody needs to go, for a reason; or the figures are well again."""
    warning = queries.load_warning(warning_id, request.actor)
    try:
        if step == "dismiss":
            dismiss(warning, reason=typed(request, "reason"), by=request.actor, at=request.now)
            messages.success(request, _("已记下不需要走访的原因。"))
        elif step == "recovered":
            settle_recovered(warning, by=request.actor, at=request.now)
            messages.success(request, _("指标已恢复，预警已结束。"))
        else:
            raise NotFound(_("没有这个操作。"))
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, warning, refused=refused)
    return redirect("desk-visits")

"""Sealed areas for those outside the offices: the door that asks, and the enterprise that makes the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.models import Due
from zerotrip.duties.standing.declared import spec_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.prevention.models import DoorRequest, SealedArea, Site, Wanted
from zerotrip.prevention.sealed import actions, queries, spec
from zerotrip.prevention.sealed.codes import door_of
from zerotrip.prevention.sealed.doors import names_of
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.duties.reporting import ReportPage, due_of, require_open
from zerotrip.web.limits import a_minute
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.sealed.sheet import ASKED, asking_of, on_paper, run_of, sheet

if TYPE_CHECKING:
    from zerotrip.prevention.models.sealed import DoorRequestQuerySet
    from zerotrip.prevention.sealed.doors import Door

SECTION = {"section": "cases"}
MOST = 100


@never_cache
@require_http_methods(["GET", "POST"])
@a_minute(60)
def door(request: Request, token: str) -> HttpResponse:
    """A household says what it needs, without an account: its link is its key."""
    sealed, asks = door_of(token)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            key = uuid_from(typed(request, "key")) or new_id()
            actions.ask_from_door(sealed.pk, asking_of(request, asks), key=key, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已记下，会随下一趟送来。"))
            return redirect("household", token)
    context = {
        "sealed": sealed,
        "door": asks,
        "where": names_of([asks.where])[asks.where],
        "level": spec.rules().named().get(sealed.level, sealed.level),
        "is_sealed": sealed.is_in_force(request.now),
        "asked": _asked(sealed, asks)[:MOST],
        "values": {each: typed(request, each, most=400) for each in ASKED},
        "kinds": Wanted.choices,
        "key": new_id(),
        **refused_with(refused),
    }
    return render(request, "portal/sealed/door.html", context, status=refused.status if refused else 200)


def _asked(sealed: SealedArea, asks: Door) -> DoorRequestQuerySet:
    where = asks.where
    rows = DoorRequest.objects.filter(sealed=sealed, area_path=where.area_path, site=where.site, door=asks.name)
    return rows.order_by("-at", "id")


@require_GET
@signed_in
def runs(request: Request) -> HttpResponse:
    """The sealed areas whose runs one's enterprise makes, with the runs of today."""
    found = SealedArea.objects.carried_by(request.actor).in_force(request.now)
    areas = [
        {
            "sealed": row,
            "runs": [(run, str(spec_of(run.window.requirement).name)) for run in queries.runs(row, at=request.now)],
        }
        for row in found[:MOST]
    ]
    return render(request, "portal/sealed/runs.html", {"areas": areas, **SECTION})


def _carried(request: Request, sealed_id: UUID) -> SealedArea:
    rows = SealedArea.objects.carried_by(request.actor).select_related("carrier", "transfer")
    found = rows.prefetch_related("places").filter(pk=sealed_id).first()
    if found is None:
        raise NotFound(_("没有这个封控区，或不是由您的企业承运。"))
    return found


@require_GET
@signed_in
def run(request: Request, sealed_id: UUID, window_id: int) -> HttpResponse:
    """The sheet of a run on the driver's phone; with ``paper``, as PDF."""
    sealed = _carried(request, sealed_id)
    found = run_of(sealed, window_id, request)
    held = sheet(sealed, found, request, with_codes=False)
    title = str(spec_of(found.window.requirement).name)
    if "paper" in request.GET:
        return on_paper(held, title, request)
    return render(request, "portal/sealed/run.html", {**held, "title": title, **SECTION})


@require_http_methods(["GET", "POST"])
@signed_in
def stop(request: Request, sealed_id: UUID, window_id: int, site_id: UUID) -> HttpResponse:
    """Confirm a stop: who handed over, who received, by the code they read out or a picture of a signed paper."""
    sealed = _carried(request, sealed_id)
    run_of(sealed, window_id, request)
    due = due_of(Due.objects.filter(subject__in=sealed.points.values("pk")), window_id, site_id)
    require_open(due.window, request.now)
    page = ReportPage.sent(request, due) if request.method == "POST" else ReportPage.begun(due)
    if page.is_handed_in(request) and page.file(request, done_at=request.now):
        messages.success(request, _("已确认这一站。"))
        return redirect("my-run", sealed.pk, window_id)
    site = Site.objects.get(pk=site_id)
    context = {"sealed": sealed, "due": due, "page": page, "site": site, **SECTION}
    return render(request, "portal/sealed/stop.html", context, status=422 if page.problems else 200)


@require_POST
@signed_in
def settle(request: Request, sealed_id: UUID, window_id: int, request_id: UUID) -> HttpResponse:
    """What a door asked for was brought, says the driver."""
    sealed = _carried(request, sealed_id)
    if not DoorRequest.objects.filter(pk=request_id, sealed=sealed).exists():
        raise NotFound(_("没有这条需求。"))
    actions.settle(request_id, by=request.actor, at=request.now)
    messages.success(request, _("已送到。"))
    return redirect("my-run", sealed.pk, window_id)

"""The doors of sites at the desk: who came by the hour, where somebody was, who was there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.events.rules import measures_for
from zerotrip.prevention.inspections import queries as inspections
from zerotrip.prevention.inspections.rules import seat_to_inspect
from zerotrip.prevention.models import Measure, Site, VenueScan
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.prevention.venues import queries, tracing
from zerotrip.prevention.venues.actions import words_of
from zerotrip.prevention.venues.rules import may_check
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.duties.reported import reported
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, storable, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE_SIZE = 30
POSTERS = 200
"""Of one file; a longer list is printed in parts."""


def parts_of(request: Request, sites: int) -> range:
    """The files in which the posters of so many sites are printed; none where no event asks for them."""
    if Measure.VENUES not in measures_for(request.actor, on=today_of(request)):
        return range(0)
    return range(1, -(-sites // POSTERS) + 1)


def block_of(request: Request, site: Site) -> dict[str, Any]:
    """What the page of a site says of its measures and its door, while the measure reaches there."""
    if Measure.VENUES not in measures_for(request.actor, on=today_of(request)):
        return {"venue": False}
    first, after = queries.day_of(today_of(request))
    counts = queries.by_site(VenueScan.objects.filter(site=site).between(first, after), [site.pk])
    inspection, defects = inspections.last_of(site.pk)
    return {
        "venue": True,
        "inspection": inspection,
        "defects": defects,
        "reports": reported(request, site.pk),
        "may_inspect": site.closed_on is None and seat_to_inspect(request.actor, site) is not None,
        "owed": queries.owed_on(site.pk, today_of(request)),
        "came": counts.get(site.pk),
        "may_check": site.closed_on is None and may_check(request.actor, site),
    }


@require_GET
@during(Measure.VENUES)
def index(request: Request) -> HttpResponse:
    """The sites of one's area with how many came to their doors on a day."""
    day, word = _day(request), storable(request.GET.get("q", "")).strip()[:60]
    rows = Site.objects.visible_to(request.actor).open_on(day).select_related("kind")
    if word:
        rows = rows.filter(
            Q(name__icontains=word) | Q(address__icontains=word) | Q(code=word.replace(" ", "").upper())
        )
    page = page_of(request, rows.order_by("kind__place", "name", "pk"), size=PAGE_SIZE)
    first, after = queries.day_of(day)
    scans = VenueScan.objects.visible_to(request.actor).between(first, after)
    counts = queries.by_site(scans, [site.pk for site in page.object_list])
    areas = area_names({code_of(site.area_path) for site in page.object_list})
    context = {
        "page": page,
        "lines": [
            (site, site.kind.spec.name, areas.get(code_of(site.area_path), ""), counts.get(site.pk))
            for site in page.object_list
        ],
        "hours": queries.by_hour(scans) if not word else [],
        "day": day,
        "word": word,
        "query": f"day={day.isoformat()}&q={word}",
        "traces": tracing.may_trace(request.actor),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/venues/index.html", context)


@require_GET
@during(Measure.VENUES)
def show(request: Request, site_id: UUID) -> HttpResponse:
    """What came to the door of one site on a day, by the hour; numbers, and nobody's name."""
    site, day = _site(request, site_id), _day(request)
    first, after = queries.day_of(day)
    hours = queries.by_hour(VenueScan.objects.visible_to(request.actor).filter(site=site).between(first, after))
    most = max((hour.came + hour.away for hour in hours), default=1) or 1
    context = {
        "site": site,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today_of(request) else None,
        "hours": [(hour, (hour.came + hour.away) * 100 // most) for hour in hours],
        "total": (sum(hour.came for hour in hours), sum(hour.away for hour in hours)),
        "traces": tracing.may_trace(request.actor),
        "may_check": may_check(request.actor, site),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/venues/show.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def trace(request: Request) -> HttpResponse:
    """Where somebody was, in a time, for a reason that is kept."""
    refused: Invalid | None = None
    found: Sequence[VenueScan] | None = None
    person = uuid_from(typed(request, "person") or request.GET.get("person", ""))
    if request.method == "POST":
        number = typed(request, "number", most=40)
        try:
            found = tracing.way_of(_asked(request), number=number, person=person, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
    areas = area_names({code_of(row.area_path) for row in found or ()})
    context = {
        "found": None
        if found is None
        else [(row, areas.get(code_of(row.area_path), ""), "、".join(words_of(row.reasons))) for row in found],
        "person": person,
        "values": request.POST if request.method == "POST" else _usual(request),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/venues/trace.html", context, status=refused.status if refused else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def present(request: Request, site_id: UUID) -> HttpResponse:
    """Who was at a site, in a time, for a reason that is kept."""
    site = _site(request, site_id)
    refused: Invalid | None = None
    found: tuple[list[queries.Present], int] | None = None
    if request.method == "POST":
        try:
            found = tracing.present_at(_asked(request), site=site.pk, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
    context = {
        "site": site,
        "found": None
        if found is None
        else [(one, mask_name(one.person.name) if one.person else "") for one in found[0]],
        "unnamed": found[1] if found else 0,
        "most": tracing.MOST,
        "values": request.POST if request.method == "POST" else _usual(request),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(
        request, "desk/prevention/venues/present.html", context, status=refused.status if refused else 200
    )


def _asked(request: Request) -> tracing.Asked:
    first = moment_of(typed(request, "first", most=10), typed(request, "first_at", most=8) or "00:00")
    last = moment_of(typed(request, "last", most=10), typed(request, "last_at", most=8) or "23:59")
    after = last + timedelta(minutes=1) if last else None
    return tracing.Asked(first, after, typed(request, "reason", most=400))


def _usual(request: Request) -> dict[str, str]:
    """The times a form begins with: what the address says, else today."""
    given, today = request.GET, today_of(request).isoformat()
    return {
        "first": given.get("first", today)[:10],
        "first_at": given.get("first_at", "00:00")[:5],
        "last": given.get("last", today)[:10],
        "last_at": given.get("last_at", "23:59")[:5],
    }


def _site(request: Request, site_id: UUID) -> Site:
    return get_object_or_404(Site.objects.visible_to(request.actor).select_related("kind", "owner"), pk=site_id)


def _day(request: Request) -> date:
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today_of(request))
    except ValueError:
        return today_of(request)

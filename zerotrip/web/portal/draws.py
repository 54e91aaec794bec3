"""A draw (双随机) as anybody sees it: what was committed to, the public value, the outcome, how to verify it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zerotrip.prevention.inspections import drawing, draws
from zerotrip.prevention.inspections.spec import rules
from zerotrip.prevention.models import Draw
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.limits import a_minute
from zerotrip.web.requests import Request


@never_cache
@require_GET
@a_minute(600)
def show(request: Request, draw_id: UUID) -> HttpResponse:
    """One draw. Its outcome is there once the sites were inspected: before, it would announce the visits."""
    row = _draw(draw_id)
    laid_open, told = draws.is_laid_open(row, at=request.now), draws.told_of(row.pk, row.drawn_at)
    context = {
        "draw": row,
        "open": laid_open,
        "known": row.known_at <= request.now,
        "sites": told.sites,
        "people": told.inspectors,
        "outcome": _outcome(row, told) if laid_open else [],
        "seed": drawing.seed(row.lists_hash, row.secret, row.value) if laid_open else "",
    }
    return render(request, "portal/draw.html", context)


def _outcome(row: Draw, told: draws.Told) -> list[dict[str, Any]]:
    names, named = told.names, rules().publish_inspectors
    if named:
        names = {**names, **draws.inspectors_of(row)}
    others = {site: one for site, one in draws.looked_at(row).items() if one.is_done and one.by_others}
    return [
        {
            "site": names.get(site, ""),
            "inspectors": [names.get(who, "") for who in people],
            "others": [name if named else mask_name(name) for name in others[site].names] if site in others else [],
            "because": others[site].inspection.others_because if site in others else "",
        }
        for site, people in row.outcome or ()
    ]


@never_cache
@require_GET
@a_minute(60)
def file(request: Request, draw_id: UUID) -> HttpResponse:
    """All there is to work the draw out again, once it is laid open. Raises Http404 before."""
    row = _draw(draw_id)
    if not draws.is_laid_open(row, at=request.now):
        raise Http404
    return as_file(row)


def as_file(row: Draw) -> HttpResponse:
    """A draw to take away, as JSON."""
    answer = HttpResponse(draws.file_of(row.pk, row.drawn_at), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="draw-{row.pk}.json"'
    return answer


def _draw(draw_id: UUID) -> Draw:
    """Draws frozen before they were shown to anybody named their inspectors in full: they are not shown."""
    shown = Draw.objects.filter(lists__contains="\nknown at ").defer(
        "lists", "replaces__lists", "replaces__outcome", "replaced_by__lists", "replaced_by__outcome"
    )
    return get_object_or_404(shown.select_related("office", "replaces", "replaced_by"), pk=draw_id)

"""Draws at the desk: the lists are looked at and frozen, the public value is typed in, anybody can work it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid, NotAllowed, Refusal, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.models import LEADING_ROLES
from zerotrip.prevention.inspections import drawing, draws
from zerotrip.prevention.inspections.rules import may_draw
from zerotrip.prevention.models import Draw, Measure, Risk, SiteKind
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, number, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.portal.draws import as_file
from zerotrip.web.requests import Request, moment_of, typed

if TYPE_CHECKING:
    from zerotrip.parties.access import Seat

PAGE_SIZE = 20


@require_GET
@during(Measure.VENUES)
def index(request: Request) -> HttpResponse:
    """The draws of one's area, the latest first."""
    rows = Draw.objects.visible_to(request.actor).select_related("office").defer("lists")
    page = page_of(request, rows, size=PAGE_SIZE)
    context = {"page": page, "leads": bool(_seat(request)), **rail(request, "prevention")}
    return render(request, "desk/prevention/draws/index.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def new(request: Request) -> HttpResponse:
    """The terms of a draw; looked at first, then frozen."""
    seat = _seat(request)
    if seat is None:
        raise NotAllowed(_("由部门负责人在本部门的区域里抽取。"))
    refused: Invalid | None = None
    looked: draws.Candidates | None = None
    if request.method == "POST":
        terms = _terms(request)
        looked = draws.candidates(terms, office=seat.department_id, on=request.now)
        if typed(request, "step") == "freeze":
            try:
                made = draws.freeze(
                    terms,
                    office=seat.department_id,
                    key=uuid_from(typed(request, "key")) or new_id(),
                    by=request.actor,
                    at=request.now,
                    reason=typed(request, "reason", most=800),
                )
            except Invalid as invalid:
                refused = invalid
            else:
                messages.success(request, _("名单已冻结，校验码已记入日志。等公布了那个数再来抽取。"))
                return redirect("desk-draw", made.pk)
    everybody = draws.candidates(draws.Terms("", "", "", None), office=seat.department_id, on=request.now)
    context = {
        "looked": looked,
        "recused": [(site.name, everybody.inspectors.get(who, ""), why) for site, who, why in looked.recused[:50]]
        if looked
        else [],
        "people": sorted(everybody.inspectors.items(), key=lambda pair: pair[1]),
        "areas": areas_of(request.actor),
        "kinds": [(kind.pk, kind.spec.name) for kind in SiteKind.objects.kept()],
        "risks": Risk.choices,
        "values": request.POST if request.method == "POST" else {"count": "5"},
        "chosen": {name: request.POST.getlist(name) for name in ("kinds", "risks", "away")},
        "key": new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/draws/new.html", context, status=refused.status if refused else 200)


def _terms(request: Request) -> draws.Terms:
    return draws.Terms(
        name=typed(request, "name", most=200),
        area=typed(request, "area", most=15),
        source=typed(request, "source", most=400),
        known_at=moment_of(typed(request, "known_day"), typed(request, "known_hour")),
        count=number(request, "count"),
        kinds=request.POST.getlist("kinds"),
        risks=request.POST.getlist("risks"),
        away=[key for text in request.POST.getlist("away") if (key := uuid_from(text)) is not None],
        away_why=typed(request, "away_why", most=200),
    )


@require_http_methods(["GET", "POST"])
@during(Measure.VENUES)
def show(request: Request, draw_id: UUID) -> HttpResponse:
    """One draw: what is frozen, and the outcome with all that shows it is right; a POST types the value in."""
    row = _draw(request, draw_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            draws.draw(row.pk, value=typed(request, "value", most=400), by=request.actor, at=request.now)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("抽取结果出来了。"))
            return redirect("desk-draw", row.pk)
    context = {
        "draw": row,
        "outcome": _outcome(row),
        "sound": drawing.digest(row.lists) == row.lists_hash
        and (row.drawn_at is None or row.outcome == draws.again(row)),
        "seed": drawing.seed_of(row.lists, row.secret, row.value) if row.drawn_at else "",
        "sites": row.lists.count("\nsite "),
        "people": row.lists.count("\ninspector "),
        "may": row.drawn_at is None and may_draw(request.actor, row.office_id, row.area_path),
        "known": row.known_at <= request.now,
        "open": draws.is_laid_open(row, at=request.now),
        "history": history(row.pk).order_by("-seq")[:10],
        "values": request.POST,
        **refused_with(refused if isinstance(refused, Invalid) else None),
        "refused": refused,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/draws/show.html", context, status=refused.status if refused else 200)


def _outcome(row: Draw) -> list[dict[str, Any]]:
    if row.outcome is None:
        return []
    names = {**drawing.names(row.lists), **draws.inspectors_of(row)}
    looked = draws.looked_at(row)
    return [
        {
            "site": UUID(site),
            "name": names.get(site, ""),
            "inspectors": [names.get(who, "") for who in people],
            "looked": looked.get(site),
        }
        for site, people in row.outcome
    ]


@require_GET
@during(Measure.VENUES)
def file(request: Request, draw_id: UUID) -> HttpResponse:
    """All there is to work the draw out again; before it is drawn, what was committed to."""
    return as_file(_draw(request, draw_id))


def _draw(request: Request, draw_id: UUID) -> Draw:
    rows = Draw.objects.visible_to(request.actor).select_related("office", "replaces")
    rows = rows.defer("replaces__lists", "replaces__outcome")
    return get_object_or_404(rows, pk=draw_id)


def _seat(request: Request) -> Seat | None:
    """The seat from which somebody draws: of several the one over the widest area."""
    return min(request.actor.seats_as(*LEADING_ROLES), key=lambda seat: len(seat.area_path), default=None)

"""Events at the desk: what is declared, declaring, changing and ending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid, NotAllowed
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.queries import area_names
from zerotrip.prevention.events import actions
from zerotrip.prevention.events.purging import register_of
from zerotrip.prevention.events.rules import may_change, measures_for, seats_to_declare
from zerotrip.prevention.models import Event, Measure
from zerotrip.prevention.models.events import LEAST_KEPT
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_inside
from zerotrip.web.desk.prevention.measures import doors
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, summary_of, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zerotrip.parties.access import Seat

KEPT = 30
"""Days that are filled in for a new event; the district decides."""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """What is under way where one works, and what has to be done for it."""
    today = today_of(request)
    found = list(Event.objects.visible_to(request.actor).select_related("department")[:100])
    if not found and not seats_to_declare(request.actor):
        raise NotAllowed(_("您负责的区域没有启动防控。"))
    names = area_names({event.area for event in found})
    context = {
        "events": [
            {
                "event": event,
                "area": names.get(event.area, ""),
                "measures": _named(event),
                "now": _when(event, today),
            }
            for event in found
        ],
        "doors": doors(measures_for(request.actor, on=today)),
        "may_declare": bool(seats_to_declare(request.actor)),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/index.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Declare an event."""
    seats = seats_to_declare(request.actor)
    if not seats:
        raise NotAllowed(_("防控由部门负责人启动。"))
    refused: Invalid | None = None
    if request.method == "POST":
        office = uuid_from(typed(request, "department"))
        try:
            event = actions.declare(
                _typed(request),
                area=typed(request, "area", most=15),
                department=office or seats[0].department_id,
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("防控已启动，相关功能已在这个区域开放。"))
            return redirect("desk-event", event.pk)
    values = _values(request) if refused else {"starts_on": today_of(request).isoformat(), "keep_days": str(KEPT)}
    return _form(request, values, refused=refused, seats=seats)


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, event_id: UUID) -> HttpResponse:
    """One event: what it asks for and how it came to be; whoever answers for it changes it here."""
    event = get_object_or_404(Event.objects.visible_to(request.actor).select_related("department"), pk=event_id)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            actions.change(
                event.pk,
                _typed(request),
                reason=typed(request, "reason", most=400),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已保存。"))
            return redirect("desk-event", event.pk)
    values = _values(request) if refused else _values_of(event)
    return _form(request, values, refused=refused, event=event)


def page_of_event(request: Request, event_id: UUID, *, naming: Invalid) -> HttpResponse:
    """The page of an event again, with what is wrong about who was to be named and what was typed of them."""
    event = get_object_or_404(Event.objects.visible_to(request.actor).select_related("department"), pk=event_id)
    return _form(request, _values_of(event), refused=None, event=event, naming=naming)


def _form(
    request: Request,
    values: Mapping[str, Any],
    *,
    refused: Invalid | None,
    event: Event | None = None,
    seats: Sequence[Seat] = (),
    naming: Invalid | None = None,
) -> HttpResponse:
    today = today_of(request)
    context = {
        "event": event,
        "values": values,
        "problems": refused.problems if refused else {},
        "summary": summary_of(refused),
        "measures": [(value, label, value in values.get("measures", ())) for value, label in Measure.choices],
        "seats": seats,
        "areas": areas_inside({seat.area_path for seat in seats}),
        "least": LEAST_KEPT,
        "key": typed(request, "key", most=36) or new_id(),
        **rail(request, "prevention"),
    }
    if event is not None:
        context |= {
            "area": area_names({event.area}).get(event.area, ""),
            "named": _named(event),
            "now": _when(event, today),
            "may_change": may_change(event, request.actor),
            "exporters": event.exporters.in_force(today).select_related("user__person").order_by("named_at"),
            "history": history(event.pk).filter(action__in=("declare", "change")).order_by("-seq")[:20],
            "looked": history(event.pk).filter(action__in=("export", "reveal")).order_by("-seq")[:20],
            "register": register_of(event.measures),
            "naming": naming,
            "named_typed": {name: typed(request, name, most=254) for name in ("email", "until")},
            "gone": history(event.pk).filter(action="purge").first(),
        }
    template = "desk/prevention/event.html" if event is not None else "desk/prevention/new.html"
    wrong = refused or naming
    return render(request, template, context, status=wrong.status if wrong else 200)


def _typed(request: Request) -> actions.Declared:
    keep = typed(request, "keep_days", most=6)
    return actions.Declared(
        name=typed(request, "name", most=400),
        basis=typed(request, "basis", most=800),
        measures=request.POST.getlist("measures"),
        starts_on=day_or_none(request, "starts_on"),
        ends_on=day_or_none(request, "ends_on"),
        keep_days=int(keep) if keep.isascii() and keep.isdigit() else None,
    )


def _values(request: Request) -> dict[str, Any]:
    names = ("name", "basis", "area", "starts_on", "ends_on", "keep_days", "reason", "department")
    return {name: typed(request, name, most=800) for name in names} | {"measures": request.POST.getlist("measures")}


def _values_of(event: Event) -> dict[str, Any]:
    return {
        "name": event.name,
        "basis": event.basis,
        "measures": event.measures,
        "starts_on": event.starts_on.isoformat(),
        "ends_on": event.ends_on.isoformat() if event.ends_on else "",
        "keep_days": str(event.keep_days),
        "reason": "",
    }


def _named(event: Event) -> list[str]:
    return [str(Measure(measure).label) for measure in event.measures]


def _when(event: Event, today: date) -> tuple[str, str]:
    """Where it stands, in a word, and the tone of its tag."""
    if event.purged_at is not None:
        return _("记录已清除"), ""
    if event.is_in_force(today):
        return _("进行中"), "water"
    if event.starts_on > today:
        return _("未开始"), ""
    return _("已结束，记录待清除"), "warn"

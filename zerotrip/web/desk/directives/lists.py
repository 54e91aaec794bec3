"""What my office was asked, what it asked of others, and, for supervisors, all there is in their area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zerotrip.duties.models import Kind, Status
from zerotrip.duties.queries import (
    Progress,
    asked_at_desk,
    orders_of,
    progress_below,
    progress_of,
    supervised,
    with_late,
)
from zerotrip.duties.rules import issuing_seats
from zerotrip.parties.models import Role
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.duties.showing import line_of
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation

PAGE_SIZE = 30
VIEWS = ("asked", "answered", "issued", "area")


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The lists, one at a time."""
    supervises = bool(request.actor.seats_as(Role.SUPERVISOR))
    gives = bool(issuing_seats(Kind.DIRECTIVE, request.actor))
    usual = "area" if supervises and not gives else "asked"
    view = request.GET.get("view", usual)
    view = view if view in VIEWS and (supervises or view != "area") else usual
    late = request.GET.get("late") == "1"
    found = _owed(request, view) if view in ("asked", "answered") else _issued(request, view, late=late)
    context = {
        **found,
        "view": view,
        "late": late,
        "query": f"view={view}{'&late=1' if late else ''}",
        "supervises": supervises,
        "gives": gives,
        **rail(request, "directives"),
    }
    return render(request, "desk/directives/index.html", context)


def _owed(request: Request, view: str) -> dict[str, Any]:
    """What my office was asked: what waits by day, so that what is late stands first; or what is answered."""
    owed = asked_at_desk(request.actor).select_related("requirement__part_of", "owner", "watcher")
    if view == "asked":
        rows = owed.due().filter(requirement__closed_at=None).order_by("due_at", "pk")
    else:
        rows = owed.filter(Q(status__in=(Status.KEPT, Status.HANDED_IN)))
        rows = rows.order_by(F("ended_at").desc(nulls_first=True), "pk")
    page = page_of(request, rows, size=PAGE_SIZE)
    below = progress_below([row.pk for row in page.object_list], at=request.now)
    return {"page": page, "lines": [_line(row, below, request) for row in page.object_list]}


def _line(row: Obligation, below: dict[Any, Progress], request: Request) -> Any:
    return line_of(row, at=request.now, form=None, below=below.get(row.pk))


def _issued(request: Request, view: str, *, late: bool) -> dict[str, Any]:
    """What was asked of others: what is under way first, the latest at the top."""
    orders = supervised(request.actor) if view == "area" else orders_of(request.actor)
    if late:
        orders = with_late(orders, at=request.now)
    orders = orders.order_by(F("closed_at").desc(nulls_first=True), "-issued_at", "pk")
    page = page_of(request, orders, size=PAGE_SIZE)
    progress = progress_of(
        [order.pk for order in page.object_list], at=request.now, actor=request.actor, whole=True
    )
    return {"page": page, "rows": [(order, progress.get(order.pk, Progress())) for order in page.object_list]}

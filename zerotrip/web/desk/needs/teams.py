"""Task forces: which there are, who belongs to each in which role over which area, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotAllowed, Refusal
from zerotrip.parties.models import Role
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_choices, area_names
from zerotrip.relief.teams import queries
from zerotrip.relief.teams.access import load, may_man
from zerotrip.relief.teams.actions import join, leave
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.models import Membership, Party

PAGE_SIZE = 30
Placed = TypeVar("Placed", "Party", "Membership")


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The teams, each with how many belong to it and how many rules go there."""
    page = page_of(request, queries.teams(request.actor, at=request.now), size=PAGE_SIZE)
    context = {"page": page, "rows": _with_areas(page.object_list), **rail(request, "needs")}
    return render(request, "desk/needs/teams.html", context)


def _with_areas(rows: Iterable[Placed]) -> list[tuple[Placed, str]]:
    """Rows that lie somewhere, each with what that place is called."""
    listed = list(rows)
    named = area_names({code_of(row.area_path) for row in listed})
    return [(row, named.get(code_of(row.area_path), "")) for row in listed]


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, team_id: UUID) -> HttpResponse:
    """Who belongs to a team and who did; whoever leads over its area lets somebody join."""
    team = load(team_id, request.actor)
    if request.method == "GET":
        return _page(request, team)
    if not may_man(request.actor, team):
        raise NotAllowed(_("专班的人由管辖其范围的部门负责人或专班负责人安排。"))
    try:
        seat = join(
            team.pk,
            account=uuid_from(typed(request, "person", most=40)),
            role=typed(request, "role", most=16),
            area=typed(request, "area", most=15),
            by=request.actor,
            at=request.now,
        )
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, team, refused=refused)
    messages.success(request, _("%(name)s已加入，已告知本人。") % {"name": seat.person.name})
    return redirect("desk-team", team.pk)


def _page(request: Request, team: Party, *, refused: Refusal | None = None) -> HttpResponse:
    may = may_man(request.actor, team)
    past = page_of(request, queries.former(team, at=request.now), size=PAGE_SIZE)
    areas = area_choices(team.area_path) if may else []
    context = {
        "team": team,
        "area": area_names([code_of(team.area_path)]).get(code_of(team.area_path), ""),
        "members": _with_areas(queries.members(team, at=request.now)),
        "page": past,
        "former": past.object_list,
        "may": may,
        "people": queries.joinable(team, at=request.now) if may else [],
        "roles": [(role.value, role.label) for role in queries.TEAM_ROLES],
        "areas": [(code, name, depth) for code, name, depth in areas],
        "typed": {name: typed(request, name, most=40) for name in ("person", "role", "area")},
        "leader": Role.LEADER.value,
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        **rail(request, "needs"),
    }
    return render(request, "desk/needs/team.html", context, status=refused.status if refused else 200)


@require_POST
@staff_only
def end(request: Request, seat_id: UUID) -> HttpResponse:
    """Somebody belongs to a team no longer."""
    seat = leave(seat_id, by=request.actor, at=request.now)
    messages.success(request, _("%(name)s不再属于这个专班，已告知本人。") % {"name": seat.person.name})
    return redirect("desk-team", seat.organisation_id)

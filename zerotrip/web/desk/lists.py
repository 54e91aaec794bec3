"""The lists of the desk: what is to be done, what I have done, every case I may see."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zerotrip.cases import queries
from zerotrip.cases.actions.holding import MANAGING
from zerotrip.cases.models import DESK_ROLES, AssignmentStatus, ExportForm
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import offered, spec_of, stage_name
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, streets
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.filters import KINDS, LIGHTS, PEOPLE, query_of, search_of, wish_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment
    from zerotrip.cases.queries import Wish
    from zerotrip.parties.access import Actor

PAGE_SIZE = 30
COLUMNS = {
    "applicant": _("申请人"),
    "stage": _("环节"),
    "assignee": _("办理人"),
    "area": _("街道"),
    "opened": _("到手"),
    "department": _("部门"),
}
"""The columns that can be chosen; service and due date always show."""
USUAL = ("applicant", "stage", "assignee")
ON_THE_RAIL = {"intake", "review", "decision", "waiting"}


@require_GET
@staff_only
def worklist(request: Request) -> HttpResponse:
    """What is due: the green channel first, then most urgent first. What waits for applicants stands apart.

    Without a word of what to show, the filter the reader saved as the usual one.
    """
    views, chosen = queries.kept_by(request.actor)
    if not request.META.get("QUERY_STRING") and (usual := _usual(views)):
        return redirect(f"{request.path}?{usual}")
    wish = wish_of(request.GET.dict())
    page = page_of(request, queries.worklist(request.actor, wish, at=request.now), size=PAGE_SIZE)
    columns = [name for name in COLUMNS if name in (chosen or USUAL)]
    query = query_of(wish)
    context = {
        "page": page,
        "rows": _with_areas([row_of(work, request) for work in page.object_list], columns),
        "columns": [(name, COLUMNS[name]) for name in columns],
        "all_columns": [(name, words, name in columns) for name, words in COLUMNS.items()],
        "wish": wish,
        "narrowed": query_of(replace(wish, kind="", who="", green=False)) != "",
        "query": query,
        "tabs": _tabs(wish),
        "views": views,
        "saved": next((view for view in views if view.query == query and query), None),
        "hands": _hands(request.actor),
        "leads": bool(request.actor.seats_as(*MANAGING)),
        "decides": any(work.kind == StageKind.DECISION for work in page.object_list),
        "key": uuid4(),
        **_choices(request.actor),
        **rail(request, _current(wish), apart=True),
    }
    return render(request, "desk/worklist.html", context)


def _usual(views: list[Any]) -> str:
    return next((view.query for view in views if view.is_default), "")


def _current(wish: Wish) -> str:
    """The entry of the rail this list belongs to."""
    if wish.kind in ON_THE_RAIL:
        return wish.kind
    return "green" if wish.green else "all"


def _hands(actor: Actor) -> bool:
    """Whether this person does work of cases, and may take it."""
    return bool(actor.seats_as(*DESK_ROLES))


def _tabs(wish: Wish) -> list[tuple[str, str, Any]]:
    """Whose work: the word, where it leads, what it says. The rest of the filter stays."""
    people = [("", _("我能办的")), *PEOPLE.items()]
    return [(who, query_of(replace(wish, who=who)) or "who=", words) for who, words in people]


def _choices(actor: Actor) -> dict[str, Any]:
    """What a worklist can be narrowed to."""
    return {
        "services": queries.offered_services(actor),
        "areas": streets({seat.area_path for seat in actor.seats}),
        "kinds": KINDS.items(),
        "lights": LIGHTS.items(),
    }


def row_of(work: Assignment, request: Request) -> dict[str, Any]:
    """A piece of work as a list shows it. The light is that of its clock."""
    spec = spec_of(work.case.version_id)
    warn_at = getattr(work, "warn_at", None)
    late = work.due_at is not None and work.due_at < request.now and not work.waiting
    watch = warn_at is not None and warn_at <= request.now and not work.waiting
    own = work.assignee_id is not None and work.assignee_id == request.actor.user_id
    covered = {cover.user_id for cover in request.actor.covers}
    return {
        "work": work,
        "case": work.case,
        "spec": spec,
        "stage": stage_name(spec, work.stage),
        "light": "late" if late else "watch" if watch else "",
        "own": own,
        "stands_in": work.assignee_id in covered,
    }


def _with_areas(rows: list[dict[str, Any]], columns: list[str]) -> list[dict[str, Any]]:
    """With the names of the areas, where they are shown."""
    if "area" in columns:
        codes = {row["work"].pk: code_of(row["work"].area_path) for row in rows}
        names = area_names(set(codes.values()))
        for row in rows:
            row["area"] = names.get(codes[row["work"].pk], "")
    return rows


@require_GET
@staff_only
def done(request: Request) -> HttpResponse:
    """What I have done."""
    page = page_of(request, queries.done_by(request.actor), size=PAGE_SIZE, keys_first=True)
    rows = [row_of(work, request) | {"did": _did(work, request)} for work in page.object_list]
    return render(request, "desk/done.html", {"page": page, "rows": rows, **rail(request, "done")})


def _did(work: Assignment, request: Request) -> str:
    """What this person did in a piece of work: their opinion, and which of two they were."""
    if work.first_by_id is None:
        return str(work.get_verdict_display())
    if work.first_by_id != request.actor.user_id:
        return _("%(verdict)s（第二人确认）") % {"verdict": work.get_verdict_display()}
    verdict = {"verdict": work.get_proposed_display()}
    if work.status == AssignmentStatus.OPEN:
        return _("%(verdict)s（第一人，等另一人确认）") % verdict
    return _("%(verdict)s（第一人）") % verdict


@require_GET
@staff_only
def cases(request: Request) -> HttpResponse:
    """Every case I may see, found by number, subject or applicant, service, street and status."""
    search = search_of(request.GET.dict())
    rows, counted_by = queries.find_to_leaf(request.actor, search)
    context = {
        "page": page_of(request, rows, size=PAGE_SIZE, counted_by=counted_by),
        "search": search,
        "narrowed": any(asdict(search).values()),
        "statuses": [choice for choice in Status.choices if choice[0] != Status.DRAFT],
        "services": _all_services(),
        "areas": streets({seat.area_path for seat in request.actor.seats}),
        "query": query_of(search),
        "forms": ExportForm.choices,
        "key": uuid4(),
        **rail(request, "cases"),
    }
    return render(request, "desk/cases.html", context)


def _all_services() -> list[tuple[str, str]]:
    """The services there are, by name."""
    return sorted(((slug, str(spec.name)) for slug, spec in offered().items()), key=lambda one: one[1])

"""Registering a project, saying anew what is known of it, and landing an investor: one form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.errors import Invalid, NotAllowed
from zerotrip.ids import new_id
from zerotrip.parties.queries import area_choices
from zerotrip.projects import actions, queries
from zerotrip.projects.actions.registering import pack_for
from zerotrip.projects.declared import scheme_at
from zerotrip.projects.rules import may_steer, require_steer, seats_to_register
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.projects.models import Lead
    from zerotrip.projects.spec import ProjectsSpec
    from zerotrip.questions import Form

PLAIN = ("name", "kind", "owner_name", "owner_uscc", "begun_on", "carrier")
"""The fields of a project beside its facts."""


def department_of(request: Request) -> UUID:
    """For which of their departments somebody registers. Raises NotAllowed for whoever works in none."""
    seats = seats_to_register(request.actor)
    if not seats:
        raise NotAllowed(_("项目和线索由有岗位的工作人员登记在自己部门。"))
    asked = uuid_from(request.POST.get("department") or request.GET.get("department"))
    return next((seat.department_id for seat in seats if seat.department_id == asked), seats[0].department_id)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Register a project."""
    department = department_of(request)
    _pack, spec = pack_for(request.actor, department)
    refused: Invalid | None = None
    if request.method == "POST" and not spec.parsed_form.asks_for_rows(request.POST):
        try:
            project = actions.register(
                described_in(request),
                spec.parsed_form.read_post(request.POST),
                department=department,
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("项目已登记，您是它的管家。"))
            return redirect("desk-project", project.pk)
    return registering(request, spec, department, refused=refused)


def described_in(request: Request) -> actions.Described:
    """A project as it was typed."""
    try:
        begun_on = date.fromisoformat(typed(request, "begun_on", most=10))
    except ValueError:
        begun_on = None
    return actions.Described(
        name=typed(request, "name", most=400),
        kind=typed(request, "kind", most=60),
        owner_name=typed(request, "owner_name", most=400),
        owner_uscc=typed(request, "owner_uscc", most=40),
        begun_on=begun_on,
        carrier=typed(request, "carrier", most=400),
    )


def registering(
    request: Request, spec: ProjectsSpec, department: UUID, *, refused: Invalid | None, lead: Lead | None = None
) -> HttpResponse:
    """The form for a new project, as it was typed; of a lead, with what the lead knows filled in."""
    answers = spec.parsed_form.read_post(request.POST) if request.method == "POST" else spec.parsed_form.initial()
    values: dict[str, Any] = {name: typed(request, name) for name in PLAIN}
    if request.method == "GET":
        values["begun_on"] = queries.day_of(request.now).isoformat()
    if lead is not None and request.method == "GET":
        values |= {"name": lead.matter[:120], "kind": lead.kind, "owner_name": lead.investor}
        answers["foreign_invested"] = lead.foreign
    context = {
        "values": values,
        "kinds": [(kind.id, str(kind.name)) for kind in spec.kinds],
        "seats": seats_to_register(request.actor),
        "department": department,
        "lead": lead,
        **_facts(request, spec.parsed_form, answers, refused, department),
        "key": uuid_from(typed(request, "key")) or new_id(),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/new.html", context, status=422 if refused else 200)


def _facts(
    request: Request, form: Form, answers: Mapping[str, Any], refused: Invalid | None, department: UUID
) -> dict[str, Any]:
    problems = refused.problems if refused else {}
    seat = next((seat for seat in request.actor.seats if seat.department_id == department), None)
    path = seat.area_path if seat else ""
    sections = [
        {"title": section.title, "fields": form.bind(answers, section=section.id, problems=problems)}
        for section in form.sections
    ]
    summary = [
        {"text": text, "url": f"#{place.replace('.', '-')}"} for place, texts in problems.items() for text in texts
    ]
    return {
        "sections": [section for section in sections if section["fields"]],
        "areas": area_choices(path) if path else [],
        "problems": problems,
        "summary": summary,
        "refused": refused,
    }


@require_http_methods(["GET", "POST"])
@staff_only
def facts(request: Request, project_id: UUID) -> HttpResponse:
    """What is known of a project: read by everybody who sees it, changed by its steward."""
    project = queries.load(project_id, request.actor)
    form = scheme_at(project.pack).parsed_form
    refused: Invalid | None = None
    if request.method == "POST":
        require_steer(project, request.actor)
        try:
            actions.change_facts(project, form.read_post(request.POST), by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("项目情况已更新，许可计划按新情况重算。"))
            return redirect("desk-project", project.pk)
    known = queries.facts_of([project.pk], at=request.now).get(project.pk, {})
    answers = form.read_post(request.POST) if refused else known
    context = {
        "project": project,
        "steers": may_steer(project, request.actor),
        "shown": form.show(known, area_name=_names(known)),
        **_facts(request, form, answers, refused, project.department_id),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/facts.html", context, status=422 if refused else 200)


def _names(answers: Mapping[str, Any]) -> Any:
    from zerotrip.parties.queries import area_names

    codes = {value["area"] for value in answers.values() if isinstance(value, Mapping) and value.get("area")}
    named = area_names(codes) if codes else {}
    return lambda code: named.get(code, code)

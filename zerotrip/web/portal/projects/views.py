"""An applicant's own project: the plan its steward sees, and what comes next for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zerotrip.errors import NotFound
from zerotrip.ids import new_id
from zerotrip.parties.models import Mandate
from zerotrip.projects import actions, queries
from zerotrip.projects.models import Project
from zerotrip.projects.planning import State
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.projects.gantt import lines_of, picture_of
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.projects.planning import Plan

MOST = 50


def _own(request: Request, project_id: UUID) -> Project:
    """A project of somebody this person acts for. Raises NotFound for all others, staff too."""
    found = Project.objects.owned_by(request.actor).select_related("owner", "department", "steward__person")
    project = found.filter(pk=project_id).first()
    if project is None:
        raise NotFound(_("没有找到这个项目。"))
    return project


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """My projects."""
    rows = Project.objects.owned_by(request.actor).select_related("owner", "steward__person")
    projects = list(rows.order_by("ended_at", "name")[:MOST])
    plans = queries.plans_of(projects, at=request.now)
    return render(
        request,
        "portal/projects/index.html",
        {"rows": [(project, plans[project.pk]) for project in projects], "section": "cases"},
    )


@require_GET
@signed_in
def show(request: Request, project_id: UUID) -> HttpResponse:
    """The plan, what to do next, milestones, who the steward is and what they may do."""
    project = _own(request, project_id)
    plan = queries.plan_of(project, at=request.now)
    context = {
        "project": project,
        "plan": plan,
        "picture": picture_of(plan),
        "lines": lines_of(plan),
        "kind": plan.spec.name_of("kinds", project.kind),
        "phase": plan.spec.name_of("phases", plan.phase) if plan.phase else "",
        "milestones": queries.milestones_of([project.pk], at=request.now).get(project.pk, []),
        "problems": queries.problems_of([project.pk], at=request.now).get(project.pk, []),
        "next": [row for row in picture_of(plan).rows if row.step.may_open or row.step.state is State.DRAFT],
        "entrusted": _entrusted(project, plan, request),
        "key": new_id(),
        "section": "cases",
    }
    return render(request, "portal/projects/show.html", context)


def _entrusted(project: Project, plan: Plan, request: Request) -> Mandate | None:
    """The mandate under which the steward may file what is left, until when."""
    left = {step.permit.service for step in plan.needed if step.state is not State.DONE}
    held = Mandate.objects.in_force(request.now).filter(principal=project.owner_id, agent=project.steward_id)
    return next((one for one in held.order_by("-during") if left <= set(one.services)), None)


@require_POST
@signed_in
def begin(request: Request, project_id: UUID) -> HttpResponse:
    """Begin a permit, filled in from the project and from what was said in its other cases."""
    project = _own(request, project_id)
    key = uuid_from(typed(request, "key")) or new_id()
    opened = actions.open_permit(project, typed(request, "permit"), key=key, by=request.actor, at=request.now)
    told = _("草稿已建好，带入 %(answers)d 项内容、%(files)d 个文件，请核对补充后提交。")
    messages.success(request, told % {"answers": opened.answers, "files": opened.files})
    return redirect("case", opened.case.number)


@require_POST
@signed_in
def entrust(request: Request, project_id: UUID) -> HttpResponse:
    """Let the steward file what is left of the plan."""
    project = _own(request, project_id)
    plan = queries.plan_of(project, at=request.now)
    services = sorted({step.permit.service for step in plan.needed if step.state is not State.DONE})
    actions.entrust(project, services, by=request.actor, at=request.now)
    messages.success(request, _("已委托项目管家代办，期限一年。随时可以在“委托”里收回。"))
    return redirect("project", project.pk)

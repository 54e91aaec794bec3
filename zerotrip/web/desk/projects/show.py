"""A project at the desk: its plan on one picture, and everything its steward does from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zerotrip.cases.models import Case
from zerotrip.catalogue.queries import offered
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.projects import actions, queries
from zerotrip.projects.actions.permits import may_open_for
from zerotrip.projects.actions.registering import stewards_to_be
from zerotrip.projects.models import CaseRole, Project
from zerotrip.projects.rules import leads_department, may_steer
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.projects.problems import shown
from zerotrip.web.desk.projects.words import lights, step_words
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.projects.curve import curve_of
from zerotrip.web.projects.gantt import lines_of, name_of, picture_of
from zerotrip.web.requests import Request, day_or_none, typed

if TYPE_CHECKING:
    from zerotrip.errors import Refusal
    from zerotrip.projects.planning import Plan

LATEST = 8
"""Lines of the history a page shows."""


@require_GET
@staff_only
def show(request: Request, project_id: UUID) -> HttpResponse:
    """The project."""
    return _page(request, queries.load(project_id, request.actor))


def _page(request: Request, project: Project, *, step: str = "", refused: Refusal | None = None) -> HttpResponse:
    """The page, or the page again with what was wrong at its place and what was typed still there."""
    actor, at = request.actor, request.now
    plan = queries.plan_of(project, at=at)
    money = queries.money_of([project.pk], at=at).get(project.pk) or queries.Money()
    milestones = queries.milestones_of([project.pk], at=at).get(project.pk, [])
    problems = queries.problems_of([project.pk], at=at).get(project.pk, [])
    steers = may_steer(project, actor)
    context = {
        "project": project,
        "plan": plan,
        "picture": picture_of(plan),
        "lines": lines_of(plan),
        "kind": plan.spec.name_of("kinds", project.kind),
        "phase": plan.spec.name_of("phases", plan.phase) if plan.phase else "",
        "money": money,
        "curve": curve_of(money, today=plan.today),
        "planned_by_now": money.planned_by(plan.today),
        "milestones": milestones,
        "lights": lights(milestones),
        "problems": shown(problems, actor),
        "open_problems": sum(row.ended_on is None for row in problems),
        "steers": steers,
        "leads": leads_department(actor, project) and project.ended_at is None,
        "mandated": _mandated(project, plan, request),
        "readable": _readable(plan, request),
        "joints": _joints(plan),
        "history": _history(project),
        "at_step": step,
        "refused": refused,
        "wrong": refused.problems if isinstance(refused, Invalid) else {},
        "typed": request.POST if refused else request.GET,
        "key": (uuid_from(typed(request, "key")) if refused else None) or new_id(),
        "today": plan.today,
        **(_choices(project, plan, request) if steers else {}),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/show.html", context, status=refused.status if refused else 200)


def _mandated(project: Project, plan: Plan, request: Request) -> set[str]:
    """The permits this person may begin for the owner."""
    return {step.id for step in plan.needed if may_open_for(project, request.actor, step.permit.service)}


def _readable(plan: Plan, request: Request) -> set[UUID]:
    """The cases of the plan this person reads at the desk: not those they file themselves, nor drafts."""
    keys = [step.progress.case for step in plan.needed if step.progress and step.progress.submitted_on]
    seen = Case.objects.visible_to(request.actor).filter(pk__in=keys)
    return set(
        seen.exclude(pk__in=Case.objects.applied_by(request.actor).values("pk")).values_list("pk", flat=True)
    )


def _joints(plan: Plan) -> list[dict[str, Any]]:
    """The joint acceptances of the plan, and whether they can be begun now."""
    found = []
    for group in plan.spec.joint:
        steps = plan.group(group.id)
        waiting = [step for step in steps if step.progress is None]
        if len(steps) > 1 and waiting:
            found.append({"group": group, "steps": steps, "ready": all(step.may_open for step in waiting)})
    return found


def _choices(project: Project, plan: Plan, request: Request) -> dict[str, Any]:
    services = offered()
    names = [(step.id, name_of(step, services)) for step in plan.needed]
    return {
        "classes": actions.problem_classes(project, at=request.now),
        "permits": names,
        "people": stewards_to_be(project, at=request.now),
    }


def _history(project: Project) -> list[tuple[Any, str]]:
    entries = list(history(project.pk).order_by("-seq")[:LATEST])
    return [(entry, step_words(entry.action)) for entry in entries]


@require_POST
@staff_only
def act(request: Request, project_id: UUID, step: str) -> HttpResponse:
    """Something its steward does."""
    project = queries.load(project_id, request.actor)
    do = ACTS.get(step)
    if do is None:
        raise NotFound(_("没有这个操作。"))
    try:
        told = do(request, project)
    except (Invalid, Refused) as refusal:
        return _page(request, project, step=step, refused=refusal)
    if isinstance(told, HttpResponse):
        return told
    messages.success(request, told)
    return redirect("desk-project", project.pk)


def _key(request: Request) -> UUID:
    return uuid_from(typed(request, "key")) or new_id()


def _open(request: Request, project: Project) -> str | HttpResponse:
    opened = actions.open_permit(
        project, typed(request, "permit"), key=_key(request), by=request.actor, at=request.now
    )
    told = _("草稿已建好，带入 %(answers)d 项内容、%(files)d 个文件，请核对补充后提交。")
    messages.success(request, told % {"answers": opened.answers, "files": opened.files})
    return redirect("case", opened.case.number)


def _remind(request: Request, project: Project) -> str:
    actions.remind_owner(project, typed(request, "permit"), by=request.actor, at=request.now)
    return _("已提醒企业。同一项许可一天提醒一次。")


def _joint(request: Request, project: Project) -> str:
    opened = actions.open_jointly(
        project,
        typed(request, "joint"),
        on=day_or_none(request, "joint_on"),
        key=_key(request),
        by=request.actor,
        at=request.now,
    )
    return _("已同时建好 %(count)d 件验收草稿，日期记为项目节点。") % {"count": len(opened)}


def _milestone(request: Request, project: Project) -> str:
    actions.set_milestone(
        project,
        name=typed(request, "milestone"),
        on=day_or_none(request, "on"),
        key=_key(request),
        by=request.actor,
        at=request.now,
    )
    return _("节点已登记。")


def _obligation(request: Request, project: Project, kind: Kind) -> Obligation:
    key = uuid_from(typed(request, "owed"))
    found = Obligation.objects.filter(pk=key, subject=project.pk, kind=kind).first() if key else None
    if found is None:
        raise NotFound(_("没有找到这一条，可能已经改过。"))
    return found


def _reach(request: Request, project: Project) -> str:
    milestone = _obligation(request, project, Kind.MILESTONE)
    actions.reach_milestone(milestone, note=typed(request, "note", most=1000), by=request.actor, at=request.now)
    return _("节点已登记为达到。")


def _move(request: Request, project: Project) -> str:
    milestone = _obligation(request, project, Kind.MILESTONE)
    actions.move_milestone(
        milestone,
        on=day_or_none(request, "on"),
        reason=typed(request, "reason", most=1000),
        by=request.actor,
        at=request.now,
    )
    return _("节点已改期，原来的日期留有记录。")


def _problem(request: Request, project: Project) -> str:
    trouble = actions.Trouble(
        what=typed(request, "what"),
        words=typed(request, "words", most=2_000),
        permit=_permit_name(project, typed(request, "permit"), at=request.now),
        contact=typed(request, "contact", most=100),
        phone=typed(request, "phone", most=40),
    )
    case = actions.note_problem(project, trouble, key=_key(request), by=request.actor, at=request.now)
    return _("问题已作为企业诉求提出，编号 %(number)s，已告知企业。") % {"number": case.number}


def _permit_name(project: Project, permit: str, *, at: datetime) -> str:
    step = queries.plan_of(project, at=at).step(permit) if permit else None
    return name_of(step, offered()) if step else ""


def _money(request: Request, project: Project) -> str:
    actions.tell_money(
        project,
        month=typed(request, "month", most=10),
        planned=typed(request, "planned", most=30),
        done=typed(request, "done", most=30),
        by=request.actor,
        at=request.now,
    )
    return _("投资已保存。")


def _link(request: Request, project: Project) -> str:
    permit = typed(request, "permit")
    link = actions.link_case(
        project,
        typed(request, "number", most=24),
        role=CaseRole.PERMIT if permit else CaseRole.PROBLEM,
        permit=permit,
        by=request.actor,
        at=request.now,
    )
    return _("办件 %(number)s 已归入项目。") % {"number": link.case.number}


def _hand_on(request: Request, project: Project) -> str | HttpResponse:
    to = uuid_from(typed(request, "steward"))
    handed = actions.hand_on(
        project,
        to=to or UUID(int=0),
        reason=typed(request, "reason", most=1000),
        by=request.actor,
        at=request.now,
    )
    told = _("已移交给%(name)s。") % {"name": handed.steward.person.name}
    if not Project.objects.visible_to(request.actor).filter(pk=project.pk).exists():
        messages.success(request, told)
        return redirect("desk-projects")
    return told


def _end(request: Request, project: Project) -> str:
    actions.end(project, reason=typed(request, "reason", most=400), by=request.actor, at=request.now)
    return _("项目已不再跟踪。")


ACTS: Mapping[str, Callable[[Request, Project], str | HttpResponse]] = {
    "open": _open,
    "remind": _remind,
    "joint": _joint,
    "milestone": _milestone,
    "reach": _reach,
    "move": _move,
    "problem": _problem,
    "money": _money,
    "link": _link,
    "hand-on": _hand_on,
    "end": _end,
}
"""What is done, by the last word of the address; what each says when it is done, or where it leads."""

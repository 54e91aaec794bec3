"""Investors on the way: the list by stage, one lead with its steps, the form of a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.projects import actions
from zerotrip.projects.actions.registering import pack_for
from zerotrip.projects.declared import packs_of_projects, scheme_at
from zerotrip.projects.models import Lead
from zerotrip.projects.queries import day_of
from zerotrip.projects.rules import may_follow, require_follow, seats_to_register
from zerotrip.projects.states import TRANSITIONS, UNDER_WAY, Stage
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.projects.forms import department_of, described_in, registering
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, summary_of, typed

if TYPE_CHECKING:
    from zerotrip.projects.spec import ProjectsSpec

PAGE_SIZE = 50
FIELDS = ("investor", "matter", "kind", "amount", "capital", "foreign", "contact", "on", "note")


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The leads one may see, those under way unless another stage is asked for."""
    asked = request.GET.get("stage", "")
    stage = asked if asked in Stage.values else ""
    every = Lead.objects.visible_to(request.actor)
    counted = {row["stage"]: row for row in every.values("stage").annotate(count=Count("pk"), amount=Sum("amount"))}
    rows = every.filter(stage=stage) if stage else every.filter(stage__in=UNDER_WAY)
    page = page_of(request, rows.select_related("handler__person").order_by("-moved_on", "-pk"), size=PAGE_SIZE)
    spec = next(iter(packs_of_projects().values()), None)
    context = {
        "page": page,
        "rows": [(lead, spec.name_of("kinds", lead.kind) if spec else lead.kind) for lead in page.object_list],
        "stage": stage,
        "stages": [(one, one.label, counted.get(one.value, {})) for one in Stage],
        "any": bool(counted),
        "registers": bool(seats_to_register(request.actor) and spec),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/leads.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Register an investor at the first contact."""
    department = department_of(request)
    _pack, spec = pack_for(request.actor, department)
    refused: Invalid | None = None
    if request.method == "POST":
        key = uuid_from(typed(request, "key")) or new_id()
        try:
            lead = actions.open_lead(
                _offered(request), department=department, key=key, by=request.actor, at=request.now
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("线索已登记，由您跟进。"))
            return redirect("desk-lead", lead.pk)
    values = {name: typed(request, name) for name in FIELDS}
    values["on"] = values["on"] or day_of(request.now).isoformat()
    context = {
        "values": values,
        "kinds": [(one.id, str(one.name)) for one in spec.kinds],
        "capitals": [(one.id, str(one.name)) for one in spec.capital],
        "seats": seats_to_register(request.actor),
        "department": department,
        "problems": refused.problems if refused else {},
        "summary": summary_of(refused),
        "key": uuid_from(typed(request, "key")) or new_id(),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/lead_new.html", context, status=422 if refused else 200)


def _offered(request: Request) -> actions.Offered:
    return actions.Offered(
        investor=typed(request, "investor", most=400),
        matter=typed(request, "matter", most=800),
        kind=typed(request, "kind", most=60),
        amount=typed(request, "amount", most=30),
        capital=typed(request, "capital", most=60),
        foreign=typed(request, "foreign") == "yes",
        contact=typed(request, "contact", most=120),
        on=day_or_none(request, "on"),
        note=typed(request, "note", most=2000),
    )


def _load(request: Request, lead_id: UUID) -> Lead:
    rows = Lead.objects.visible_to(request.actor).select_related("handler__person", "department", "project")
    found = rows.filter(pk=lead_id).first()
    if found is None:
        raise NotFound(_("没有找到这条线索。"))
    return found


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, lead_id: UUID) -> HttpResponse:
    """A lead with its steps; the next step, for whoever follows it."""
    lead = _load(request, lead_id)
    refused: Invalid | None = None
    if request.method == "POST":
        to = typed(request, "stage", most=12)
        try:
            actions.move_lead(
                lead,
                to,
                on=day_or_none(request, "on"),
                note=typed(request, "note"),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("进展已登记。"))
            return redirect("desk-lead", lead.pk)
    spec = scheme_at(lead.pack)
    context = {
        "lead": lead,
        "steps": lead.steps.select_related("by__person"),
        "pairs": _pairs(lead, spec),
        "follows": may_follow(lead, request.actor),
        "moves": [(to.value, to.label) for to in Stage if to in TRANSITIONS[Stage(lead.stage)] - {Stage.LANDED}],
        "lands": Stage.LANDED in TRANSITIONS[Stage(lead.stage)],
        "values": {
            "stage": typed(request, "stage") or lead.stage,
            "on": typed(request, "on") or day_of(request.now).isoformat(),
            "note": typed(request, "note"),
        },
        "problems": refused.problems if refused else {},
        "summary": summary_of(refused),
        **rail(request, "projects"),
    }
    return render(request, "desk/projects/lead.html", context, status=422 if refused else 200)


def _pairs(lead: Lead, spec: ProjectsSpec) -> list[tuple[str, Any]]:
    from zerotrip.web.templatetags.show import wan

    return [
        (_("想投资什么"), lead.matter),
        (_("类别"), spec.name_of("kinds", lead.kind)),
        (_("计划投资"), wan(lead.amount)),
        (_("资金来源"), spec.name_of("capital", lead.capital)),
        (_("外商投资"), _("是") if lead.foreign else _("否")),
        (_("联系方式"), lead.contact or "—"),
        (_("跟进人"), lead.handler.person.name),
    ]


@require_http_methods(["GET", "POST"])
@staff_only
def land(request: Request, lead_id: UUID) -> HttpResponse:
    """A signed investor lands as a project: the form of a project, with what the lead knows."""
    lead = _load(request, lead_id)
    require_follow(lead, request.actor)
    if lead.project_id is not None:
        return redirect("desk-project", lead.project_id)
    spec = scheme_at(lead.pack)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            project = actions.land_lead(
                lead,
                described_in(request),
                spec.parsed_form.read_post(request.POST),
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已落地为项目，您是它的管家。"))
            return redirect("desk-project", project.pk)
    return registering(request, spec, lead.department_id, refused=refused, lead=lead)

"""Loading what a case page needs, for those who may see it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases.models import Assignment, Case, Material
from zerotrip.cases.queries import load
from zerotrip.catalogue.models import Service, ServiceVersion
from zerotrip.errors import NotFound
from zerotrip.web.requests import Request


def own_case(request: Request, number: str) -> Case:
    """A case of somebody this person acts for. Raises NotFound for all others, staff too."""
    case = load(number, request.actor)
    if case.applicant_id not in request.actor.acts_for:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    return case


def staff_case(request: Request, number: str) -> Case:
    """A case this member of staff may see: one that was submitted, and not their own."""
    case = load(number, request.actor)
    if case.applicant_id in request.actor.acts_for:
        raise NotFound(_("这是您本人或您所代表企业的办件，请到“我的办件”查看。"))
    if case.submitted_at is None:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    return case


def visible_material(request: Request, material_id: UUID) -> Material:
    """A file this person may see. Raises NotFound."""
    material = (
        Material.objects.visible_to(request.actor)
        .select_related("blob", "submission__case")
        .filter(pk=material_id)
        .first()
    )
    if material is None:
        raise NotFound(_("没有找到这个文件。"))
    return material


def own_material(request: Request, material_id: UUID) -> Material:
    """A file on this person's side of a case. Raises NotFound."""
    material = visible_material(request, material_id)
    if material.submission.case.applicant_id not in request.actor.acts_for:
        raise NotFound(_("没有找到这个文件。"))
    return material


def workable_assignment(request: Request, assignment_id: UUID) -> Assignment:
    """A unit of work this person may see; whether they may do it is the action's question."""
    assignment = (
        Assignment.objects.visible_to(request.actor).select_related("case").filter(pk=assignment_id).first()
    )
    if assignment is None:
        raise NotFound(_("没有找到这项工作，可能已转交其他部门。"))
    return assignment


def offered_version(slug: str) -> ServiceVersion:
    """The version new cases of a service begin with. Raises NotFound when it takes none."""
    service = Service.objects.select_related("current__service").filter(pk=slug).first()
    if service is None or service.current is None:
        raise NotFound(_("没有找到这个事项，可能已停止受理。"))
    return service.current

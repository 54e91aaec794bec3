"""Loading what a case page needs, for those who may see it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases.access import is_on_applicants_side, power_in
from zerotrip.cases.models import Assignment, Case, Material
from zerotrip.cases.queries import load
from zerotrip.catalogue.models import Service, ServiceVersion
from zerotrip.errors import Ended, NotFound
from zerotrip.parties.mandates import ended_mandate
from zerotrip.web.cases.helping import Helping
from zerotrip.web.requests import Request
from zerotrip.web.templatetags.show import moment


def own_case(request: Request, number: str) -> Case:
    """A case of somebody this person acts for, or helps under a mandate. Raises NotFound for all others,
    staff too; Ended when there was a mandate, and it is over.

    Whom the page helps, if anybody, is on ``request.helping``.
    """
    try:
        case = load(number, request.actor)
    except NotFound:
        _say_if_ended(request, number)
        raise
    if not is_on_applicants_side(case, request.actor):
        _say_if_ended(request, number)
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    request.helping = Helping.of(case, request.actor)
    return case


def ended_case(request: Request, number: str) -> tuple[Case, str] | None:
    """The case in which a mandate of this person is over, with the words that say so; None without one."""
    case = Case.objects.select_related("applicant", "version", "department").filter(number=number).first()
    if case is None or request.actor.user_id is None or is_on_applicants_side(case, request.actor):
        return None
    service = case.version.service_id
    ended = ended_mandate(request.actor, party=case.applicant_id, service=service, case=case.pk, at=request.now)
    if ended is None:
        return None
    text = _("您的授权已于 %(when)s 结束，刚才的内容没有保存。以前保存的还在草稿里，由申请人接着办。")
    return case, text % {"when": moment(ended)}


def _say_if_ended(request: Request, number: str) -> None:
    found = ended_case(request, number)
    if found is not None:
        raise Ended(found[1])


def staff_case(request: Request, number: str) -> Case:
    """A case this member of staff may see: one that was submitted, and not their own or filed by them."""
    case = load(number, request.actor)
    if case.applicant_id in request.actor.acts_for:
        raise NotFound(_("这是您本人或您所代表企业的办件，请到“我的办件”查看。"))
    power = power_in(case, request.actor)
    if power is not None and not power.assists:
        raise NotFound(_("这个办件由您代办，应当回避，请交由他人办理。"))
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
    if not is_on_applicants_side(material.submission.case, request.actor):
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


def movable_assignment(request: Request, assignment_id: UUID) -> Assignment:
    """A unit of work of another office, of a case this person may see. Raises NotFound."""
    seen = Assignment.objects.filter(case__in=Case.objects.visible_to(request.actor))
    assignment = seen.select_related("case").filter(pk=assignment_id).first()
    if assignment is None:
        raise NotFound(_("没有找到这项工作，可能已转交其他部门。"))
    return assignment


def offered_version(slug: str) -> ServiceVersion:
    """The version new cases of a service begin with. Raises NotFound when it takes none."""
    service = Service.objects.select_related("current__service").filter(pk=slug).first()
    if service is None or service.current is None:
        raise NotFound(_("没有找到这个事项，可能已停止受理。"))
    return service.current

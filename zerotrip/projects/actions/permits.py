"""The permits of a project: begun for its owner from the plan, together or one by one, or linked to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions import attach, open_case, rehearse, save_draft
from zerotrip.cases.models import Case, Mode
from zerotrip.catalogue.models import Service
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.files.store import open_blob
from zerotrip.parties.mandates import give_mandate
from zerotrip.parties.models import Deed, Given, Mandate, MandateKind, User
from zerotrip.projects.actions.owing import set_milestone
from zerotrip.projects.actions.step import keep, steered
from zerotrip.projects.filling import answers_for, materials_for
from zerotrip.projects.models import CaseRole, Project, ProjectCase
from zerotrip.projects.planning import State
from zerotrip.projects.queries import clean, day_of, facts_of, plan_of, sister_rounds
from zerotrip.projects.rules import may_steer
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.projects.planning import Plan, Step

STEWARD_DEEDS = (Deed.FILL, Deed.SUBMIT, Deed.CORRECT)
"""What a steward does under the owner's mandate. Taking an application back is the owner's own to do."""


@dataclass(frozen=True)
class Opened:
    """A draft that was begun, and how much of it was filled in from the project and its other cases."""

    case: Case
    answers: int
    files: int


def may_open_for(project: Project, actor: Actor, service: str) -> bool:
    """Whether the actor may begin a case of a service for the project's owner: theirs, or under a mandate."""
    return actor.may_act(Deed.FILL, party=project.owner_id, service=service)


@transaction.atomic
def open_permit(project: Project, permit: str, *, key: UUID, by: Actor, at: datetime) -> Opened:
    """Begin the case of a permit for the owner, filled in from the project and its sister cases.

    While what it waits for is still open it begins as a simulated approval or a pre-review, where plan and service
    allow that. By the owner's own people, or by the steward under their mandate. The same ``key`` opens one
    case. Raises NotAllowed without either, Refused when it is not its turn or a case is under way, and what
    ``open_case`` raises.
    """
    held = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    found = Case.objects.filter(pk=key, project__project=held).first()
    if found is not None:
        return Opened(found, 0, 0)
    plan = plan_of(held, at=at)
    step = plan.step(permit)
    if step is None:
        raise NotFound(_("这个项目不需要这项许可，请先核对项目情况。"))
    return _open(held, plan, step, key=key, by=by, at=at)


def _open(project: Project, plan: Plan, step: Step, *, key: UUID, by: Actor, at: datetime) -> Opened:
    if project.ended_at is not None:
        raise Refused(_("这个项目已不再跟踪，不能修改。"))
    if not may_open_for(project, by, step.permit.service):
        raise NotAllowed(_("还没有企业的委托，不能代为申报。请提醒企业自己开始，或请企业委托管家代办。"))
    if not step.may_open:
        raise Refused(why_not(plan, step))
    service = Service.objects.select_related("current").get(pk=step.permit.service)
    sisters = sister_rounds(project.pk, project.owner_id)
    case = open_case(service=service, applicant=project.owner, by=by, at=at, case_id=key)
    ProjectCase.objects.create(
        project=project, case=case, role=CaseRole.PERMIT, permit=step.id, at=at, by_id=by.account
    )
    if step.state is State.WAITING:
        rehearse(case, ahead_in(step), by=by, at=at)
    facts = clean(plan.spec, facts_of([project.pk], at=at).get(project.pk, {}))
    filled = answers_for(case.version_id, step.permit, plan.spec, name=project.name, facts=facts, sisters=sisters)
    saved = save_draft(case, filled.answers, edit=0, by=by, at=at, keep=True)
    files = materials_for(case.version_id, saved.answers, sisters)
    for file in files:
        with open_blob(file.blob_id) as stream:
            attach(case, file.key, stream, name=file.name, by=by, at=at)
    keep(
        project,
        "open_permit",
        by=by,
        at=at,
        permit=step.id,
        number=case.number,
        answers=sorted(filled.answers),
        files=len(files),
    )
    return Opened(case, len(filled.answers), len(files))


def ahead_in(step: Step) -> Mode:
    """The mode in which a permit runs ahead: simulated where the result of a step before is what is missing."""
    from zerotrip.catalogue.queries import offered

    ways = {material.rehearsal for material in offered()[step.permit.service].materials if material.rehearsal}
    return Mode.SIMULATED if "simulated" in ways else Mode.PRE_REVIEW


def why_not(plan: Plan, step: Step) -> str:
    """Why the case of a permit cannot be begun now."""
    if not step.offered:
        return _("这个事项还没有开放网上申请，请联系窗口。")
    if step.state is State.DONE:
        return _("这项许可已经办好。")
    if step.progress is not None:
        return _("已经有办件 %(number)s 在办。") % {"number": step.progress.number}
    names = _("、").join(one for one in step.after if (found := plan.step(one)) and found.state is not State.DONE)
    return _("要先办好前面的许可：%(names)s。") % {"names": names}


@transaction.atomic
def open_jointly(
    project: Project, joint: str, *, on: date | None, key: UUID, by: Actor, at: datetime
) -> list[Opened]:
    """Open all acceptances of a group in one go, with one date (联合验收); those under way already stay.

    The date becomes a milestone of the project. Raises Invalid for a date that is not to come, Refused when
    none of them can be begun, with why, and as ``open_permit`` does: all are opened or none.
    """
    held = steered(project, by=by) if may_steer(project, by) else _own(project, by)
    plan = plan_of(held, at=at)
    group = next((one for one in plan.spec.joint if one.id == joint), None)
    steps = plan.group(joint)
    if group is None or not steps:
        raise NotFound(_("这个项目没有这组联合验收。"))
    if on is None or on <= day_of(at):
        raise Invalid(_("还没有发起。"), {"joint_on": [_("请填写联合验收日期，要在今天之后。")]})
    waiting = [step for step in steps if step.progress is None]
    stuck = [step for step in waiting if not step.may_open]
    if not waiting or stuck:
        raise Refused(why_not(plan, (stuck or list(steps))[0]))
    opened = [_open(held, plan, step, key=uuid5(key, step.id), by=by, at=at) for step in waiting]
    if may_steer(held, by):
        set_milestone(held, name=group.name.zh, on=on, key=uuid5(key, "date"), by=by, at=at)
    return opened


def _own(project: Project, by: Actor) -> Project:
    if project.owner_id not in by.acts_for:
        raise NotAllowed(_("项目由它的管家或本部门负责人办理。"))
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)


@transaction.atomic
def link_case(
    project: Project, number: str, *, role: CaseRole, permit: str, by: Actor, at: datetime
) -> ProjectCase:
    """Let a case that was begun elsewhere belong to the project: as a permit of its owner's, or as a problem.

    Raises Invalid at ``number`` or ``permit``: no such case the steward may see, of another applicant, of another
    service, or linked already.
    """
    held = steered(project, by=by)
    case = Case.objects.visible_to(by).filter(number=number.strip().upper()).select_related("version").first()
    problems: dict[str, list[str]] = {}
    if case is None:
        problems["number"] = [_("没有找到这个办件，请核对办件编号。")]
    elif ProjectCase.objects.filter(case=case).exists():
        problems["number"] = [_("这个办件已经归入一个项目。")]
    elif case.applicant_id != held.owner_id:
        problems["number"] = [_("这个办件不是项目单位申请的。")]
    elif role is CaseRole.PERMIT:
        step = plan_of(held, at=at).step(permit)
        if step is None:
            problems["permit"] = [_("请选择这个办件是哪一项许可。")]
        elif step.permit.service != case.version.service_id:
            problems["number"] = [_("这个办件办的不是这一项。")]
    if problems or case is None:
        raise Invalid(_("办件没有归入项目。"), problems)
    link = ProjectCase.objects.create(
        project=held,
        case=case,
        role=role,
        permit=permit if role is CaseRole.PERMIT else "",
        at=at,
        by_id=by.account,
    )
    keep(held, "link", by=by, at=at, number=case.number, role=role.value, permit=link.permit)
    return link


@transaction.atomic
def remind_owner(project: Project, permit: str, *, by: Actor, at: datetime) -> bool:
    """Ask the owner's people to begin or go on with a permit: once a day for each. Raises NotFound, Refused."""
    held = steered(project, by=by)
    plan = plan_of(held, at=at)
    step = plan.step(permit)
    if step is None or step.state is State.DONE:
        raise NotFound(_("这项许可不用提醒。"))
    if step.progress is None and not step.may_open:
        raise Refused(why_not(plan, step))
    service = Service.objects.select_related("current").get(pk=step.permit.service)
    if service.current is None:
        raise Refused(_("这个事项目前不再受理，请查看替代事项或咨询窗口。"))
    writes = Writes()
    tell(
        writes,
        party=held.owner_id,
        template="project_next",
        context={"project": held.name, "service": service.current.spec.name.model_dump(), "steward": by.name},
        link=f"/projects/{held.pk}/",
        key=f"{held.pk}:{permit}:{day_of(at).isoformat()}",
        at=at,
    )
    keep(held, "remind", by=by, at=at, writes=writes, permit=permit)
    return True


@transaction.atomic
def entrust(project: Project, services: Sequence[str], *, by: Actor, at: datetime) -> Mandate:
    """The owner lets the steward file for them: the permits of the plan, for a year, until they take it back.

    Raises NotAllowed for whoever does not act for the owner, and as ``give_mandate``.
    """
    held = _own(project, by)
    steward = User.objects.select_related("person").get(pk=held.steward_id)
    mandate = give_mandate(
        held.owner,
        steward,
        kind=MandateKind.DELEGATED,
        given=Given.ONLINE,
        deeds=STEWARD_DEEDS,
        services=list(services),
        until=at + timedelta(days=365),
        statement=_("企业经办人在网上登录后，委托项目“%(name)s”的管家 %(steward)s 代办计划内的许可。")
        % {"name": held.name, "steward": steward.person.name},
        by=by,
        at=at,
    )
    writes = Writes()
    tell(
        writes,
        party=steward.person_id,
        template="staff_project_entrusted",
        context={"project": held.name, "owner": held.owner.name},
        link=f"/desk/projects/{held.pk}/",
        key=f"{mandate.pk}:entrusted",
        at=at,
    )
    keep(held, "entrust", by=by, at=at, writes=writes, mandate=str(mandate.pk))
    return mandate

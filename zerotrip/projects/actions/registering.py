"""A project is registered, described, handed on, no longer followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.mandates import register_enterprise
from zerotrip.parties.models import Area
from zerotrip.parties.queries import colleagues
from zerotrip.projects.actions.owing import give_up
from zerotrip.projects.actions.step import keep, steered
from zerotrip.projects.declared import packs_of_projects, scheme_at
from zerotrip.projects.models import Project, ProjectFacts, Scheme
from zerotrip.projects.rules import leads_department, seats_to_register
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat
    from zerotrip.projects.spec import ProjectsSpec

EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Described:
    """A project as it is typed in."""

    name: str
    kind: str
    owner_name: str
    owner_uscc: str
    begun_on: date | None
    carrier: str = ""


@transaction.atomic
def register(
    described: Described,
    answers: Mapping[str, Any],
    *,
    department: UUID,
    key: UUID,
    by: Actor,
    at: datetime,
) -> Project:
    """Register a key project, with whoever registers it as its steward until it is handed on. Twice is once.

    The owner is the enterprise of that code, registered where nobody knew it. Raises NotAllowed without a seat in
    the department, Invalid with everything that is wrong, by field; facts may be left open.
    """
    found = Project.objects.filter(pk=key).first()
    if found is not None:
        return found
    seat = _seat(by, department)
    pack, spec = _pack_of(seat)
    problems = wrong_in(described, spec, today=at.astimezone(CHINA).date())
    checked = spec.parsed_form.check(answers)
    problems |= checked.problems
    area_path = _area_of(checked.values, seat, problems)
    try:
        owner = register_enterprise(name=described.owner_name, uscc=described.owner_uscc, by=by, at=at)
    except Invalid as invalid:
        places = {"firm": "owner_name", "uscc": "owner_uscc"}
        problems |= {places.get(place, place): texts for place, texts in invalid.problems.items()}
    if problems or described.begun_on is None:
        raise Invalid(_("项目信息还不完整。"), problems)
    if owner.pk in by.acts_for:
        raise Invalid(_("项目信息还不完整。"), {"owner_uscc": [_("您代表这家企业，项目请由同事登记。")]})
    project = Project(
        pk=key,
        pack=pack,
        name=" ".join(described.name.split()),
        kind=described.kind,
        owner=owner,
        department_id=department,
        area_path=area_path,
        carrier=described.carrier.strip(),
        steward_id=by.account,
        begun_on=described.begun_on,
        registered_at=at,
        registered_by_id=by.account,
    )
    ledger.append(project, "register", by=by, at=at, details={"kind": project.kind, "owner": str(owner.pk)})
    project.save(force_insert=True)
    ProjectFacts.objects.create(project=project, answers=checked.values, at=at, by_id=by.account)
    return project


def _seat(by: Actor, department: UUID) -> Seat:
    seat = next((seat for seat in seats_to_register(by) if seat.department_id == department), None)
    if seat is None:
        raise NotAllowed(_("项目和线索由有岗位的工作人员登记在自己部门。"))
    return seat


def _pack_of(seat: Seat) -> tuple[str, ProjectsSpec]:
    """The pack whose district a seat lies in, or that lies in the seat's area."""
    declared = packs_of_projects()
    paths = _paths_of(declared)
    for pack, spec in declared.items():
        path = paths.get(pack, "")
        if path and (seat.area_path.startswith(path) or path.startswith(seat.area_path)):
            return pack, spec
    raise NotFound(_("服务包没有声明重点项目，请先在 projects.yaml 里写明。"))


def _paths_of(packs: Mapping[str, ProjectsSpec]) -> dict[str, str]:
    areas = dict(Scheme.objects.filter(pack__in=list(packs)).order_by("number").values_list("pack", "area"))
    paths = dict(Area.objects.filter(pk__in=areas.values()).values_list("pk", "path"))
    return {pack: paths.get(code, "") for pack, code in areas.items()}


def pack_for(by: Actor, department: UUID) -> tuple[str, ProjectsSpec]:
    """Which pack a department's projects follow. Raises NotAllowed, NotFound."""
    return _pack_of(_seat(by, department))


def wrong_in(described: Described, spec: ProjectsSpec, *, today: date) -> dict[str, list[str]]:
    """What is wrong with what was typed, by field."""
    problems: dict[str, list[str]] = {}
    name = " ".join(described.name.split())
    if not 1 < len(name) <= 120 or not name.isprintable():
        problems["name"] = [_("请填写项目名称，最多 120 个字。")]
    if described.kind not in {kind.id for kind in spec.kinds}:
        problems["kind"] = [_("请选择项目类别。")]
    if described.begun_on is None or not EARLIEST <= described.begun_on <= today:
        problems["begun_on"] = [_("请填写项目启动日期，不晚于今天。")]
    if len(described.carrier.strip()) > 120:
        problems["carrier"] = [_("最多 120 个字。")]
    return problems


def _area_of(values: Mapping[str, Any], seat: Seat, problems: dict[str, list[str]]) -> str:
    """Where the project lies: the area of the first address among its facts, inside the seat's; else the seat's."""
    for name, value in values.items():
        if isinstance(value, Mapping) and "area" in value:
            path = Area.objects.filter(pk=value["area"]).values_list("path", flat=True).first() or ""
            if path.startswith(seat.area_path):
                return path
            problems[name] = [_("所选地点不在您负责的区域。")]
    return seat.area_path


@transaction.atomic
def change_facts(project: Project, answers: Mapping[str, Any], *, by: Actor, at: datetime) -> Project:
    """Say anew what is known of a project; what was known before is kept for earlier reports.

    Raises Invalid by field. Nothing happens when nothing changed.
    """
    held = steered(project, by=by)
    spec = scheme_at(held.pack)
    checked = spec.parsed_form.check(answers)
    if checked.problems:
        count = len(checked.problems)
        raise Invalid(_("还有 %(count)d 处需要补充或修改。") % {"count": count}, checked.problems)
    before = ProjectFacts.objects.filter(project=held).order_by("-at").values_list("answers", flat=True).first()
    if checked.values == (before or {}):
        return held
    for value in checked.values.values():
        if isinstance(value, Mapping) and "area" in value:
            path = Area.objects.filter(pk=value["area"]).values_list("path", flat=True).first() or ""
            if path.startswith(held.department.area_path):
                held.area_path = path
            break
    ProjectFacts.objects.create(project=held, answers=checked.values, at=at, by_id=by.account)
    changed = sorted(name for name in {*checked.values, *(before or {})} if _differs(name, checked.values, before))
    keep(held, "facts", "area_path", by=by, at=at, changed=changed)
    return held


def _differs(name: str, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    return now.get(name) != (before or {}).get(name)


@transaction.atomic
def hand_on(project: Project, *, to: UUID, reason: str, by: Actor, at: datetime) -> Project:
    """Make a colleague the steward. Raises Invalid for somebody who does not work in the department, or no reason.

    Both are told by the desk: the new one has it on their board; the mandates of the old one stay theirs until
    the owner ends them.
    """
    held = steered(project, by=by)
    people = {seat.person.account.pk for seat in colleagues({held.department_id}, at=at)}
    problems: dict[str, list[str]] = {}
    if to not in people:
        problems["steward"] = [_("请选择本部门的一位同事。")]
    elif to == held.steward_id:
        problems["steward"] = [_("已经是管家，请选择另一位同事。")]
    if not reason.strip():
        problems["reason"] = [_("请写明为什么移交。")]
    if problems:
        raise Invalid(_("还不能移交。"), problems)
    before, held.steward_id = held.steward_id, to
    keep(held, "hand_on", "steward_id", by=by, at=at, reason=reason.strip(), to=str(to), before=str(before))
    return held


@transaction.atomic
def end(project: Project, *, reason: str, by: Actor, at: datetime) -> Project:
    """Follow a project no longer: it is complete, or given up. Raises Invalid without a reason, NotAllowed for
    whoever does not lead the department."""
    held = steered(project, by=by)
    if not leads_department(by, held):
        raise NotAllowed(_("不再跟踪由本部门负责人决定。"))
    if not reason.strip():
        raise Invalid(_("请写明原因。"), {"reason": [_("请写明原因。")]})
    held.ended_at, held.ended_because = at, reason.strip()[:400]
    writes = Writes()
    give_up(held, writes, reason=held.ended_because, by=by, at=at)
    keep(held, "end", "ended_at", "ended_because", by=by, at=at, reason=held.ended_because, writes=writes)
    return held


def stewards_to_be(project: Project, *, at: datetime) -> list[tuple[UUID, str]]:
    """The colleagues a project can be handed on to: account and name."""
    found: dict[UUID, str] = {}
    for seat in colleagues({project.department_id}, at=at):
        if project.area_path.startswith(seat.area_path):
            found[seat.person.account.pk] = seat.person.name
    return [(account, name) for account, name in found.items() if account != project.steward_id]

"""What is owed about a project: its milestones, by its owner."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.catalogue.spec import Limit
from zerotrip.channels.actions import tell
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation, Status
from zerotrip.errors import Invalid, NotFound, Stale
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import User
from zerotrip.projects.actions.step import keep, steered
from zerotrip.projects.models import Project
from zerotrip.projects.queries import day_of
from zerotrip.questions.words import Words
from zerotrip.rows import Writes, fetch
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

OWN_CHOICE = Words(zh="项目管家与企业约定", en="As agreed between steward and enterprise")
REMIND = (5, 1)
"""Working days before a milestone on which its owner is reminded."""
LONGEST_NAME = 80
LATEST = 3650
"""Days in which a milestone lies."""


@transaction.atomic
def set_milestone(
    project: Project, *, name: str, on: date | None, key: UUID, by: Actor, at: datetime
) -> Obligation:
    """Agree on a day by which something of the project is reached; a day off counts as the next one worked.

    Today is not counted (民法典第二百零一条), so it lies after it. Twice is once. Raises Invalid by field.
    """
    held = steered(project, by=by)
    if (found := _owed(held, Kind.MILESTONE, str(key))) is not None:
        return found
    problems: dict[str, list[str]] = {}
    words = " ".join(name.split())
    if not 0 < len(words) <= LONGEST_NAME or not words.isprintable():
        problems["milestone"] = [_("请填写节点名称，最多 80 个字。")]
    day = _to_come(on, problems, at=at)
    if problems or day is None:
        raise Invalid(_("节点还没有保存。"), problems)
    return _agree(held, words, day, key=str(key), by=by, at=at)


def _to_come(on: date | None, problems: dict[str, list[str]], *, at: datetime) -> date | None:
    if on is None or not 0 < (on - day_of(at)).days <= LATEST:
        problems["on"] = [_("请填写节点日期，要在今天之后的十年以内。")]
        return None
    return on


def _agree(project: Project, words: str, on: date, *, key: str, by: Actor, at: datetime) -> Obligation:
    """Let the owner owe a milestone from now on."""
    writes = Writes()
    days = (on - day_of(at)).days
    obligation = duties.owe(
        writes,
        duties.Owed(
            slug=f"project-milestone:{project.pk}:{key}"[:160],
            kind=Kind.MILESTONE,
            name=Words(zh=words),
            limit=Limit(amount=days, unit=Unit.CALENDAR_DAYS, basis=OWN_CHOICE),
            consequence="report",
            remind=REMIND,
        ),
        subject=project.pk,
        key=key,
        owner=project.owner_id,
        watcher=project.department_id,
        area_path=project.area_path,
        at=at,
        link=f"/projects/{project.pk}/",
        context={"project": project.name},
    )
    keep(project, "milestone", by=by, at=at, writes=writes, name=words, on=on.isoformat(), key=key)
    return obligation


@transaction.atomic
def move_milestone(milestone: Obligation, *, on: date | None, reason: str, by: Actor, at: datetime) -> Obligation:
    """Agree on another day. The old one stays on record as given up, with the reason.

    Raises Invalid by field, Stale when it was reached meanwhile.
    """
    project = steered(_project_of(milestone), by=by)
    held = _locked(milestone)
    problems: dict[str, list[str]] = {}
    day = _to_come(on, problems, at=at)
    if not reason.strip():
        problems["reason"] = [_("请写明为什么改期。")]
    if problems or day is None:
        raise Invalid(_("节点还没有改期。"), problems)
    writes = Writes()
    duties.drop(writes, held, by=by, at=at, note=reason.strip())
    moved_from = day_of(held.due_at).isoformat()
    keep(project, "milestone_moved", by=by, at=at, reason=reason.strip(), writes=writes, moved_from=moved_from)
    base, _dot, count = held.key.partition(".")
    return _agree(project, str(held.words["zh"]), day, key=f"{base}.{int(count or 0) + 1}", by=by, at=at)


@transaction.atomic
def reach_milestone(milestone: Obligation, *, note: str, by: Actor, at: datetime) -> Obligation:
    """It is reached, in time or late. Raises Stale when somebody said so before."""
    project = steered(_project_of(milestone), by=by)
    held = _locked(milestone)
    writes = Writes()
    duties.keep(writes, held, by=by, at=at, note=note.strip())
    keep(project, "milestone_reached", by=by, at=at, writes=writes, key=held.key)
    return held


def give_up(project: Project, writes: Writes, *, reason: str, by: Actor, at: datetime) -> None:
    """Add to what is written that nothing about a project is owed any more."""
    for row in fetch(Obligation, lock=True, subject=project.pk, status=[Status.OPEN.value]):
        duties.drop(writes, row, by=by, at=at, note=reason)


def _locked(obligation: Obligation) -> Obligation:
    held = next(iter(fetch(Obligation, lock=True, id=obligation.pk)))
    if held.status != Status.OPEN:
        raise Stale(_("已经有人登记过了，请刷新后查看。"))
    return held


def _project_of(obligation: Obligation) -> Project:
    found = Project.objects.filter(pk=obligation.subject).first()
    if found is None:
        raise NotFound(_("没有找到这个项目。"))
    return found


def _owed(project: Project, kind: Kind, key: str) -> Obligation | None:
    return Obligation.objects.filter(subject=project.pk, kind=kind, key=key).exclude(status=Status.DROPPED).first()


def tell_steward(
    writes: Writes, project: Project, template: str, key: str, *, at: datetime, **said: object
) -> None:
    """Tell the steward of a project something, once."""
    tell(
        writes,
        party=User.objects.values_list("person", flat=True).get(pk=project.steward_id),
        template=template,
        context={"project": project.name, **said},
        link=f"/desk/projects/{project.pk}/",
        key=key,
        at=at,
    )


@transaction.atomic
def miss(obligation_id: UUID, *, at: datetime) -> bool:
    """A milestone is overdue: tell the steward.

    Raises Stale when it is not overdue any more, or was found before.
    """
    held = next(iter(fetch(Obligation, lock=True, id=obligation_id)))
    project = _project_of(held)
    if project.ended_at is not None:
        return False
    writes = Writes()
    duties.miss(writes, held, by=SYSTEM, at=at)
    tell_steward(writes, project, "staff_project_late", f"{held.pk}:missed", at=at, what=held.words)
    writes.send()
    return True

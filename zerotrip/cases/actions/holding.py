"""What leaves a case where it is: who does its work, and how urgent it is. Lock, guard, change, journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases.access import why_keep_out
from zerotrip.cases.models import Assignment, AssignmentStatus, Assistance, Case, Clock
from zerotrip.errors import NotAllowed, NotFound, Refusal, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Role
from zerotrip.rows import Writes, fetch_all, wanted

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MANAGING = (Role.LEADER, Role.HEAD, Role.SUPERVISOR)
"""Those who say who does the work of a department, and what comes first."""


@dataclass
class Held:
    """A locked case with its work and its running clocks, while something is changed that is no step."""

    case: Case
    assignments: list[Assignment]
    clocks: list[Clock]
    by: Actor
    at: datetime
    key: str
    writes: Writes = field(default_factory=Writes)

    @property
    def open(self) -> list[Assignment]:
        """The work still open."""
        return [work for work in self.assignments if work.status == AssignmentStatus.OPEN]

    def work(self, assignment_id: UUID) -> Assignment:
        """The work of this key, which has to be open. Raises NotFound or Stale."""
        found = next((work for work in self.assignments if work.pk == assignment_id), None)
        if found is None:
            raise NotFound(_("没有找到这项工作，可能已转交其他部门。"))
        if found.status != AssignmentStatus.OPEN:
            raise Stale(_("这一环节已经办理完毕，请刷新后查看最新情况。"))
        return found

    def note(self, action: str, *, reason: str = "", **details: Any) -> None:
        """Journal it on the case."""
        facts = {**details, **({"key": self.key} if self.key else {})}
        entry = ledger.extend(self.case, action, by=self.by, at=self.at, reason=reason, details=facts)
        self.writes.insert(entry)

    def done(self) -> Case:
        """Write all that changed. The case as it now stands."""
        self.writes.change(self.case, "priority", "contact_id", "due_at", "ledger_length", "ledger_head")
        self.writes.send()
        return self.case


def hold(case_id: UUID, *, by: Actor, at: datetime, key: str = "") -> Held:
    """Lock a case. Raises NotFound when there is none."""
    cases, assignments, clocks, helpers = fetch_all(
        wanted(Case, lock=True, id=case_id),
        wanted(Assignment, case_id=case_id),
        wanted(Clock, case_id=case_id, ended_at=None),
        wanted(Assistance, case_id=case_id),
    )
    if not cases:
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    cases[0].helpers = helpers
    return Held(cases[0], assignments, clocks, by, at, key)


def replayed(held: Held, action: str, **details: Any) -> bool:
    """Whether the same press has been carried out before."""
    same = {f"details__{name}": value for name, value in details.items()}
    found = Entry.objects.filter(subject=held.case.pk, action=action, actor=held.by.user_id, **same)
    return bool(held.key) and found.filter(details__key=held.key).exists()


def require_manages(actor: Actor, *, department_id: UUID, area_path: str) -> None:
    """Raise NotAllowed for whoever does not answer for the work of a department there."""
    if actor.is_system or actor.sits(department_id=department_id, area_path=area_path, roles=MANAGING):
        return
    raise NotAllowed(_("只有本部门负责人或监督人员可以这样做。"))


def why_not_theirs(case: Case, work: Assignment, person: Actor) -> str:
    """Why a piece of work cannot be given to somebody; empty when it can."""
    if why_keep_out(case, person):
        return _("%(name)s是申请人一方或由其代办，应当回避。") % {"name": person.name}
    if work.first_by_id is not None and work.first_by_id == person.user_id:
        return _("%(name)s是第一人，第二人须是同一部门的另一人。") % {"name": person.name}
    if not person.sits(department_id=work.department_id, area_path=work.area_path, roles=(work.role,)):
        role = Role(work.role).label
        return _("%(name)s在这个部门没有“%(role)s”岗位。") % {"name": person.name, "role": role}
    return ""


def require_theirs(case: Case, work: Assignment, person: Actor) -> None:
    """Raise Refused with the reason why a piece of work cannot be given to somebody, if there is one."""
    if reason := why_not_theirs(case, work, person):
        raise Refused(reason)


@dataclass(frozen=True)
class Answer:
    """What became of one of several rows that something was asked for together."""

    work: Assignment
    done: bool
    said: str
    """What was done, or why not."""


def each(works: Iterable[Assignment], act: Callable[[Assignment], str]) -> list[Answer]:
    """Do to each what is asked, each in a transaction of its own. One that is refused stops no other."""
    answers = []
    for work in works:
        try:
            answers.append(Answer(work, True, act(work)))
        except Refusal as refusal:
            answers.append(Answer(work, False, refusal.message))
    return answers

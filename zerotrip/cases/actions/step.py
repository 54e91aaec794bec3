"""What every step has in common: lock the row, guard, change, journal, jobs — in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.signing import Signer
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.cases import outcomes, proofs
from zerotrip.cases.heard import NOBODY_HEARD, Heard, rows_of
from zerotrip.cases.models import (
    Assignment,
    AssignmentStatus,
    Assistance,
    Case,
    Clock,
    Decision,
    Submission,
    Telling,
)
from zerotrip.cases.rules import require
from zerotrip.cases.states import RESULTS, TRANSITIONS, Result, Status, Step, allowed
from zerotrip.channels.actions import tell
from zerotrip.errors import NotFound, Refusal, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.rows import Wanted, Writes, fetch_all, wanted

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor


READS_ROUNDS = frozenset(
    {Step.SUBMIT, Step.CORRECT, Step.REQUEST_CORRECTION, Step.TAKE_BACK, Step.ACCEPT, Step.FORMALISE, Step.RAISE}
)
"""The steps that look into what the applicant said."""
READS_CLOCKS = frozenset(
    {
        *(Step.SUSPEND, Step.RESUME, Step.EXTEND, Step.HEAR),
        *(Step.ANSWER, Step.PLAN, Step.RESOLVE, Step.DECLINE_HELP, Step.HAND_ON, Step.MOVE),
    }
)
"""The steps that stop clocks, let them run longer, or leave the case due with another."""
READS_HEARD = frozenset(
    {Step.HEAR, Step.REVIEW, Step.CONFIRM_REVIEW, Step.DRAFT, Step.APPROVE, Step.GRANT, Step.REFUSE}
)
"""The steps that look into who was told and heard, and whoever presided over it."""
READS_PROOFS = READS_ROUNDS | {Step.GRANT, Step.APPROVE}
"""The steps that look into what licences prove."""


RATED = frozenset({Step.DELIVER, Step.REFUSE, Step.DECLINE, Step.TERMINATE})
"""The ends of a case after which the applicant is asked how it was handled."""


def rating_token(case_id: UUID) -> str:
    """What stands in a link by which a case can be rated without signing in."""
    return Signer(salt="zerotrip.rating").sign(str(case_id))


@dataclass
class Work:
    """A step under way: the locked case, the work on it and, for staff, the assignment of this step."""

    step: Step
    case: Case
    assignments: list[Assignment]
    rounds: list[Submission]
    assignment: Assignment | None
    by: Actor
    at: datetime
    key: str
    replayed: bool = False
    clocks: list[Clock] = field(default_factory=list)
    """Those that run, for the steps that change them."""
    heard: Heard = NOBODY_HEARD
    """For the steps that ask who was heard."""
    writes: Writes = field(default_factory=Writes)
    _unwritten: tuple[str, ...] = ()
    """Columns of the case that changed and go with its next change."""

    @property
    def spec(self) -> ServiceSpec:
        """The service version the case stays on, as it is for its answers."""
        return self.case.spec

    @property
    def open(self) -> list[Assignment]:
        """The work still open, without what this step has completed."""
        return [work for work in self.assignments if work.status == AssignmentStatus.OPEN]

    @property
    def mine(self) -> Assignment:
        """The work this step is done in; only for the steps of staff."""
        if self.assignment is None:
            raise AssertionError(f"{self.step} is done in somebody's work")
        return self.assignment

    def give(self, *opened: Assignment) -> None:
        """Write new work down; its departments see the case from now on."""
        self.writes.insert(*opened)
        case = self.case
        if new := {one.department_id for one in opened} - {*case.departments}:
            case.departments = [*case.departments, *sorted(new)]
            self.also("departments")

    def also(self, *names: str) -> None:
        """These columns of the case changed too; they go with its next change."""
        self._unwritten = tuple(dict.fromkeys((*self._unwritten, *names)))

    def note(self, action: str, *, reason: str = "", details: dict[str, Any] | None = None) -> None:
        """Journal something that leaves the status as it is."""
        facts = dict(details or {})
        if self.assignment is not None:
            facts["stage"] = self.assignment.stage
        if self.key:
            facts["key"] = self.key
        entry = ledger.extend(self.case, action, by=self.by, at=self.at, reason=reason, details=facts)
        self.writes.insert(entry)

    def stay(self, *, reason: str = "", details: dict[str, Any] | None = None) -> None:
        """Journal the step; the case stays where it is."""
        self.note(self.step.value, reason=reason, details=details)
        columns = ("ledger_length", "ledger_head", *self._take_unwritten())
        self.writes.change(self.case, *dict.fromkeys(columns))

    def decide(self, verdict: Result, reasons: str, conditions: str = "", *, falsehood: bool = False) -> None:
        """Write the decision down. Nobody's name stands under one that follows from a rule."""
        self.writes.insert(
            Decision(
                case_id=self.case.pk,
                verdict=verdict,
                reasons=reasons,
                conditions=conditions,
                falsehood=falsehood,
                decided_by_id=self.by.user_id,
                decided_at=self.at,
            )
        )

    def move(self, to: Status, *, reason: str = "", details: dict[str, Any] | None = None, **changes: Any) -> None:
        """Change the case and extend its journal. The status moves as the table allows, or not at all."""
        case = self.case
        if to not in TRANSITIONS[self.step][Status(case.status)]:
            raise AssertionError(f"{self.step} does not lead from {case.status} to {to}")
        facts = {"from": case.status, "to": to.value, **(details or {})}
        if self.assignment is not None:
            facts["stage"] = self.assignment.stage
        if self.key:
            facts["key"] = self.key
        if self.step in RESULTS:
            changes["result"] = RESULTS[self.step].value
        changes["closed_at"] = self.at if to is Status.CLOSED else None
        changes["status"] = to.value
        for name, value in changes.items():
            setattr(case, name, value)
        self.writes.insert(
            ledger.extend(case, self.step.value, by=self.by, at=self.at, reason=reason, details=facts)
        )
        columns = (*changes, "ledger_length", "ledger_head", *self._take_unwritten())
        self.writes.change(case, *dict.fromkeys(columns))
        if to is Status.CLOSED and self.step in RATED:
            self._ask_for_rating()
        if to is Status.CLOSED and self.spec.need is not None:
            outcomes.need_ended(case, self.writes, at=self.at)

    def _take_unwritten(self) -> tuple[str, ...]:
        taken, self._unwritten = self._unwritten, ()
        return taken

    def _ask_for_rating(self) -> None:
        """Ask once how the case was handled, with a link that works without signing in."""
        tell(
            self.writes,
            party=self.case.applicant_id,
            template="rate",
            context={"number": self.case.number, "service": self.spec.name.model_dump()},
            link=f"/rate/{rating_token(self.case.pk)}/",
            key=f"{self.case.pk}:rate",
            at=self.at,
        )

    def tell_applicant(self, template: str, **context: Any) -> None:
        """Queue a notice to everybody who acts for the applicant, in this transaction."""
        case = self.case
        tell(
            self.writes,
            party=case.applicant_id,
            template=template,
            context={
                "number": case.number,
                "service": self.spec.name.model_dump(),
                "subject": case.subject,
                **context,
            },
            link=f"/cases/{case.number}/",
            key=f"{case.pk}:{case.ledger_length}",
            at=self.at,
        )

    def done(self) -> Case:
        """Write all that the step changed. The case as it now stands."""
        if left := self._take_unwritten():
            self.writes.change(self.case, *left)
        self.writes.send()
        return self.case


def both(label: str | Promise) -> dict[str, str]:
    """A label in both languages, for a notice whose reader has one of them."""
    with translation.override("zh-hans"):
        zh = str(label)
    with translation.override("en"):
        return {"zh": zh, "en": str(label)}


def begin(
    step: Step,
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    key: str = "",
    assignment_id: UUID | None = None,
    same: Mapping[str, Any] | None = None,
) -> Work:
    """Lock the case and see whether ``step`` may happen.

    A request that was already carried out (same key, same person) comes back ``replayed`` and the
    action returns without doing anything again. Raises NotAllowed, Refused or Stale with the reason.

    ``same`` is given by steps after which the work goes on as it was, so that they seem possible again:
    what the journal says of this one, besides the key, where one page offers several.
    """
    asked: list[Wanted[Any]] = [wanted(Case, lock=True, id=case_id), wanted(Assignment, case_id=case_id)]
    asked.append(wanted(Assistance, case_id=case_id))
    if step in READS_ROUNDS:
        asked.append(wanted(Submission, case_id=case_id))
    if step in READS_CLOCKS:
        asked.append(wanted(Clock, case_id=case_id, ended_at=None))
    if used := step in READS_PROOFS and proofs.rows_of(case_id):
        asked += used
    if step in READS_HEARD:
        asked += rows_of(case_id)
    cases, assignments, helpers, *more = fetch_all(*asked)
    assignment = next((found for found in assignments if found.pk == assignment_id), None)
    if not cases or (assignment_id and assignment is None):
        raise NotFound(_("没有找到这个办件，请核对办件编号。"))
    cases[0].helpers = helpers
    answers = iter(more)
    rounds = next(answers) if step in READS_ROUNDS else []
    clocks = next(answers) if step in READS_CLOCKS else []
    if used:
        proofs.keep(cases[0], next(answers))
    heard = Heard.of(*answers) if step in READS_HEARD else NOBODY_HEARD
    work = Work(step, cases[0], assignments, rounds, assignment, by, at, key, clocks=clocks, heard=heard)
    if same is not None and _already_done(work, same):
        work.replayed = True
        return work
    try:
        require(step, work.case, by, assignment)
    except Refusal:
        if not _already_done(work, same or {}):
            raise
        work.replayed = True
    return work


def begin_for_concerned(telling: Telling, *, by: Actor, at: datetime) -> Work:
    """Lock the case for whoever a notice was addressed to as somebody concerned, who does no step of it.

    Raises NotFound for anybody else, Stale once the case is decided.
    """
    case_id = telling.case_id
    cases, assignments, clocks, *heard = fetch_all(
        wanted(Case, lock=True, id=case_id),
        wanted(Assignment, case_id=case_id),
        wanted(Clock, case_id=case_id, ended_at=None),
        *rows_of(case_id),
    )
    rows = Heard.of(*heard)
    to = next((one for one in rows.concerned if one.pk == telling.concerned_id), None)
    if to is None or telling.to_applicant or to.party_id not in by.acts_for:
        raise NotFound(_("没有找到这份告知。"))
    if not allowed(Step.HEAR, cases[0].status):
        raise Stale(_("这件申请已经办结，不能再答复。"))
    return Work(Step.HEAR, cases[0], assignments, [], None, by, at, "", clocks=clocks, heard=rows)


def _already_done(work: Work, same: Mapping[str, Any]) -> bool:
    said = {f"details__{name}": value for name, value in {**same, "key": work.key}.items()}
    entries = Entry.objects.filter(subject=work.case.pk, action=work.step.value, actor=work.by.user_id, **said)
    return bool(work.key) and entries.exists()

"""What every step has in common: lock the row, guard, change, journal, jobs — in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.cases.models import Assignment, Case
from zerotrip.cases.rules import require
from zerotrip.cases.states import RESULTS, TRANSITIONS, Status, Step
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.actions import tell
from zerotrip.errors import NotFound, Refusal
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Party
from zerotrip.parties.queries import accounts_of

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor


@dataclass
class Work:
    """A step under way: the locked case and, for staff, the assignment it completes."""

    step: Step
    case: Case
    assignment: Assignment | None
    by: Actor
    at: datetime
    key: str
    replayed: bool = False

    @property
    def spec(self) -> ServiceSpec:
        """The service version the case stays on."""
        return spec_of(self.case.version_id)

    @property
    def district(self) -> str:
        """The area the case's department serves."""
        return Party.objects.values_list("area_path", flat=True).get(pk=self.case.department_id)

    def move(self, to: Status, *, reason: str = "", details: dict[str, Any] | None = None, **changes: Any) -> Entry:
        """Change the case, write the journal, save. The status moves as the table allows, or not at all."""
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
        if to is Status.CLOSED:
            changes["closed_at"] = self.at
        changes["status"] = to.value
        for name, value in changes.items():
            setattr(case, name, value)
        entry = ledger.append(case, self.step.value, by=self.by, at=self.at, reason=reason, details=facts)
        case.save(update_fields=[*changes, "ledger_length", "ledger_head"])
        return entry

    def tell_applicant(self, template: str, **context: Any) -> None:
        """Queue a notice to everybody who acts for the applicant, in this transaction."""
        case = self.case
        tell(
            users=accounts_of(case.applicant_id, at=self.at),
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


def begin(
    step: Step,
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    key: str = "",
    assignment_id: UUID | None = None,
) -> Work:
    """Lock the case and see whether ``step`` may happen.

    A request that was already carried out (same key, same person) comes back ``replayed`` and the
    action returns without doing anything again. Raises NotAllowed, Refused or Stale with the reason.
    """
    try:
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        assignment = Assignment.objects.get(pk=assignment_id, case=case) if assignment_id else None
    except (Case.DoesNotExist, Assignment.DoesNotExist) as error:
        raise NotFound(_("没有找到这个办件，请核对办件编号。")) from error
    work = Work(step, case, assignment, by, at, key)
    if assignment is not None:
        assignment.case = case
    try:
        require(step, case, by, assignment)
    except Refusal:
        if not _already_done(work):
            raise
        work.replayed = True
    return work


def _already_done(work: Work) -> bool:
    return (
        bool(work.key)
        and Entry.objects.filter(
            subject=work.case.pk, action=work.step.value, actor=work.by.user_id, details__key=work.key
        ).exists()
    )

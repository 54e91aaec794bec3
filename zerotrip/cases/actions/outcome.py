"""The steps of the system after a grant: make the outcome, deliver it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.cases.actions.step import begin
from zerotrip.cases.models import Case, Clock, ClockName
from zerotrip.cases.outcomes import handler_of
from zerotrip.cases.states import Status, Step
from zerotrip.rows import wanted

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def issue(case: Case, *, by: Actor, at: datetime) -> Case:
    """Make the outcome of a granted case, once however often it is called."""
    work = begin(Step.ISSUE, case.pk, by=by, at=at)
    made = handler_of(work.spec.outcome.kind)(work.case, by=by, at=at)
    work.move(Status.ISSUED, details=made)
    return work.done()


@transaction.atomic
def deliver(case: Case, *, by: Actor, at: datetime) -> Case:
    """Deliver the outcome electronically: it lies in the applicant's licences, and they are told."""
    work = begin(Step.DELIVER, case.pk, by=by, at=at)
    delivery = wanted(Clock, case_id=case.pk, name=ClockName.DELIVERY.value, ended_at=None)
    work.writes.change_all(delivery, ended_at=at)
    work.move(Status.CLOSED, details={"by": "electronic"}, due_at=None)
    work.tell_applicant("delivered", outcome=work.spec.outcome.name.model_dump())
    return work.done()

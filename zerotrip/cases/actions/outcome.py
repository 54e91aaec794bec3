"""The steps of the system after a grant: make the outcome, deliver it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.step import begin
from zerotrip.cases.models import Case, Clock, ClockName
from zerotrip.cases.outcomes import arrived_by, handler_of
from zerotrip.cases.states import Status, Step
from zerotrip.errors import Stale
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
    """Close a case whose outcome has reached its applicant, and tell them.

    Electronically it has as soon as it lies in their licences; who wants paper has it when that arrives.
    Raises Stale while it is on its way.
    """
    work = begin(Step.DELIVER, case.pk, by=by, at=at)
    way = arrived_by(work.case)
    if way is None:
        raise Stale(_("证照还没有送到，不能办结。"))
    delivery = wanted(Clock, case_id=case.pk, name=ClockName.DELIVERY.value, ended_at=None)
    work.writes.change_all(delivery, ended_at=at)
    work.move(Status.CLOSED, details={"by": way}, due_at=None)
    told = "delivered" if way == "electronic" else f"delivered_by_{way}"
    upon = work.spec.outcome.upon
    if work.spec.outcome.kind == "letter":
        told = "decided_in_writing"
    if upon is None or upon.act != "cancel":  # of the end of a licence its holder is told with the end
        work.tell_applicant(told, outcome=work.spec.outcome.name.model_dump())
    return work.done()

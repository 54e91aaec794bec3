"""Extending the limits once: asked for by one, approved by another, told with its reasons (art. 42)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions.decisions import open_proposal, sign
from zerotrip.cases.actions.procedures import keep_clocks
from zerotrip.cases.actions.stages import complete
from zerotrip.cases.actions.step import begin
from zerotrip.cases.models import (
    Assignment,
    Case,
    ClockName,
    Proposal,
    ProposalKind,
    ProposalStatus,
    Verdict,
)
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.spec import EXTENSION_STAGE, StageKind
from zerotrip.errors import Invalid, Refused
from zerotrip.rows import fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

EXTENDED = (ClockName.PROMISED, ClockName.STATUTORY)
"""The clocks an extension lets run longer."""


@transaction.atomic
def ask_extension(assignment: Assignment, *, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Ask for the one extension the service allows. Whoever may approve it finds it in their worklist.

    Raises Refused when the service has none, the limits were extended before or the question is open,
    Invalid without a reason.
    """
    same = {"stage": assignment.stage}
    work = begin(
        Step.ASK_EXTENSION, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same=same
    )
    if work.replayed:
        return work.case
    if work.spec.extension is None:
        raise Refused(_("这个事项的时限不能延长。"))
    if not reason.strip():
        raise Invalid(_("请写明延期的理由。"), {"reason": [_("请写明延期的理由，批准后申请人会看到。")]})
    earlier = fetch(Proposal, case_id=work.case.pk, kind=ProposalKind.EXTENSION.value)
    if any(found.status in (ProposalStatus.OPEN, ProposalStatus.APPROVED) for found in earlier):
        raise Refused(_("时限只能延长一次：已经延长过，或者正在等待批准。"))
    approval = Assignment(
        case_id=work.case.pk,
        stage=f"{EXTENSION_STAGE}.{len(earlier) + 1}",
        kind=StageKind.APPROVAL.value,
        department_id=work.case.department_id,
        role=work.spec.extension_by,
        priority=work.case.priority,
        area_path=work.case.area_path,
        service=work.spec.id,
        opened_at=at,
        due_at=work.case.due_at,
    )
    work.give(approval)
    work.writes.insert(
        Proposal(
            case_id=work.case.pk,
            assignment_id=approval.pk,
            kind=ProposalKind.EXTENSION,
            reasons=reason.strip(),
            levels=[work.spec.extension_by],
            drafted_by_id=by.account,
            drafted_at=at,
        )
    )
    work.move(Status(work.case.status), reason=reason.strip())
    return work.done()


@transaction.atomic
def extend(assignment: Assignment, *, by: Actor, at: datetime, opinion: str = "", key: str = "") -> Case:
    """Approve an extension: both limits run longer, and the applicant is told why.

    Raises NotAllowed for whoever asked for it.
    """
    work = begin(Step.EXTEND, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    limit = work.spec.extension
    if limit is None:
        raise AssertionError("asked for where there is none")
    proposal = open_proposal(work, ProposalKind.EXTENSION)
    sign(work, proposal, approved=True, opinion=opinion.strip())
    complete(work, Verdict.PASS, opinion.strip())
    calendar = calendar_for(work.case.area_path)
    extended = [clock for clock in work.clocks if clock.name in EXTENDED]
    for clock in extended:
        clocks.extend(clock, calendar, amount=limit.amount, reason=proposal.reasons, at=at)
        clock.told = 0
    moved = keep_clocks(work, work.clocks)
    work.move(Status(work.case.status), reason=proposal.reasons, details={"amount": f"{limit.amount:g}"}, **moved)
    work.tell_applicant("extended", reason=proposal.reasons, due=work.case.due_at)
    return work.done()


@transaction.atomic
def deny_extension(assignment: Assignment, *, opinion: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Do not extend: the limits stay as they are. It can be asked for again with better reasons."""
    work = begin(Step.DENY_EXTENSION, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if not opinion.strip():
        raise Invalid(_("请写明不批准的理由。"), {"opinion": [_("请写明不批准的理由。")]})
    proposal = open_proposal(work, ProposalKind.EXTENSION)
    sign(work, proposal, approved=False, opinion=opinion.strip())
    complete(work, Verdict.FAIL, opinion.strip())
    work.move(Status(work.case.status), reason=opinion.strip())
    return work.done()

"""Special procedures, whose time is not counted (行政许可法 art. 45)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions.step import Work, begin, both
from zerotrip.cases.models import COUNTED, LEADING, Assignment, Case, Clock, Procedure, Suspension
from zerotrip.cases.states import Status, Step
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.rows import fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Procedure as Declared
    from zerotrip.parties.access import Actor


@transaction.atomic
def suspend(
    assignment: Assignment,
    *,
    kind: Procedure,
    reason: str,
    amount: float,
    by: Actor,
    at: datetime,
    key: str = "",
) -> Case:
    """Begin a special procedure and tell the applicant in writing how long it takes.

    ``amount`` is in the unit the service declares for the procedure, and at most what it declares. The
    announced length is all that is not counted: a procedure that takes longer is announced anew.
    Raises Invalid for a length or reason that is none, Refused for a procedure the service does not have.
    """
    same = {"stage": assignment.stage, "kind": kind.value}
    work = begin(Step.SUSPEND, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same=same)
    if work.replayed:
        return work.case
    if kind is Procedure.HEARING and work.spec.hearing is not None:
        raise Refused(_("这个事项的听证从“听取意见和听证”通知，通知时开始暂停计时。"))
    declared = declared_procedure(work, kind)
    _check(declared, reason, amount)
    if any(found.kind == kind for found in under_way(work)):
        raise Stale(_("这项特别程序已经在进行。"))
    stopped = stop(work, declared, reason=reason.strip(), amount=amount)
    until, moved = stopped.until, _keep_clocks(work)
    details = {"kind": kind.value, "until": until.isoformat()}
    work.move(Status(work.case.status), reason=reason.strip(), details=details, suspended=True, **moved)
    work.tell_applicant("suspended", kind=both(kind.label), reason=reason.strip(), due=until)
    return work.done()


def ends_at(work: Work, declared: Declared, amount: float) -> datetime:
    """When a procedure that begins now and is announced for so long ends."""
    calendar = calendar_for(work.case.area_path)
    return clocks.stage_due(declared.most.model_copy(update={"amount": amount}), at=work.at, calendar=calendar)


def stop(work: Work, declared: Declared, *, reason: str, amount: float) -> Suspension:
    """Begin a procedure: its row, and the clocks it stops, which the caller keeps and journals."""
    begun = Suspension(
        case_id=work.case.pk,
        assignment_id=work.mine.pk,
        kind=declared.kind,
        reason=reason,
        amount=Decimal(str(amount)),
        unit=declared.most.unit.value,
        started_at=work.at,
        started_by_id=work.by.account,
        until=ends_at(work, declared, amount),
    )
    work.writes.insert(begun)
    calendar = calendar_for(work.case.area_path)
    for clock in _counted(work):
        clocks.pause(clock, calendar, start=work.at, end=begun.until, kind=declared.kind, reason=reason)
    return begun


@transaction.atomic
def resume(
    assignment: Assignment, *, kind: Procedure, outcome: str, by: Actor, at: datetime, key: str = ""
) -> Case:
    """Record what came of a procedure; time is counted again. Raises Invalid without an outcome."""
    same = {"stage": assignment.stage, "kind": kind.value}
    work = begin(Step.RESUME, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same=same)
    if work.replayed:
        return work.case
    if not outcome.strip():
        raise Invalid(_("请写明结果。"), {"outcome": [_("请写明特别程序的结果。")]})
    if kind is Procedure.HEARING and work.spec.hearing is not None:
        raise Refused(_("听证笔录存档时恢复计时，请在“听取意见和听证”里记录笔录。"))
    return _end(work, kind, outcome.strip())


@transaction.atomic
def run_out(suspension: Suspension, *, by: Actor, at: datetime) -> Case:
    """The announced time is over: count again, whatever became of the procedure."""
    work = begin(Step.RESUME, suspension.case_id, assignment_id=suspension.assignment_id, by=by, at=at)
    return _end(work, Procedure(suspension.kind), "")


def _end(work: Work, kind: Procedure, outcome: str) -> Case:
    running = under_way(work)
    ending = next((found for found in running if found.kind == kind), None)
    if ending is None:
        raise Stale(_("这项特别程序已经结束。"))
    start_again(work, ending, outcome)
    moved = _keep_clocks(work)
    details = {"kind": kind.value}
    suspended = len(running) > 1
    work.move(Status(work.case.status), reason=outcome, details=details, suspended=suspended, **moved)
    work.tell_applicant("resumed", kind=both(kind.label), due=work.case.due_at)
    return work.done()


def start_again(work: Work, ending: Suspension, outcome: str) -> None:
    """End a procedure: the clocks run again, which the caller keeps and journals."""
    ended_at = min(work.at, ending.until)
    calendar = calendar_for(work.case.area_path)
    for clock in _counted(work):
        clocks.end_pause(clock, calendar, kind=ending.kind, at=ended_at)
    ending.ended_at, ending.ended_by_id, ending.outcome = ended_at, work.by.user_id, outcome
    work.writes.change(ending, "ended_at", "ended_by_id", "outcome")


def declared_procedure(work: Work, kind: Procedure) -> Declared:
    """The procedure as the service declares it. Raises Refused for one that it does not have."""
    found = work.spec.procedure(kind)
    if found is None:
        raise Refused(_("办事指南没有公布这项特别程序，不能据此暂停计时。"))
    return found


def _check(declared: Declared, reason: str, amount: float) -> None:
    problems: dict[str, list[str]] = {}
    if not reason.strip():
        problems["reason"] = [_("请写明为什么需要，申请人会看到。")]
    if not 0 < amount <= declared.most.amount:
        problems["amount"] = [_("请填写所需时间，最多 %(most)s。") % {"most": f"{declared.most.amount:g}"}]
    if problems:
        raise Invalid(_("请写明所需时间和理由。"), problems)


def under_way(work: Work) -> list[Suspension]:
    """The procedures that stop the clocks of the case now."""
    return fetch(Suspension, case_id=work.case.pk, ended_at=None)


def _counted(work: Work) -> list[Clock]:
    return [clock for clock in work.clocks if clock.name in COUNTED]


def _keep_clocks(work: Work) -> dict[str, datetime | None]:
    """Write the clocks of the step; the work and the case are due with them."""
    return keep_clocks(work, work.clocks)


def keep_clocks(work: Work, changed: list[Clock]) -> dict[str, datetime | None]:
    """Write changed clocks and when the open work is due by them; what the case is due by, for its row."""
    due_at = next((clock.due_at for name in LEADING for clock in changed if clock.name == name), work.case.due_at)
    own = {clock.assignment_id: clock.due_at for clock in changed if clock.assignment_id}
    for clock in changed:
        work.writes.change(clock, "pauses", "extensions", "due_at", "warn_at", "provisional", "told")
    for held in work.open:
        held.due_at = own.get(held.pk, due_at)
        work.writes.change(held, "due_at")
    return {"due_at": due_at}

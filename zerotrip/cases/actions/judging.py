"""The firm's word on a need: settled, or not; not settled goes one level up, the third time to supervision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.cases.actions import targets
from zerotrip.cases.actions.helping import ask_firm, owed_confirmations
from zerotrip.cases.actions.needs import begin_system, open_help, start_helping, tell_helper
from zerotrip.cases.helping import had_it
from zerotrip.cases.models import AssignmentStatus, Case, Need
from zerotrip.cases.models.rating import BAD_GRADES, Grade
from zerotrip.cases.states import Result, Status, Step
from zerotrip.catalogue.spec import LEAD_STAGE
from zerotrip.duties import actions as duties
from zerotrip.errors import Stale
from zerotrip.parties.models import Party
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.cases.actions.step import Work

OPEN_ANEW = frozenset({Result.RESOLVED, Result.UNRESOLVED})
"""How a need ended that a bad grade opens again; one the firm took back stays closed."""


def may_judge(case: Case) -> bool:
    """Whether a need waits for the firm's word, or ended in a way it may still not be content with."""
    return case.status == Status.CONFIRMING or (case.status == Status.CLOSED and case.result in OPEN_ANEW)


def is_bad(case: Case, grade: int) -> bool:
    """Whether a grade opens a need anew."""
    return grade in BAD_GRADES and may_judge(case)


def settle(work: Work, grade: Grade) -> None:
    """Close a need the firm says is settled. The caller writes the rating down."""
    work.step = Step.CONFIRM
    for owed in owed_confirmations(work):
        duties.keep(work.writes, owed, by=work.by, at=work.at)
    work.move(Status.CLOSED, details={"grade": grade.value})


def reopen_above(work: Work, grade: Grade, comment: str) -> None:
    """Open a need anew one level up, with all that was before: its work stays in its history, its clocks begin
    afresh. The third time supervision takes it on."""
    work.step = Step.DISSATISFIED
    (need,) = fetch(Need, case_id=work.case.pk)
    need.level += 1
    work.writes.change(need, "level")
    for owed in owed_confirmations(work):
        duties.drop(work.writes, owed, by=work.by, at=work.at, note=work.step.value)
    before = sorted(had_it(work.assignments), key=lambda one: one.opened_at)
    for one in before:
        if one.status == AssignmentStatus.DONE:
            one.status = AssignmentStatus.SUPERSEDED
            work.writes.change(one, "status")
    work.case.department = Party.objects.get(pk=work.case.department_id)
    everybody = sorted((one for one in work.assignments if one.kind == "help"), key=lambda one: one.opened_at)
    target = targets.above(work.case, since=everybody, level=need.level, at=work.at)
    start_helping(work)
    opened = open_help(work, target, stage=LEAD_STAGE)
    work.move(
        Status.HELPING,
        reason=comment,
        details={"grade": grade.value, "level": need.level, "whom": target.called},
        due_at=work.case.due_at,
    )
    said = comment or str(grade.label)
    tell_helper(work, opened, target, "staff_need_reopened", said=said, times=need.level)
    work.tell_applicant("need_reopened", who=target.called, due=work.case.due_at)


@transaction.atomic
def settle_by_silence(case_id: UUID, *, at: datetime) -> Case:
    """Close a need whose firm said nothing in its time: settled as far as anybody can tell. It may still be rated,
    and a bad grade opens it anew. Raises Stale when it waits for nothing any more."""
    work = begin_system(Step.CONFIRM, case_id, at=at)
    if work.case.status != Status.CONFIRMING:
        raise Stale("settled already")
    for owed in owed_confirmations(work):
        duties.miss(work.writes, owed, by=work.by, at=at)
        duties.drop(work.writes, owed, by=work.by, at=at, note="silent")
    work.move(Status.CLOSED, details={"silent": True})
    ask_firm(work, "need_settled", "")
    return work.done()

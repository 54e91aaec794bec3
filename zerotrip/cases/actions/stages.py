"""Opening and completing units of staff work, and the clocks that run over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from zerotrip.cases import clocks
from zerotrip.cases.models import Assignment, AssignmentStatus, Clock, ClockName, Verdict
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import ready_stages
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.queries import departments
from zerotrip.rows import wanted
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.cases.actions.step import Work
    from zerotrip.catalogue.spec import Limit


def open_stages(work: Work, *, done: frozenset[str], due_at: datetime | None = None) -> Status:
    """Open an assignment for each stage whose predecessors are done; say where the case then is."""
    stages = ready_stages(work.spec, done)
    mine = work.spec.department
    found = {mine: work.case.department_id}
    if others := {stage.department for stage in stages} - {mine}:
        found |= {
            code: department.pk for code, department in departments(others, area_path=work.case.area_path).items()
        }
    calendar = calendar_for(work.case.area_path)
    work.writes.insert(
        *(
            Assignment(
                case_id=work.case.pk,
                stage=stage.id,
                kind=stage.kind.value,
                department_id=found[stage.department],
                area_path=work.case.area_path,
                opened_at=work.at,
                due_at=clocks.stage_due(
                    clocks.NOTICE if stage.kind is StageKind.INTAKE else stage.limit,
                    at=work.at,
                    fallback=due_at,
                    calendar=calendar,
                ),
            )
            for stage in stages
        )
    )
    return Status.DECIDING if all(s.kind is StageKind.DECISION for s in stages) else Status.REVIEWING


def complete(work: Work, verdict: Verdict, opinion: str = "") -> None:
    """Mark the assignment of this step done. It is open: the guard saw so under the case's lock."""
    assignment = work.assignment
    if assignment is None:
        raise AssertionError("only a stage can be completed")
    assignment.status, assignment.waiting = AssignmentStatus.DONE, False
    assignment.verdict, assignment.opinion = verdict, opinion
    assignment.done_by_id, assignment.done_at = work.by.user_id, work.at
    work.writes.change(assignment, "status", "waiting", "verdict", "opinion", "done_by_id", "done_at")


def cancel_stages(work: Work) -> None:
    """Nothing is left to do for staff."""
    for assignment in work.open:
        assignment.status, assignment.waiting = AssignmentStatus.CANCELLED, False
        work.writes.change(assignment, "status", "waiting")


def start_clocks(work: Work, limits: Mapping[ClockName, Limit]) -> dict[ClockName, Clock]:
    """Start clocks at the moment of the step."""
    calendar = calendar_for(work.case.area_path)
    started = {
        name: clocks.start(work.case, name, limit, at=work.at, calendar=calendar) for name, limit in limits.items()
    }
    work.writes.insert(*started.values())
    return started


def close_clocks(work: Work) -> None:
    """Stop whatever runs."""
    work.writes.change_all(wanted(Clock, case_id=work.case.pk, ended_at=None), ended_at=work.at)

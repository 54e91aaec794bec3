"""Opening and completing units of staff work, and the clocks that run over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zerotrip.cases import clocks
from zerotrip.cases.actions.holding import why_not_theirs
from zerotrip.cases.joins import not_needed, ready
from zerotrip.cases.models import (
    Assignment,
    AssignmentStatus,
    Clock,
    ClockName,
    Priority,
    Proposal,
    ProposalStatus,
    Verdict,
)
from zerotrip.cases.rules import first_role
from zerotrip.cases.states import Status
from zerotrip.catalogue.spec import StageKind
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Role, User
from zerotrip.parties.queries import departments
from zerotrip.rows import wanted
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.cases.actions.step import Work
    from zerotrip.catalogue.spec import Limit, Stage


ON_THE_WAY = frozenset(
    {StageKind.MAKE_UP.value, StageKind.CHECK.value, StageKind.CALL_BACK.value, StageKind.HELP.value}
)
"""Work beside the stages of the service, each with a limit of its own; it outlives the decision."""
OF_THE_CASE = [name.value for name in ClockName if name is not ClockName.STAGE]
"""The clocks of the case itself."""


def open_stages(work: Work, *, due_at: datetime | None = None, decision_only: bool = False) -> Status:
    """Open an assignment for each stage whose turn it is; say where the case then is.

    Opinions that are no longer needed, because one of several was enough, are cancelled. A commitment
    stands in for the reviews: ``decision_only``.
    """
    stages = ready(work.spec, work.assignments)
    if decision_only:
        stages = [stage for stage in work.spec.stages if stage.kind is StageKind.DECISION]
    _cancel(work, not_needed(work.spec, work.assignments, opening=stages))
    found = _departments(work, stages)
    opened = [
        Assignment(
            case_id=work.case.pk,
            stage=stage.id,
            kind=stage.kind.value,
            department_id=found[stage.department],
            role=first_role(work.case, stage.kind).value,
            priority=work.case.priority,
            area_path=work.case.area_path,
            service=work.spec.id,
            materials=list(stage.materials),
            two_people=stage.two_people,
            opened_at=work.at,
            due_at=due_at,
        )
        for stage in stages
    ]
    if (contact := work.case.contact_id) is not None:
        _give_to(contact, work, opened)
    timed = _stage_clocks(work, stages, opened)
    work.give(*opened)
    work.writes.insert(*timed)
    work.assignments.extend(opened)
    return standing(work)


def _give_to(account: UUID, work: Work, opened: Iterable[Assignment]) -> None:
    """In the green channel the named person does what they may of the work that opens."""
    contact = actor_for(User.objects.get(pk=account), at=work.at)
    for assignment in opened:
        if not why_not_theirs(work.case, assignment, contact):
            assignment.assignee_id = contact.user_id


def standing(work: Work) -> Status:
    """Where a case under way is: being decided once nothing but the decision is left."""
    kinds = {one.kind for one in work.open}
    return Status.REVIEWING if StageKind.REVIEW in kinds else Status.DECIDING


def _departments(work: Work, stages: Iterable[Stage]) -> dict[str, UUID]:
    """The department of each stage: one query, if any is not the case's own."""
    mine = work.spec.department
    found = {mine: work.case.department_id}
    if others := {stage.department for stage in stages} - {mine}:
        named = departments(others, area_path=work.case.area_path)
        found |= {code: department.pk for code, department in named.items()}
    return found


def _stage_clocks(work: Work, stages: Iterable[Stage], opened: Iterable[Assignment]) -> list[Clock]:
    """A clock for each stage that has a limit of its own; its end is when the work is due."""
    calendar = calendar_for(work.case.area_path)
    timed = []
    for stage, assignment in zip(stages, opened, strict=True):
        if stage.kind is StageKind.INTAKE:
            assignment.due_at = clocks.stage_due(clocks.notice_of(work.spec), at=work.at, calendar=calendar)
        elif stage.limit is not None:
            clock = clocks.start(
                work.case, ClockName.STAGE, stage.limit, at=work.at, calendar=calendar, assignment=assignment
            )
            assignment.due_at = clock.due_at
            timed.append(clock)
    return timed


def complete(
    work: Work, verdict: Verdict, opinion: str = "", *, conditions: str = "", findings: dict[str, Any] | None = None
) -> None:
    """Mark the assignment of this step done. It is open: the guard saw so under the case's lock."""
    assignment = work.mine
    assignment.status, assignment.waiting = AssignmentStatus.DONE, False
    assignment.verdict, assignment.opinion, assignment.conditions = verdict, opinion, conditions
    assignment.done_by_id, assignment.done_at = work.by.user_id, work.at
    changed = ["status", "waiting", "verdict", "opinion", "conditions", "done_by_id", "done_at"]
    if findings:
        assignment.findings = findings
        changed.append("findings")
    work.writes.change(assignment, *changed)


def close_stage_clock(work: Work) -> None:
    """Stop the clock of the work of this step, if it has one of its own."""
    assignment = work.assignment
    if assignment is not None and (assignment.kind in ON_THE_WAY or work.spec.has_limit(assignment.stage)):
        work.writes.change_all(wanted(Clock, assignment_id=assignment.pk, ended_at=None), ended_at=work.at)


def open_on_the_way(
    work: Work,
    stage: str,
    kind: StageKind,
    *,
    department: UUID,
    limit: Limit,
    role: Role = Role.CLERK,
    materials: Iterable[str] = (),
) -> Assignment:
    """Open work that is no stage of the service, with a limit of its own: ``make-up.1``, ``check.2``."""
    earlier = sum(one.stage.partition(".")[0] == stage for one in work.assignments)
    assignment = Assignment(
        case_id=work.case.pk,
        stage=f"{stage}.{earlier + 1}",
        kind=kind.value,
        department_id=department,
        role=role,
        priority=work.case.priority,
        area_path=work.case.area_path,
        service=work.spec.id,
        materials=list(materials),
        opened_at=work.at,
    )
    calendar = calendar_for(work.case.area_path)
    clock = clocks.start(work.case, ClockName.STAGE, limit, at=work.at, calendar=calendar, assignment=assignment)
    assignment.due_at = clock.due_at
    work.give(assignment)
    work.writes.insert(clock)
    return assignment


def leave_to_the_decision(work: Work) -> None:
    """The decision is taken: nobody reviews or approves any more. Looking at what was made up goes on."""
    _drop_drafts(work)
    _cancel(work, [one for one in work.open if one.kind not in ON_THE_WAY])
    close_stage_clock(work)
    work.writes.change_all(wanted(Clock, case_id=work.case.pk, name=OF_THE_CASE, ended_at=None), ended_at=work.at)


def cancel_stages(work: Work) -> None:
    """Nothing is left to do for staff, and what waits for approval falls away."""
    _drop_drafts(work)
    _cancel(work, work.open)


def _drop_drafts(work: Work) -> None:
    if any(one.kind in (StageKind.APPROVAL, StageKind.DECISION) for one in work.open):
        waiting = wanted(Proposal, case_id=work.case.pk, status=ProposalStatus.OPEN.value)
        work.writes.change_all(waiting, status=ProposalStatus.DROPPED.value, ended_at=work.at)


def _cancel(work: Work, assignments: Iterable[Assignment]) -> None:
    for assignment in assignments:
        assignment.status, assignment.waiting = AssignmentStatus.CANCELLED, False
        work.writes.change(assignment, "status", "waiting")


def start_clocks(
    work: Work, limits: Mapping[ClockName, Limit], *, since: datetime | None = None
) -> dict[ClockName, Clock]:
    """Start clocks at the moment of the step, or at an earlier one from which the law counts."""
    calendar = calendar_for(work.case.area_path)
    began = since or work.at
    started = {
        name: clocks.start(work.case, name, limit, at=began, calendar=calendar) for name, limit in limits.items()
    }
    work.writes.insert(*started.values())
    return started


def start_limits(work: Work, *, since: datetime | None = None) -> dict[ClockName, Clock]:
    """The promised limit, shorter in the green channel, and the statutory one if the law names one."""
    green = work.spec.green if work.case.priority == Priority.GREEN else None
    promised = green.promised if green else work.spec.promised
    limits = {ClockName.PROMISED: promised}
    if work.spec.has_statutory:
        limits[ClockName.STATUTORY] = work.spec.statutory
    return start_clocks(work, limits, since=since)


def close_clocks(work: Work) -> None:
    """Stop whatever runs."""
    work.writes.change_all(wanted(Clock, case_id=work.case.pk, ended_at=None), ended_at=work.at)

"""Opening and completing units of staff work, and the clocks that run over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Clock, ClockName, Verdict
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import ready_stages
from zerotrip.catalogue.spec import StageKind
from zerotrip.errors import Stale
from zerotrip.parties.queries import departments
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.cases.actions.step import Work
    from zerotrip.catalogue.spec import Limit


def open_stages(work: Work, *, done: frozenset[str], due_at: datetime | None = None) -> Status:
    """Open an assignment for each stage whose predecessors are done; say where the case then is."""
    stages = ready_stages(work.spec, done)
    found = departments([stage.department for stage in stages])
    calendar = calendar_for(work.case.area_path)
    Assignment.objects.bulk_create(
        Assignment(
            case=work.case,
            stage=stage.id,
            kind=stage.kind.value,
            department_id=found[stage.department].pk,
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
    return Status.DECIDING if all(s.kind is StageKind.DECISION for s in stages) else Status.REVIEWING


def complete(work: Work, verdict: Verdict, opinion: str = "") -> None:
    """Mark the assignment of this step done, if it is still open: two at once, one wins."""
    assignment = work.assignment
    if assignment is None:
        raise AssertionError("only a stage can be completed")
    changed = Assignment.objects.filter(pk=assignment.pk, status=AssignmentStatus.OPEN).update(
        status=AssignmentStatus.DONE,
        waiting=False,
        verdict=verdict,
        opinion=opinion,
        done_by=work.by.user_id,
        done_at=work.at,
    )
    if not changed:
        raise Stale(_("这一环节已经办理完毕，请刷新后查看最新情况。"))


def start_clocks(work: Work, limits: Mapping[ClockName, Limit]) -> dict[ClockName, Clock]:
    """Start clocks at the moment of the step."""
    calendar = calendar_for(work.case.area_path)
    started = {
        name: clocks.start(work.case, name, limit, at=work.at, calendar=calendar) for name, limit in limits.items()
    }
    Clock.objects.bulk_create(started.values())
    return started


def close_clocks(work: Work) -> None:
    """Stop whatever runs."""
    Clock.objects.filter(case=work.case, ended_at=None).update(ended_at=work.at)


def stages_done(case: Case) -> frozenset[str]:
    """The stages that are done."""
    return frozenset(
        Assignment.objects.filter(case=case, status=AssignmentStatus.DONE).values_list("stage", flat=True)
    )

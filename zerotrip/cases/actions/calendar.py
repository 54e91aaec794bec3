"""What a new holiday notice moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.cases.clocks import reset
from zerotrip.cases.models import Assignment, AssignmentStatus, Case, Clock
from zerotrip.cases.queries import open_clocks
from zerotrip.ledger import actions as ledger
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor


@dataclass(frozen=True)
class Moved:
    """One due date that a notice moved."""

    case: str
    clock: str
    before: datetime | None
    after: datetime | None


def recompute(*, by: Actor, at: datetime, reason: str) -> list[Moved]:
    """Derive every running clock anew; say what moved. Closed cases stay as they were."""
    moved: list[Moved] = []
    for case_id in open_clocks().values_list("case_id", flat=True).distinct():
        moved.extend(_recompute_case(case_id, by=by, at=at, reason=reason))
    return moved


@transaction.atomic
def _recompute_case(case_id: UUID, *, by: Actor, at: datetime, reason: str) -> list[Moved]:
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    calendar = calendar_for(case.area_path)
    moved: list[Moved] = []
    for clock in Clock.objects.filter(case=case, ended_at=None):
        before = clock.due_at, clock.provisional
        reset(clock, calendar)
        if before != (clock.due_at, clock.provisional):
            clock.save(update_fields=["due_at", "provisional"])
        if before[0] != clock.due_at:
            moved.append(Moved(case.number, clock.name, before[0], clock.due_at))
            _follow(case, before[0], clock.due_at)
    if moved:
        details = {"moved": [[m.clock, _iso(m.before), _iso(m.after)] for m in moved]}
        ledger.append(case, "recompute", by=by, at=at, reason=reason, details=details)
        case.save(update_fields=["due_at", "ledger_length", "ledger_head"])
    return moved


def _follow(case: Case, before: datetime | None, after: datetime | None) -> None:
    """Work and case that were due with the clock stay due with it."""
    Assignment.objects.filter(case=case, status=AssignmentStatus.OPEN, due_at=before).update(due_at=after)
    if case.due_at == before:
        case.due_at = after


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

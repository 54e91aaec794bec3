"""What a new holiday notice moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.cases.clocks import reset, stage_due
from zerotrip.cases.models import LEADING, Assignment, AssignmentStatus, Case, Clock
from zerotrip.cases.queries import open_clocks
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.ledger import actions as ledger
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.workdays.calendar import WorkCalendar


@dataclass(frozen=True)
class Moved:
    """One due date that a notice moved: of a clock, or of a stage with a limit of its own."""

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
        if clock.name in LEADING:
            case.due_at = clock.due_at
    moved.extend(_move_work(case, calendar))
    if moved:
        details = {"moved": [[m.clock, _iso(m.before), _iso(m.after)] for m in moved]}
        ledger.append(case, "recompute", by=by, at=at, reason=reason, details=details)
        case.save(update_fields=["due_at", "ledger_length", "ledger_head"])
    return moved


def _move_work(case: Case, calendar: WorkCalendar) -> list[Moved]:
    """Derive anew when open work is due. Returns what moved by a limit of its own; the rest goes with the case."""
    moved: list[Moved] = []
    spec = spec_of(case.version_id)
    for work in Assignment.objects.filter(case=case, status=AssignmentStatus.OPEN, waiting=False):
        limit = None if work.kind == StageKind.INTAKE else spec.stage(work.stage).limit
        before = work.due_at
        work.due_at = stage_due(limit, at=work.opened_at, fallback=case.due_at, calendar=calendar)
        if work.due_at == before:
            continue
        work.save(update_fields=["due_at"])
        if limit is not None:
            moved.append(Moved(case.number, work.stage, before, work.due_at))
    return moved


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None

"""What a new holiday notice moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zerotrip.cases.clocks import reset, soonest
from zerotrip.cases.models import LEADING, Assignment, AssignmentStatus, Case, Clock
from zerotrip.cases.queries import open_clocks
from zerotrip.ledger import actions as ledger
from zerotrip.rows import Writes, fetch_all, wanted
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from zerotrip.ledger.models import Entry
    from zerotrip.parties.access import Actor

AT_ONCE = 500
"""Cases locked and recomputed in one transaction."""


@dataclass(frozen=True)
class Moved:
    """One due date that a notice moved: of a clock of the case, or of a stage with a limit of its own."""

    case: str
    clock: str
    before: datetime | None
    after: datetime | None


def recompute(*, by: Actor, at: datetime, reason: str) -> list[Moved]:
    """Derive every running clock anew; say what moved. Closed cases stay as they were."""
    ids = list(open_clocks().order_by("case_id").values_list("case_id", flat=True).distinct())
    moved: list[Moved] = []
    for start in range(0, len(ids), AT_ONCE):
        moved.extend(_recompute(ids[start : start + AT_ONCE], by=by, at=at, reason=reason))
    return moved


@transaction.atomic
def _recompute(ids: list[UUID], *, by: Actor, at: datetime, reason: str) -> list[Moved]:
    """Recompute these cases under their locks, and write all that moved at once."""
    cases, clocks, works = fetch_all(
        wanted(Case, lock=True, id=ids),
        wanted(Clock, case_id=ids, ended_at=None),
        wanted(Assignment, case_id=ids, status=AssignmentStatus.OPEN.value, waiting=False),
    )
    writes, entries, moved = Writes(), [], []
    for file in _files(cases, clocks, works):
        changes = file.derive(writes)
        if changes:
            moved += changes
            entries.append(file.journal(changes, writes, by=by, at=at, reason=reason))
    writes.insert(*entries)
    writes.send()
    return moved


def _files(cases: list[Case], clocks: list[Clock], works: list[Assignment]) -> Iterator[_File]:
    files = {case.pk: _File(case, [], []) for case in cases}
    for clock in clocks:
        files[clock.case_id].clocks.append(clock)
    for work in works:
        files[work.case_id].works.append(work)
    return iter(files.values())


@dataclass(frozen=True)
class _File:
    """A case with the clocks that run and the work that is open."""

    case: Case
    clocks: list[Clock]
    works: list[Assignment]

    def derive(self, writes: Writes) -> list[Moved]:
        """Derive all due dates anew, write those that are not as they were, say which moved."""
        calendar = calendar_for(self.case.area_path)
        stages = {work.pk: work.stage for work in self.works}
        moved = []
        for clock in self.clocks:
            before = clock.due_at, clock.warn_at, clock.provisional
            reset(clock, calendar)
            if before != (clock.due_at, clock.warn_at, clock.provisional):
                writes.change(clock, "due_at", "warn_at", "provisional")
            if before[0] != clock.due_at:
                name = stages.get(clock.assignment_id, clock.name) if clock.assignment_id else clock.name
                moved.append(Moved(self.case.number, name, before[0], clock.due_at))
        self._move_work(writes)
        return moved

    def _move_work(self, writes: Writes) -> None:
        if any(clock.name in LEADING for clock in self.clocks):
            self.case.due_at = soonest(self.clocks)
        own = {clock.assignment_id: clock.due_at for clock in self.clocks if clock.assignment_id}
        for work in self.works:
            due_at = own.get(work.pk, self.case.due_at)
            if work.due_at != due_at:
                work.due_at = due_at
                writes.change(work, "due_at")

    def journal(self, moved: list[Moved], writes: Writes, *, by: Actor, at: datetime, reason: str) -> Entry:
        """The entry that says what moved, with the case's own columns to write."""
        details = {"moved": [[one.clock, _iso(one.before), _iso(one.after)] for one in moved]}
        entry = ledger.extend(self.case, "recompute", by=by, at=at, reason=reason, details=details)
        writes.change(self.case, "due_at", "ledger_length", "ledger_head")
        return entry


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None

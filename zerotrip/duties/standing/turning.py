"""Time goes on: windows open where a measure is in force, and agree with the rosters every hour."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zerotrip.criteria import Faults
from zerotrip.duties import editions
from zerotrip.duties.models import Window
from zerotrip.duties.standing import closing, scopes
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.materialising import open_window, reconcile
from zerotrip.duties.standing.schedule import span_at
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement
    from zerotrip.duties.standing.scopes import Scope

log = logging.getLogger(__name__)


def turn(*, at: datetime, measure: str | None = None) -> list[Window]:
    """Open the windows that have begun and are not open, of all duties or of one measure. Returns those opened.

    Before that, those whose measure is in force no more are withdrawn: nothing is owed in them from now on.
    """
    _release(at=at, measure=measure)
    opened = []
    for requirement in editions.standing(SORT):
        spec = spec_of(requirement)
        if measure is not None and spec.measure != measure:
            continue
        for scope in scopes.of(spec.measure, at):
            span = span_at(spec, at, since=scope.since, calendar=calendar_for(scope.area_path))
            if span is not None and not _asked(requirement, scope.area_path, span.starts, span.ends):
                opened.append(open_window(requirement, span, area_path=scope.area_path, at=at))
    return opened


def _release(*, at: datetime, measure: str | None) -> None:
    """Withdraw what is asked where its measure is not in force any more; should it be again, it goes on.

    One whose criteria do not read any more stays withdrawn, and stops no other.
    """
    standing: dict[str | None, list[Scope]] = {}
    rows = Window.objects.filter(closed_by=None, ends__gt=at).select_related("requirement").order_by("pk")
    for window in rows:
        asked = spec_of(window.requirement).measure
        if measure is not None and asked != measure:
            continue
        if asked not in standing:
            standing[asked] = scopes.of(asked, at)
        stands = any(window.area_path.startswith(scope.area_path) for scope in standing[asked])
        if window.closed_at is None and not stands:
            closing.withdraw(window.pk, by=SYSTEM, at=at)
        elif window.closed_at is not None and stands:
            _goes_on(window.pk, at=at)


def _goes_on(window_id: int, *, at: datetime) -> None:
    try:
        closing.reopen(window_id, at=at)
    except Faults:
        log.exception("window %s is in force again and does not go on", window_id)


def agree(*, at: datetime, after: timedelta = timedelta(minutes=50)) -> int:
    """Make the windows under way agree with the rosters that were not made to for so long. How many there were.

    One whose criteria do not read any more stays as it is, and stops no other.
    """
    due = Window.objects.open().around(at).filter(filling=None, reconciled_at__lt=at - after).order_by("pk")
    return sum(_agrees(pk, at=at) for pk in due.values_list("pk", flat=True))


def _agrees(window_id: int, *, at: datetime) -> bool:
    try:
        return reconcile(window_id, at=at) is not None
    except Faults:
        log.exception("window %s does not agree with the rosters", window_id)
        return False


def _asked(requirement: Requirement, area_path: str, starts: datetime, ends: datetime) -> bool:
    """Whether a window of this duty, in this edition or an earlier one, is there at that time."""
    same = Window.objects.filter(requirement__slug__startswith=editions.all_of(requirement), area_path=area_path)
    return same.filter(starts__lt=ends, ends__gt=starts).exists()

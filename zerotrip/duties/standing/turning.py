"""Time goes on: windows open where a measure is in force, and agree with the rosters every hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zerotrip.duties import editions
from zerotrip.duties.models import Window
from zerotrip.duties.standing import scopes
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.materialising import open_window, reconcile
from zerotrip.duties.standing.schedule import span_at
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement


def turn(*, at: datetime, measure: str | None = None) -> list[Window]:
    """Open the windows that have begun and are not open, of all duties or of one measure. Returns those opened."""
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


def agree(*, at: datetime, after: timedelta = timedelta(minutes=50)) -> int:
    """Make the windows under way agree with the rosters that were not made to for so long. How many there were."""
    due = Window.objects.open().around(at).filter(filling=None, reconciled_at__lt=at - after).order_by("pk")
    return sum(reconcile(pk, at=at) is not None for pk in due.values_list("pk", flat=True))


def _asked(requirement: Requirement, area_path: str, starts: datetime, ends: datetime) -> bool:
    """Whether a window of this duty, in this edition or an earlier one, is there at that time."""
    same = Window.objects.filter(requirement__slug__startswith=editions.all_of(requirement), area_path=area_path)
    return same.filter(starts__lt=ends, ends__gt=starts).exists()

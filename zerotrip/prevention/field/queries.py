"""Reads over phones: what was given up on them, and which grids come to a sampling point."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from zerotrip.ledger.models import Entry
from zerotrip.prevention.field.actions import ASIDE
from zerotrip.prevention.models import GridSlot
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

MOST_ASIDE = 50
"""Records of a phone that are shown."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What was given up on a phone."""

    latest: list[Entry]
    """No more than ``MOST_ASIDE``, the latest first."""
    count: int
    """All of them."""

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.count - len(self.latest)


def given_up(phones: Collection[UUID]) -> dict[UUID, GivenUp]:
    """The records that were not taken in and were given up, by phone."""
    entries = Entry.objects.filter(subject__in=phones, action=ASIDE).annotate(
        place=Window(RowNumber(), partition_by="subject", order_by=("-at", "-seq")),
        whole=Window(Count("*"), partition_by="subject"),
    )
    found: dict[UUID, GivenUp] = {}
    for entry in entries.filter(place__lte=MOST_ASIDE).order_by("subject", "place"):
        found.setdefault(entry.subject, GivenUp([], entry.whole)).latest.append(entry)
    return found


def planned(points: Collection[UUID], *, on: date) -> dict[UUID, list[str]]:
    """The grids that confirmed plans send to points on a day, by point, in the order they come."""
    first = datetime.combine(on, time(), CHINA)
    there = GridSlot.objects.filter(point__in=points, starts__lt=first + timedelta(days=1), ends__gt=first)
    rows = there.filter(plan__confirmed_at__isnull=False, plan__window__closed_at=None)
    found: dict[UUID, list[str]] = defaultdict(list)
    for point, path in rows.order_by("starts", "area_path").values_list("point", "area_path"):
        if path not in found[point]:
            found[point].append(path)
    return found

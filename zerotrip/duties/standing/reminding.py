"""Before a window ends, whoever still owes something in it is told: once for each reminder the duty has.

That is the enterprise or the owner of the site; where there is none, or the duty says so, those who work nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Count, F

from zerotrip.channels.actions import tell
from zerotrip.duties.models import Due, Subject, Window
from zerotrip.duties.standing.declared import spec_of
from zerotrip.parties.models import HANDS
from zerotrip.parties.paths import around
from zerotrip.parties.queries import seats_about
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.duties.models import DueQuerySet
    from zerotrip.duties.standing.spec import DutySpec

LINK, DESK = "/checks/", "/desk/prevention/duties/%d/"
OFFICE = "office"
AT_ONCE = 500
"""Those told in one transaction."""

Reminder = Callable[[Window, int, datetime], int]
"""Reminds those who are missing in a window for the so-manyth time, in batches. Again, it tells nobody twice."""
_REMINDERS: dict[str, Reminder] = {}


def register(act: str, reminder: Reminder) -> None:
    """Say who is reminded of an act, and how, by whoever keeps its records: people without an account, say.

    Raises ImproperlyConfigured for a second one of the act.
    """
    if _REMINDERS.setdefault(act, reminder) is not reminder:
        raise ImproperlyConfigured(f"{act} is reminded of twice")


def remind(*, at: datetime) -> int:
    """Remind in every window under way whose time for it has come. How many were told.

    A key for each window, reminder and reader keeps it from being told twice, killed anywhere.
    """
    told = 0
    for window in Window.objects.open().around(at).select_related("requirement").order_by("pk"):
        passed = sum(moment <= at for moment in moments_of(window))
        if passed > window.reminded:
            told += _remind(window, passed, at=at)
            Window.objects.filter(pk=window.pk, reminded__lt=passed).update(reminded=passed)
    return told


def moments_of(window: Window) -> list[datetime]:
    """When whoever still owes something in a window is reminded, by the declaration of its duty."""
    return sorted(window.ends - timedelta(minutes=minutes) for minutes in spec_of(window.requirement).remind)


def is_own(act: str) -> bool:
    """Whether whoever keeps the records of an act reminds of it."""
    return act in _REMINDERS


def _remind(window: Window, number: int, *, at: datetime) -> int:
    spec = spec_of(window.requirement)
    if (own := _REMINDERS.get(spec.act)) is not None:
        return own(window, number, at)
    owners, grids = _silent(window, spec, at=at)
    told = [(owner, count, "standing_reminder", LINK) for owner, count in owners.items()]
    told += [
        (person, count, "staff_standing_reminder", DESK % window.pk)
        for person, count in _nearest(window, grids, at=at).items()
    ]
    for start in range(0, len(told), AT_ONCE):
        _tell(window, told[start : start + AT_ONCE], number, at=at)
    return len(told)


def _silent(window: Window, spec: DutySpec, *, at: datetime) -> tuple[dict[UUID, int], dict[str, int]]:
    """How much is missing of each who answers for it; and in each grid, where nobody does or the office is told."""
    rows = Due.objects.filter(day=window.day, window=window.pk).missing(at)
    if spec.remind_whom == OFFICE or not spec.has_owner:
        return {}, _counted(rows, F("area_path"))
    owner = F("subject") if window.subject == Subject.ENTERPRISE else F("place")
    owned = rows.annotate(owner=owner)
    # What is brought to a point is watched by whoever is told of the runs of its area.
    free = owned.none() if spec.receipt else owned.filter(owner=None)
    return _counted(owned.exclude(owner=None), F("owner")), _counted(free, F("area_path"))


def _counted(rows: DueQuerySet, by: F) -> dict[Any, int]:
    counted = rows.annotate(whose=by).values("whose").annotate(count=Count("subject")).order_by("whose")
    return dict(counted.values_list("whose", "count"))


def _nearest(window: Window, grids: Mapping[str, int], *, at: datetime) -> dict[UUID, int]:
    """Those who work nearest to some grids, and how much is missing where each does. One statement."""
    if not grids:
        return {}
    seats: dict[str, set[UUID]] = {}
    for seat in seats_about(HANDS, area_path=window.area_path, at=at):
        seats.setdefault(seat.area_path, set()).add(seat.person_id)
    told: dict[UUID, int] = {}
    for grid, count in grids.items():
        near = next((path for path in (*reversed(around(grid)), "") if path in seats), None)
        for person in sorted(seats[near]) if near is not None else ():
            told[person] = told.get(person, 0) + count
    return told


@transaction.atomic
def _tell(window: Window, told: list[tuple[UUID, int, str, str]], number: int, *, at: datetime) -> None:
    writes = Writes()
    for party, count, template, link in told:
        tell(
            writes,
            party=party,
            template=template,
            context={"what": window.requirement.name, "due": window.ends, "count": count},
            link=link,
            key=f"window:{window.pk}:reminder:{number}:{party}",
            at=at,
        )
    writes.send()

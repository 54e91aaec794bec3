"""Before a window ends, whoever still owes something in it is told: once for each reminder the duty has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Count, F

from zerotrip.channels.actions import tell
from zerotrip.duties.models import Due, Subject, Window
from zerotrip.duties.standing.declared import spec_of
from zerotrip.rows import Writes

LINK = "/checks/"
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
        wanted = sorted(spec_of(window.requirement).remind, reverse=True)
        passed = sum(window.ends - timedelta(minutes=minutes) <= at for minutes in wanted)
        if passed > window.reminded:
            told += _remind(window, passed, at=at)
            Window.objects.filter(pk=window.pk, reminded__lt=passed).update(reminded=passed)
    return told


def _remind(window: Window, number: int, *, at: datetime) -> int:
    if (own := _REMINDERS.get(spec_of(window.requirement).act)) is not None:
        return own(window, number, at)
    owners = _silent(window, at=at)
    for start in range(0, len(owners), AT_ONCE):
        _tell(window, owners[start : start + AT_ONCE], number, at=at)
    return len(owners)


def _silent(window: Window, *, at: datetime) -> list[tuple[UUID, int]]:
    """Who answers for what is missing, and how many each: none of people, nor where staff go: they call."""
    if window.subject in (Subject.PERSON, Subject.SHIFT) or spec_of(window.requirement).visited:
        return []
    owner = F("subject") if window.subject == Subject.ENTERPRISE else F("place")
    rows = Due.objects.filter(day=window.day, window=window.pk).missing(at).annotate(owner=owner)
    counted = rows.exclude(owner=None).values("owner").annotate(count=Count("subject")).order_by("owner")
    return list(counted.values_list("owner", "count"))


@transaction.atomic
def _tell(window: Window, owners: list[tuple[UUID, int]], number: int, *, at: datetime) -> None:
    writes = Writes()
    for owner, count in owners:
        tell(
            writes,
            party=owner,
            template="standing_reminder",
            context={"what": window.requirement.name, "due": window.ends, "count": count},
            link=LINK,
            key=f"window:{window.pk}:reminder:{number}:{owner}",
            at=at,
        )
    writes.send()

"""What an event held of people's health and movements goes, so many days after its last one.

Whoever keeps such rows registers here how they are purged: what none of them registers would stay, so a test
holds every table of prevention against the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Q

from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.models import Event
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Ended:
    """What of an event is to go: its area, up to the end of its last day, where no other event holds on to it."""

    area_path: str
    starts_at: datetime
    ends_at: datetime
    others: tuple[tuple[str, datetime, datetime | None], ...]
    """Areas and days of the events that are still held: what lies in them stays."""

    def rows(self, *, area: str = "area_path", at: str = "at") -> Q:
        """The rows to go, by the names of their columns of area and moment."""
        going = Q(
            **{f"{area}__startswith": self.area_path, f"{at}__gte": self.starts_at, f"{at}__lt": self.ends_at}
        )
        for path, first, last in self.others:
            kept = Q(**{f"{area}__startswith": path, f"{at}__gte": first})
            going &= ~(kept & Q(**{f"{at}__lt": last}) if last else kept)
        return going


Purge = Callable[[Ended], int]
"""Deletes the rows of one kind; how many there were."""

_PURGES: dict[str, Purge] = {}


def register(name: str, purge: Purge) -> None:
    """Say how rows of a kind are purged. Raises ImproperlyConfigured for a second one of the name."""
    if _PURGES.setdefault(name, purge) is not purge:
        raise ImproperlyConfigured(f"{name} is purged twice")


def registered() -> Iterable[str]:
    """What is purged."""
    return tuple(_PURGES)


def due(*, on: date) -> list[UUID]:
    """The events whose records are to go by a day, those that ended first, first."""
    over = Event.objects.held().over(on).order_by("ends_on", "id")
    return [event.pk for event in over if event.purge_on is not None and event.purge_on <= on]


@transaction.atomic
def purge(event_id: UUID, *, at: datetime) -> dict[str, int] | None:
    """Purge what an event held, and journal how much it was; None where it is not due. Killed, it begins anew."""
    event = Event.objects.select_for_update().get(pk=event_id)
    day = at.astimezone(CHINA).date()
    if event.purged_at is not None or event.purge_on is None or event.purge_on > day:
        return None
    ended = _ended(event)
    gone = {name: purge(ended) for name, purge in _PURGES.items()}
    event.purged_at = at
    ledger.append(event, "purge", by=SYSTEM, at=at, details=gone)
    event.save()
    return gone


def _ended(event: Event) -> Ended:
    others = Event.objects.held().reaching([event.area_path]).exclude(pk=event.pk)
    return Ended(
        area_path=event.area_path,
        starts_at=_beginning(event.starts_on),
        ends_at=_after(event.ends_on or event.starts_on),
        others=tuple(
            (other.area_path, _beginning(other.starts_on), _after(other.ends_on) if other.ends_on else None)
            for other in others
        ),
    )


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


def _after(day: date) -> datetime:
    return _beginning(day + timedelta(days=1))

"""What an event holds of people's health and movements goes by date: while it runs on what lies back long enough,
and everything so many days after its last one. See docs/decisions/0041.

Whoever keeps such rows registers here how they are purged, and what each of their tables holds, what for and by
which right: the register that stands on the page of an event. A test holds every table of prevention against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Window
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.paths import around
from zerotrip.prevention.models import Event
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django_stubs_ext import StrPromise

    from zerotrip.prevention.models import Measure


class Basis(models.TextChoices):
    """By which right a table is kept; what the event itself rests on stands with the event."""

    HEALTH = (
        "health",
        _("应对突发公共卫生事件（个人信息保护法第十三条第一款第四项）；健康、行踪是敏感个人信息（第二十八条）"),
    )
    EMERGENCY = "emergency", _("应对突发公共卫生事件（个人信息保护法第十三条第一款第四项）")
    OFFICE = "office", _("履行法定职责（个人信息保护法第十三条第一款第三项）")
    CONSENT = "consent", _("本人报名同意；由单位安排的，履行法定职责（个人信息保护法第十三条第一款第一项、第三项）")


class Expiry(models.TextChoices):
    """When what a table holds goes."""

    DAY = "day", _("从记录那天起满保存天数")
    OVER = "over", _("从不再有效那天起满保存天数")
    LEAVES = "leaves", _("本人退出，或者不再担任为止")
    STAYS = "stays", _("长期保存")
    AT_ONCE = "at_once", _("最多三天")


@dataclass(frozen=True, slots=True)
class Holds:
    """A line of the register: what a table holds of people, what for, by which right, how long, how it goes."""

    table: str
    """By its label: ``prevention.Passage``."""
    what: StrPromise
    purpose: StrPromise
    basis: Basis
    expiry: Expiry
    how: StrPromise
    measure: Measure | None = None
    """Of an event that brings it up; None: of any."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What of an event is to go: its area, up to the end of a day, where no other event holds on to it."""

    area_path: str
    starts_at: datetime
    ends_at: datetime
    others: tuple[tuple[str, datetime, datetime | None], ...]
    """Areas and days of the events that are still held: what lies in them stays."""
    running: bool = False
    """The event runs on: what of it is still under way stays, see ``past``."""

    def rows(self, *, area: str = "area_path", at: str = "at") -> Q:
        """The rows to go, by the names of their columns of area and moment."""
        going = Q(**{f"{area}__startswith": self.area_path}) & self._between(at, self.starts_at, self.ends_at)
        for path, first, last in self.others:
            if path.startswith(self.area_path) or self.area_path.startswith(path):
                going &= ~(Q(**{f"{area}__startswith": path}) & self._between(at, first, last))
        return going

    def moments(self, *, at: str = "at") -> Q:
        """The same of rows that lie in no area: no event anywhere holds on to their moment."""
        going = self._between(at, self.starts_at, self.ends_at)
        for _path, first, last in self.others:
            going &= ~self._between(at, first, last)
        return going

    def past(self, *ends: str) -> Q:
        """Of what has an end, while the event runs on: only what ended before, by any of these columns."""
        if not self.running:
            return Q()
        over = Q(pk__in=[])
        for name in ends:
            over |= Q(**{f"{name}__lte": self.ends_at})
        return over

    @staticmethod
    def _between(at: str, first: datetime, last: datetime | None) -> Q:
        return Q(**{f"{at}__gte": first}) & (Q(**{f"{at}__lt": last}) if last else Q())


Purge = Callable[[Ended], int]
"""Deletes the rows of one kind, or what they say of people; how many there were."""

_PURGES: dict[str, Purge] = {}
_REGISTER: dict[str, Holds] = {}


def register(name: str, purge: Purge, holds: Sequence[Holds] = ()) -> None:
    """Say how rows of a kind are purged, and what their tables hold of people.

    Raises ImproperlyConfigured for a second one of the name.
    """
    if _PURGES.setdefault(name, purge) is not purge:
        raise ImproperlyConfigured(f"{name} is purged twice")
    enter(*holds)


def enter(*holds: Holds) -> None:
    """Enter tables into the register: those that hold something of people and are not purged with an event too.

    Raises ImproperlyConfigured for a table that is there already.
    """
    for one in holds:
        if _REGISTER.setdefault(one.table, one) is not one:
            raise ImproperlyConfigured(f"{one.table} is registered twice")


def registered() -> Iterable[str]:
    """What is purged."""
    return tuple(_PURGES)


def register_of(measures: Iterable[str] | None = None) -> list[Holds]:
    """The register: every table that holds something of people; of some measures, what they bring up."""
    asked = None if measures is None else set(measures)
    return [one for one in _REGISTER.values() if asked is None or one.measure is None or one.measure in asked]


def due(*, on: date) -> list[UUID]:
    """The events whose records are to go by a day, those that ended first, first."""
    over = Event.objects.held().over(on).order_by("ends_on", "id")
    return [event.pk for event in over if event.purge_on is not None and event.purge_on <= on]


def due_back(*, on: date) -> list[UUID]:
    """The events that hold records which lie back long enough to go by a day, though others stay."""
    held = Event.objects.held().filter(starts_on__lt=on).order_by("starts_on", "id")
    return [event.pk for event in held if first_kept(event, on=on) > (event.kept_from or event.starts_on)]


def first_kept(event: Event, *, on: date) -> date:
    """The first day whose records are still kept on a day.

    What a duty counts that is still under way stays until it is over: the days of its window.
    """
    windows = Window.objects.filter(
        Q(area_path__startswith=event.area_path) | Q(area_path__in=around(event.area_path)),
        ends__gt=_beginning(on),
        starts__lte=_beginning(on),
        closed_at=None,
    )
    counted = windows.aggregate(first=models.Min("day"))["first"]
    since = on - timedelta(days=event.days_kept)
    return max(event.starts_on, min(since, counted) if counted else since)


@transaction.atomic
def purge(event_id: UUID, *, at: datetime) -> dict[str, int] | None:
    """Purge what an event held, and journal how much it was; None where it is not due. Killed, it begins anew."""
    event, day = _alone(event_id), at.astimezone(CHINA).date()
    if event.purged_at is not None or event.purge_on is None or event.purge_on > day:
        return None
    gone = _gone(_ended(event, on=day))
    return gone if _journalled(event, "purge", gone, at=at, purged_at=at) else None


@transaction.atomic
def purge_back(event_id: UUID, *, at: datetime) -> dict[str, int] | None:
    """Purge what an event holds of days that lie back long enough, and journal it; None where nothing is due.

    What is under way stays: whoever is on a roster, who is not let in, doors that are sealed, open windows.
    """
    event, day = _alone(event_id), at.astimezone(CHINA).date()
    kept = first_kept(event, on=day)
    if event.purged_at is not None or kept <= (event.kept_from or event.starts_on):
        return None
    gone = _gone(_ended(event, on=day, upto=kept))
    told = {"before": kept.isoformat(), **gone}
    return gone if _journalled(event, "purge_back", told, at=at, kept_from=kept) else None


def _alone(event_id: UUID) -> Event:
    """An event, where nobody else purges: it stays free for whoever notes something with it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('prevention.purge'))")
    return Event.objects.get(pk=event_id)


def _gone(ended: Ended) -> dict[str, int]:
    return {name: purge(ended) for name, purge in _PURGES.items()}


def _journalled(event: Event, step: str, told: dict[str, Any], *, at: datetime, **values: Any) -> bool:
    """Keep that it was purged. Where the days of the event were changed meanwhile, nothing goes yet."""
    row = Event.objects.select_for_update().get(pk=event.pk)
    if (row.starts_on, row.ends_on, row.keep_days) != (event.starts_on, event.ends_on, event.keep_days):
        transaction.set_rollback(True)
        return False
    for name, value in values.items():
        setattr(row, name, value)
    ledger.append(row, step, by=SYSTEM, at=at, details=told)
    row.save()
    return True


def _ended(event: Event, *, on: date, upto: date | None = None) -> Ended:
    """What goes on a day: everything, or what lies before a day while the rest stays."""
    held = (
        (other.area_path, _beginning(first_kept(other, on=on)), _after(other.ends_on) if other.ends_on else None)
        for other in Event.objects.held().exclude(pk=event.pk)
    )
    return Ended(
        area_path=event.area_path,
        starts_at=_beginning(event.starts_on),
        # What was still written of it after its last day, as of defects that were put right, goes too.
        ends_at=_beginning(upto) if upto else _after(max(on, event.ends_on or on)),
        others=tuple((path, first, last) for path, first, last in held if last is None or first < last),
        running=upto is not None,
    )


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


def _after(day: date) -> datetime:
    return _beginning(day + timedelta(days=1))

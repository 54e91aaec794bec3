"""An event under way, for the tests of prevention."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tests import world
from zerotrip.ids import new_id
from zerotrip.prevention.events import actions, exporting
from zerotrip.prevention.models import Event, Measure
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from tests.district import District

AREA = "370199000000"


def typed(
    *measures: Measure, at: datetime = world.MORNING, last: date | None = None, keep: int = 30
) -> actions.Declared:
    """What is typed for an event that begins today."""
    return actions.Declared(
        name="虚构防控",
        basis="虚构通知〔2026〕1号",
        measures=measures or tuple(Measure),
        starts_on=at.astimezone(CHINA).date(),
        ends_on=last,
        keep_days=keep,
    )


def exporter(district: District) -> None:
    """The clerk of the bureau was named to take lists out of the latest event."""
    event, now = Event.objects.latest("declared_at"), timezone.now()
    until = timezone.localdate(now) + timedelta(days=3)
    exporting.name(event.pk, email="clerk@example.test", until=until, by=district.leader, at=now)


def declared(
    district: District,
    *measures: Measure,
    at: datetime = world.MORNING,
    area: str = AREA,
    days: int | None = None,
    keep: int = 30,
) -> Event:
    """An event the leader of the bureau declared: every measure, unless some are named; of so many days."""
    leader = district.leader
    last = None if days is None else at.astimezone(CHINA).date() + timedelta(days=days - 1)
    office = leader.seats[0].department_id
    return actions.declare(
        typed(*measures, at=at, last=last, keep=keep), area=area, department=office, key=new_id(), by=leader, at=at
    )

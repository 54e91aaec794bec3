"""Rounds and people to be sampled, for the tests. Samples are rows of a table that stands in for the real one."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.duties.standing.roster import MIDNIGHT, declared, spec
from tests.prevention.emergency import declared as event
from tests.prevention.test_population import GRID, enrolled, somebody
from zerotrip.duties.models import Report, Requirement, Window
from zerotrip.duties.standing import filling
from zerotrip.duties.standing.counting import recount
from zerotrip.ids import new_id
from zerotrip.prevention.models import Measure, Person, Round
from zerotrip.prevention.rounds import actions

NOON = MIDNIGHT + timedelta(hours=12)
AREA = "370199000000"
_phones = count(13800000001)


def duty(slug: str = "round", **more: Any) -> Requirement:
    """A round of people, whose samples are reports: what counts is the same whoever keeps it."""
    said = {"who": "person", "measure": "screening", "by_hand": True} | more
    (row,) = declared(spec(slug, **said))
    return row


def person(name: str = "甲", grid: str = GRID, **more: Any) -> Person:
    """Somebody at home in a grid."""
    found = somebody(name, phone=str(next(_phones)))
    row = enrolled(found, **more)
    if grid != GRID:
        row.area_path = grid
        row.save(update_fields=["area_path"])
    return found


def opened(district, *, at: datetime = NOON, **more: Any) -> Round:
    """A round of the whole district that its leader opened for today."""
    if not Requirement.objects.filter(slug__startswith="duty:tests:round:").exists():
        duty()
    event(district, Measure.SCREENING)
    requirement = Requirement.objects.get(slug__startswith="duty:tests:round:", closed_at=None)
    asked = {"name": "第一轮", "area": AREA, "requirement": requirement.pk, "starts": MIDNIGHT}
    asked |= {"ends": MIDNIGHT + timedelta(days=1)} | more
    row = actions.open_round(actions.Asked(**asked), key=new_id(), by=district.leader, at=at)
    filling.go_on(row.window_id, at=at)
    return Round.objects.get(pk=row.pk)


def sampled(window: Window, person: UUID, at: datetime = NOON) -> None:
    """Somebody came, and is counted."""
    Report.objects.create(
        id=new_id(), duty="tests:round", subject=person, area_path=GRID, at=at, received_at=at, answers={}
    )
    recount(window, window.requirement, [person])

"""The demo begins at whatever hour it is started: late in the evening points are closed, early none is open."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from config import (
    demo,
    demo_leaflets,
    demo_picture,
    demo_posts,
    demo_prevention,
    demo_rounds,
    demo_sampling,
    demo_sealed,
    demo_surveys,
    demo_venues,
)
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.models import PointPlan
from zerotrip.workdays.calendar import CHINA


@pytest.mark.parametrize("hour", [time(0, 5), time(5, 50), time(9, 0), time(21, 45), time(23, 55)])
def test_prevention_is_there_at_every_hour(db, settings, tmp_path, hour):
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    at = datetime.combine(world.MORNING.astimezone(CHINA).date(), hour, CHINA)
    load_pack(world.WHOLE, by=SYSTEM, at=world.MORNING)
    people = demo.load_people(at=at)
    for part in (demo_prevention, demo_venues, demo_sampling, demo_rounds, demo_posts):
        part.load(at=at)
    demo_sealed.load(people[demo.BUILDER], at=at)
    for part in (demo_leaflets, demo_surveys, demo_picture):
        part.load(at=at)
    plan = PointPlan.objects.get()
    assert plan.confirmed_at is not None
    assert plan.slots.exists()

"""The demo's goods: a lot on its way through the district, with a gap to find, and a store that runs short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config import demo, demo_lots
from tests import world
from zerotrip.parties.models import Party, User
from zerotrip.prevention.lots.queries import stock
from zerotrip.prevention.lots.tracing import Lack, Way, trace
from zerotrip.prevention.models import Event, Lot, SupplyRequest

pytestmark = pytest.mark.django_db


def test_the_demo_shows_a_trace_with_gaps_and_a_store_that_runs_short(district):
    at = world.MORNING + timedelta(days=20)
    people = demo.load_people(at=world.MORNING)
    Party.objects.filter(pk=people[demo.BUILDER][1].pk).update(area_path=demo.STREET)
    demo_lots.load(people[demo.BUILDER], at=at)
    lot = Lot.objects.get(consignment="DEMO20260000000001", documented__gt=0)
    found = trace(lot, at=at)
    assert {gap.lack for gap in found.gaps} >= {Lack.PAPER, Lack.UNACCOUNTED, Lack.UNCONFIRMED}
    assert len(found.on(Way.AHEAD)) >= 4
    clerk = world.acting(User.objects.get(email="clerk@demo.test"), at)
    assert stock(clerk, on=at.date())[0].is_low
    assert SupplyRequest.objects.open().count() == 1
    assert Event.objects.count() == 1

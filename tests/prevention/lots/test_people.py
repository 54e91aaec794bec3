"""The people in movements go with the event; the trace of the goods stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from tests.prevention.lots.test_tracing import world_blob
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.prevention.events import purging
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Carried
from zerotrip.prevention.lots.tracing import Lack, trace
from zerotrip.prevention.models import LotFile, Movement

pytestmark = pytest.mark.django_db


def test_names_go_and_the_trace_stays(district):
    event = declared(district, days=2)
    store = goods.place("虚构冷库", district.clerk)
    lot = goods.received(store, district.clerk, "10")
    person = Carried(outside="赵某某", outside_person=True, handler="王小二")
    firm = Carried(outside="虚构酒楼")
    actions.sell(lot, "2", source=store, carried=person, stamp=goods.stamp(district.clerk, hours=1))
    actions.sell(lot, "2", source=store, carried=firm, stamp=goods.stamp(district.clerk, hours=1))
    told = {"holder": store, "who": "李消杀", "done_at": goods.at(1), "key": new_id()}
    actions.disinfected(lot, [world_blob("log")], by=district.clerk, at=goods.at(1), **told)
    before = trace(lot, at=goods.at(2))
    at = world.MORNING + timedelta(days=40)
    gone = purging.purge(event.pk, at=at)
    assert gone["lots"] == 3
    after = trace(lot, at=goods.at(2))
    assert [one.id for one in after.steps] == [one.id for one in before.steps]
    assert {one.handler + one.handler_phone + one.plate for one in after.steps} == {""}
    assert {one.outside for one in after.steps} == {"", "虚构酒楼"}
    assert LotFile.objects.get().who == ""
    assert Lack.HANDLER not in {gap.lack for gap in after.gaps}
    assert history(event.pk).last().details["lots"] == 3


def test_names_of_an_event_that_goes_on_stay(district):
    event = declared(district, days=2)
    store = goods.place("虚构冷库", district.clerk)
    goods.received(store, district.clerk)
    declared(district, keep=100)
    purging.purge(event.pk, at=world.MORNING + timedelta(days=40))
    assert Movement.objects.get().handler == goods.DRIVER.handler


def test_what_shows_names_is_journalled_with_its_reason(district):
    declared(district)
    lot = goods.received(goods.place("虚构冷库", district.clerk), district.clerk)
    actions.reveal(lot, reason="流调需要联系司机", by=district.clerk, at=goods.at(1))
    entry = history(lot.pk).last()
    assert (entry.action, entry.reason) == ("reveal", "流调需要联系司机")

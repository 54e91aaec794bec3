"""Supplies are asked for, proposed by what expires first, brought, confirmed, and watched below a level."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from tests.prevention.venues import doors
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Carried
from zerotrip.prevention.lots.actions.supplying import Wish
from zerotrip.prevention.lots.queries import brought, proposed, stock
from zerotrip.prevention.models import Item, SupplyRequest

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)


@pytest.fixture
def store(district):
    declared(district)
    return goods.place("虚构物资库", district.clerk)


def masks(store, district, quantity: str, expires_on: date | None, **more):
    return goods.received(store, district.clerk, quantity, item="mask-n95", expires_on=expires_on, **more)


def asked(district, **changed) -> SupplyRequest:
    where = actions.Where(party=district.firm.pk)
    wish = {"item": "mask-n95", "quantity": "100", "where": where, "needed_by": TODAY, "note": ""} | changed
    return actions.ask(Wish(**wish), key=new_id(), by=district.applicant, at=world.MORNING)


def test_what_expires_first_goes_first_and_what_is_over_never(district, store):
    later = masks(store, district, "50", date(2027, 1, 1))
    over = masks(store, district, "50", date(2026, 3, 2))
    never = masks(store, district, "50", None)
    first = masks(store, district, "50", date(2026, 6, 1))
    found, lacking = proposed(store, Item.objects.get(pk="mask-n95"), Decimal(80), on=TODAY)
    assert [(one.lot, one.take) for one in found] == [(first, 50), (later, 30), (never, 0)]
    assert lacking == 0
    assert over not in {one.lot for one in found}
    assert proposed(store, Item.objects.get(pk="mask-n95"), Decimal(200), on=TODAY)[1] == 50


def test_a_request_is_brought_confirmed_and_closed(district, store):
    lot = masks(store, district, "150", date(2027, 1, 1))
    row = asked(district)
    key = new_id()
    for _time in range(2):
        parts = [(lot, "60")]
        told = {"source": store, "carried": goods.DRIVER, "key": key, "by": district.clerk, "at": goods.at(1)}
        (sent,) = actions.deliver(row, parts, **told)
    assert brought([row])[row.pk] == (60, 0)
    assert SupplyRequest.objects.open().count() == 1
    actions.confirm(sent, "60", by=district.applicant, at=goods.at(2))
    actions.deliver(
        row, [(lot, "40")], source=store, carried=Carried(), key=new_id(), by=district.clerk, at=goods.at(3)
    )
    assert brought([row])[row.pk] == (100, 60)
    assert not SupplyRequest.objects.open().exists()
    world.tell_queued()
    assert Notice.objects.filter(user=district.applicant.user_id, template="goods_sent").count() == 2


def test_nothing_else_is_brought_than_was_asked_for(district, store):
    row = asked(district)
    meals = goods.received(store, district.clerk, "10", item="boxed-meal")
    told = {"source": store, "carried": Carried(), "by": district.clerk, "at": goods.at(1)}
    with pytest.raises(Invalid) as refused:
        actions.deliver(row, [(meals, "1")], key=new_id(), **told)
    assert set(refused.value.problems) == {"parts-0"}
    lot = masks(store, district, "10", None)
    with pytest.raises(Invalid) as refused:
        actions.deliver(row, [(lot, "1"), (lot, "x")], key=new_id(), **told)
    assert set(refused.value.problems) == {"parts-1"}
    with pytest.raises(Refused, match="只有"):
        actions.deliver(row, [(lot, "6"), (lot, "6")], key=new_id(), **told)
    assert brought([row]) == {}


def test_a_request_is_closed_with_its_reason_and_told(district, store):
    row = asked(district)
    with pytest.raises(Invalid):
        actions.close(row, reason="", by=district.clerk, at=goods.at(1))
    with pytest.raises(NotAllowed):
        actions.close(row, reason="没有了", by=district.applicant, at=goods.at(1))
    actions.close(row, reason="库存不足", by=district.clerk, at=goods.at(1))
    with pytest.raises(Refused):
        actions.close(row, reason="库存不足", by=district.clerk, at=goods.at(1))
    world.tell_queued()
    assert Notice.objects.filter(template="supply_answered").count() == 1


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"item": "frozen-beef"}, "item"),
        ({"quantity": "0"}, "quantity"),
        ({"needed_by": date(2026, 3, 2)}, "needed_by"),
        ({"needed_by": None}, "needed_by"),
        ({"note": "x" * 201}, "note"),
        ({"where": actions.Where()}, "holder"),
    ],
)
def test_what_is_wrong_in_a_request_is_said_at_its_place(district, store, changed, place):
    with pytest.raises(Invalid) as refused:
        asked(district, **changed)
    assert set(refused.value.problems) == {place}
    assert not SupplyRequest.objects.exists()


def test_a_store_below_its_level_stands_first(district, store):
    masks(store, district, "50", date(2027, 1, 1))
    masks(store, district, "50", date(2026, 3, 2))
    goods.received(store, district.clerk, "10", item="boxed-meal")
    item = Item.objects.get(pk="mask-n95")
    actions.set_level(store, item, "60", by=district.clerk, at=goods.at(1))
    first, second = stock(district.clerk, on=TODAY)
    assert (first.item, first.quantity, first.usable, first.is_low) == (item, 100, 50, True)
    assert not second.is_low
    with pytest.raises(Invalid):
        actions.set_level(store, item, "x", by=district.clerk, at=goods.at(1))
    actions.set_level(store, item, "", by=district.clerk, at=goods.at(1))
    assert not any(one.is_low for one in stock(district.clerk, on=TODAY))
    empty = goods.place("虚构空库", district.clerk)
    actions.set_level(empty, item, "1", by=district.clerk, at=goods.at(1))
    assert stock(district.clerk, on=TODAY)[0].holder == empty


def test_what_lay_at_a_store_is_told_of_any_past_moment(district, store):
    lot = masks(store, district, "150", date(2027, 1, 1))
    over = masks(store, district, "20", date(2026, 3, 2))
    shop = goods.place("虚构门店", district.clerk)
    goods.moved(lot, store, shop, district.clerk, "60", hours=2)

    def lay(hours: float) -> dict[str, tuple[Decimal, Decimal]]:
        rows = stock(district.clerk, on=TODAY, at=goods.at(hours))
        return {row.holder.name: (row.quantity, row.usable) for row in rows}

    assert lay(-1) == {}
    assert lay(1) == {"虚构物资库": (170, 150)}
    assert lay(2) == {"虚构物资库": (110, 90), "虚构门店": (60, 60)}
    assert over.expires_on < TODAY
    now = stock(district.clerk, on=TODAY)
    assert stock(district.clerk, on=TODAY, at=goods.at(3)) == now


@pytest.mark.parametrize("item", ["boxed-meal", "vegetable-pack", "drinking-water"])
def test_meals_and_living_supplies_are_asked_for_stocked_brought_and_handed_out_by_lot(district, store, item):
    point = doors.site("虚构收发点", kind="collection-point")
    lot = goods.received(store, district.clerk, "80", item=item)
    wish = Wish(item=item, quantity="60", where=actions.Where(site=point.pk), needed_by=TODAY)
    row = actions.ask(wish, key=new_id(), by=district.clerk, at=world.MORNING)
    told = {"carried": goods.DRIVER, "key": new_id(), "by": district.clerk, "at": goods.at(1)}
    (sent,) = actions.deliver(row, [(lot, "60")], source=store, **told)
    actions.confirm(sent, "60", by=district.clerk, at=goods.at(2))
    actions.use(lot, "55", source=row.holder, stamp=goods.stamp(district.clerk, hours=3))
    there = {one.holder.name: one.quantity for one in stock(district.clerk, on=TODAY)}
    assert there == {"虚构物资库": 20, "虚构收发点": 5}
    assert not SupplyRequest.objects.open().exists()

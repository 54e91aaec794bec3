"""What lies where is the sum of what moved, never less than nothing, and nothing is recorded twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Carried
from zerotrip.prevention.models import Arrival, Balance, Door, Holder, Lot, Measure, Movement
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(district) -> Holder:
    declared(district)
    return goods.place("虚构冷库", district.clerk)


@pytest.fixture
def shop(district, store) -> Holder:
    return goods.place("虚构商店", district.clerk)


def there(lot: Lot, holder: Holder) -> Decimal:
    return Balance.objects.get(lot=lot, holder=holder).quantity


def test_what_is_received_lies_there(district, store):
    lot = goods.received(store, district.clerk, "12.5")
    assert there(lot, store) == Decimal("12.5")
    assert lot.number.startswith("L260303-")
    assert first_break(Lot.objects.get(pk=lot.pk)) is None


def test_nothing_is_recorded_while_no_event_asks_for_it(district):
    holder = goods.place("虚构冷库", district.clerk)
    with pytest.raises(Refused, match="冷链追溯"):
        goods.received(holder, district.clerk)
    declared(district, Measure.SUPPLIES)
    with pytest.raises(Refused, match="冷链追溯"):
        goods.received(holder, district.clerk)
    goods.received(holder, district.clerk, item="mask-n95")


def test_a_replay_changes_nothing(district, store, shop):
    key = new_id()
    arrived = actions.Arrived("frozen-beef", "10", actions.Where(holder=store.pk), consignment="C1")
    first = actions.receive(arrived, stamp=goods.stamp(district.clerk, key=key))
    again = actions.receive(arrived, stamp=goods.stamp(district.clerk, key=key, hours=1))
    assert [one.pk for one in first] == [one.pk for one in again] == [key]
    assert Lot.objects.count() == 1
    lot, key = first[0].target, new_id()
    for _time in range(2):
        actions.split(lot, ["3", "4"], holder=store, stamp=goods.stamp(district.clerk, key=key))
    assert there(lot, store) == 3
    assert Lot.objects.count() == 3


def test_the_key_of_somebody_else_is_refused(district, store):
    key = new_id()
    arrived = actions.Arrived("frozen-beef", "10", actions.Where(holder=store.pk), consignment="C1")
    actions.receive(arrived, stamp=goods.stamp(district.clerk, key=key))
    with pytest.raises(Stale):
        actions.receive(arrived, stamp=goods.stamp(district.leader, key=key))


def test_no_more_leaves_than_lies_there(district, store, shop):
    lot = goods.received(store, district.clerk, "10")
    with pytest.raises(Refused, match="只有 10 千克"):
        goods.moved(lot, store, shop, district.clerk, "10.001")
    with pytest.raises(Refused):
        actions.split(lot, ["6", "6"], holder=store, stamp=goods.stamp(district.clerk))
    with pytest.raises(Refused):
        goods.moved(lot, shop, store, district.clerk, "1")
    assert there(lot, store) == 10
    assert Movement.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.filter(lot=lot).update(quantity=-1)


def test_splitting_and_joining_keep_the_sum(district, store):
    lot = goods.received(store, district.clerk, "10", expires_on=date(2026, 9, 1))
    parts = [
        one.target for one in actions.split(lot, ["2.5", "3"], holder=store, stamp=goods.stamp(district.clerk))
    ]
    assert [there(one, store) for one in (lot, *parts)] == [Decimal("4.5"), Decimal("2.5"), 3]
    assert {one.consignment for one in parts} == {lot.consignment}
    wanted = [(parts[0].pk, "2.5"), (parts[1].pk, "1")]
    made = actions.join(wanted, holder=store, stamp=goods.stamp(district.clerk))[0].target
    assert [there(one, store) for one in (*parts, made)] == [0, 2, Decimal("3.5")]
    assert made.expires_on == date(2026, 9, 1)


def test_only_lots_of_one_item_are_joined(district, store):
    one, other = goods.received(store, district.clerk), goods.received(store, district.clerk, item="frozen-pork")
    with pytest.raises(Invalid) as refused:
        actions.join([(one.pk, "1"), (other.pk, "1")], holder=store, stamp=goods.stamp(district.clerk))
    assert set(refused.value.problems) == {"parts"}


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.2345", "abc", "1e3", "NaN", "99999999999999", "１２.５x"])
def test_a_quantity_that_is_none_is_said_at_its_place(district, store, typed):
    with pytest.raises(Invalid) as refused:
        goods.received(store, district.clerk, typed)
    assert "quantity" in refused.value.problems
    assert not Lot.objects.exists()


@pytest.mark.parametrize(
    ("typed", "amount"), [("1,200", "1200"), ("１２.５", "12.5"), (" 3.000 ", "3"), ("1000", "1000")]
)
def test_a_quantity_is_taken_as_people_type_it(district, store, typed, amount):
    assert there(goods.received(store, district.clerk, typed), store) == Decimal(amount)


def test_pieces_have_no_decimals(district, store):
    with pytest.raises(Invalid) as refused:
        goods.received(store, district.clerk, "1.5", item="mask-n95")
    assert set(refused.value.problems) == {"quantity"}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"item": "nothing"}, "item"),
        ({"consignment": ""}, "consignment"),
        ({"arrived_at": world.MORNING + timedelta(hours=2)}, "arrived_at"),
        ({"produced_on": date(2026, 3, 4)}, "produced_on"),
        ({"produced_on": date(2026, 3, 1), "expires_on": date(2026, 2, 1)}, "expires_on"),
        ({"where": actions.Where(name="虚构")}, "holder"),
        ({"where": actions.Where(uscc="913701")}, "holder"),
        ({"where": actions.Where()}, "holder"),
        ({"documented": "x"}, "documented"),
    ],
)
def test_what_is_wrong_on_arrival_is_said_at_its_place(district, store, changed, place):
    typed = {"item": "frozen-beef", "quantity": "1", "where": actions.Where(holder=store.pk), "consignment": "C"}
    with pytest.raises(Invalid) as refused:
        actions.receive(actions.Arrived(**{**typed, **changed}), stamp=goods.stamp(district.clerk))
    assert set(refused.value.problems) == {place}
    assert not Lot.objects.exists()


def test_a_firm_records_its_own_goods_and_nobody_elses(district, store):
    own = actions.place_at(actions.Where(party=district.firm.pk), by=district.applicant, at=world.MORNING)
    lot = goods.received(own, district.applicant)
    with pytest.raises(NotAllowed):
        goods.received(store, district.applicant)
    with pytest.raises(NotAllowed):
        goods.moved(lot, own, store, district.stranger, "1")
    goods.moved(lot, own, store, district.applicant, "1")
    assert set(Lot.objects.visible_to(district.applicant)) == {lot}
    assert not Lot.objects.visible_to(district.stranger).exists()
    assert Lot.objects.visible_to(district.clerk).exists()


def test_a_sale_goes_to_an_enterprise_here_or_to_a_buyer_outside(district, store):
    lot = goods.received(store, district.clerk, "10")
    to = actions.Where(uscc=district.firm.uscc)
    (sold,) = actions.sell(lot, "4", source=store, to=to, carried=goods.DRIVER, stamp=goods.stamp(district.clerk))
    assert sold.target_holder.party == district.firm
    assert there(lot, sold.target_holder) == 4
    buyer = Carried(outside="外地虚构酒楼")
    (gone,) = actions.sell(lot, "6", source=store, carried=buyer, stamp=goods.stamp(district.clerk))
    assert gone.target is None
    assert there(lot, store) == 0


def test_what_arrives_is_confirmed_and_what_is_missing_written_off_by_name(district, store, shop):
    lot = goods.received(store, district.clerk, "10")
    sent = goods.moved(lot, store, shop, district.clerk, "10")
    with pytest.raises(Invalid) as refused:
        actions.confirm(sent, "11", by=district.clerk, at=goods.at(1))
    assert set(refused.value.problems) == {"quantity"}
    for _time in range(2):
        actions.confirm(sent, "9", by=district.clerk, at=goods.at(1))
    assert Arrival.objects.get().quantity == 9
    assert there(lot, shop) == 9
    assert "发出 10，实收 9" in Movement.objects.get(kind="count").reason


def test_only_the_receiver_confirms(district, store):
    own = actions.place_at(actions.Where(party=district.firm.pk), by=district.applicant, at=world.MORNING)
    lot = goods.received(own, district.applicant)
    sent = goods.moved(lot, own, store, district.applicant, "1")
    with pytest.raises(NotAllowed):
        actions.confirm(sent, "1", by=district.applicant, at=goods.at(1))
    received = goods.moved(lot, store, own, district.clerk, "1")
    actions.confirm(received, "1", by=district.applicant, at=goods.at(1))
    with pytest.raises(Refused):
        actions.confirm(Movement.objects.get(kind="receive"), "1", by=district.clerk, at=goods.at(1))


def test_a_count_writes_the_difference_with_its_reason(district, store):
    lot = goods.received(store, district.clerk, "10")
    with pytest.raises(Invalid) as refused:
        actions.count(lot, "9", holder=store, carried=Carried(), stamp=goods.stamp(district.clerk))
    assert set(refused.value.problems) == {"reason"}
    said = Carried(reason="盘点")
    for found, left in (("9", 9), ("9", 9), ("11", 11), ("0", 0)):
        actions.count(lot, found, holder=store, carried=said, stamp=goods.stamp(district.clerk))
        assert there(lot, store) == left
    assert Movement.objects.filter(kind="count").count() == 3


@pytest.mark.parametrize("action", [actions.destroy, actions.give_back])
def test_what_is_destroyed_or_given_back_says_why(district, store, action):
    lot = goods.received(store, district.clerk, "10")
    with pytest.raises(Invalid) as refused:
        action(lot, "1", source=store, carried=Carried(), stamp=goods.stamp(district.clerk))
    assert set(refused.value.problems) == {"reason"}
    action(lot, "1", source=store, carried=Carried(reason="变质"), stamp=goods.stamp(district.clerk))
    assert there(lot, store) == 9


def test_a_movement_stays_as_it_is(district, store):
    goods.received(store, district.clerk)
    for change in ({"quantity": 1}, {"handler": "别人"}, {"handler": "", "reason": "改"}):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            Movement.objects.update(**change)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Movement.objects.all().delete()


def test_a_store_is_named_once(district, store):
    assert goods.place("虚构冷库", district.clerk) == store
    assert goods.place("虚构冷库", district.clerk, area=goods.OTHER_STREET) != store
    by_code = actions.place_at(actions.Where(uscc=district.firm.uscc), by=district.clerk, at=world.MORNING)
    own = actions.place_at(actions.Where(party=district.firm.pk), by=district.applicant, at=world.MORNING)
    assert by_code == own


def left(lot: Lot, holder: Holder, by, kind: str, hours: float):
    """Something of a lot is said to have happened at an hour, recorded in the evening."""
    told = {"when": goods.at(hours), "stamp": goods.stamp(by, hours=12)}
    if kind == "split":
        return actions.split(lot, ["5"], holder=holder, **told)
    if kind == "move":
        return actions.move(lot, "5", source=holder, to=actions.Where(name="虚构店", area=goods.STREET), **told)
    if kind == "destroy":
        return actions.destroy(lot, "5", source=holder, carried=Carried(reason="变质"), **told)
    if kind == "count":
        return actions.count(lot, "1", holder=holder, carried=Carried(reason="盘点"), **told)
    return {"sell": actions.sell, "use": actions.use}[kind](lot, "5", source=holder, **told)


@pytest.mark.parametrize("kind", ["sell", "use", "move", "split", "destroy", "count"])
def test_nothing_leaves_a_place_before_it_came_there(district, store, shop, kind):
    lot = goods.received(store, district.clerk, "20", arrived_at=goods.at(-5))
    moved = goods.moved(lot, store, shop, district.clerk, "10", hours=2)
    actions.confirm(moved, "10", arrived_at=goods.at(3), by=district.clerk, at=goods.at(4))
    with pytest.raises(Invalid) as refused:
        left(lot, shop, district.clerk, kind, 2.5)
    assert set(refused.value.problems) == {"at"}
    (told,) = refused.value.problems["at"]
    assert "虚构商店" in told
    assert "12:30" in told, "it says when the goods came"
    assert left(lot, shop, district.clerk, kind, 3)[0].at == goods.at(3)


def test_only_so_much_leaves_as_had_come_by_then(district, store, shop):
    lot = goods.received(store, district.clerk, "20", arrived_at=goods.at(-5))
    for hours in (1, 5):
        goods.moved(lot, store, shop, district.clerk, "10", hours=hours)

    def used(amount: str, hours: float) -> None:
        actions.use(lot, amount, source=shop, when=goods.at(hours), stamp=goods.stamp(district.clerk, hours=6))

    for amount in ("11", "10.001"):
        with pytest.raises(Invalid) as refused:
            used(amount, 3)
        assert set(refused.value.problems) == {"at"}
    used("6", 3)
    with pytest.raises(Invalid):
        used("5", 2)
    used("4", 2)
    used("10", 5)
    assert there(lot, shop) == 0


def test_lots_are_joined_once_all_of_them_had_come(district, store):
    one = goods.received(store, district.clerk, "10", arrived_at=goods.at(-5))
    other = goods.received(store, district.clerk, "10", arrived_at=goods.at(-2))
    parts = [(one.pk, "5"), (other.pk, "5")]
    with pytest.raises(Invalid) as refused:
        actions.join(parts, holder=store, when=goods.at(-3), stamp=goods.stamp(district.clerk))
    assert set(refused.value.problems) == {"at"}
    assert other.number in refused.value.problems["at"][0]


def test_the_minute_and_the_day_that_were_typed_count_as_a_whole(district, store):
    came = goods.at(-3) + timedelta(seconds=40)
    lot = goods.received(store, district.clerk, "10", arrived_at=came)
    minute, day = goods.at(-3), goods.at(-3).astimezone(CHINA).replace(hour=0, minute=0)
    for typed in (minute, day):
        (sold,) = actions.sell(lot, "1", source=store, when=typed, stamp=goods.stamp(district.clerk))
        assert sold.at == came
    machine = goods.stamp(district.clerk, door=Door.API)
    with pytest.raises(Invalid):
        actions.sell(lot, "1", source=store, when=minute, stamp=machine)

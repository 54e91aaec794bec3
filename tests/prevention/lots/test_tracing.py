"""A trace tells every movement behind and ahead of a lot, and names what it cannot tell."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from zerotrip.errors import Invalid, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions import steps as steps_of_the_ledger
from zerotrip.prevention.lots.actions.papers import Certificate
from zerotrip.prevention.lots.actions.steps import Carried
from zerotrip.prevention.lots.tracing import Lack, Way, trace
from zerotrip.prevention.models import Balance, Lot, Movement

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

BARE = Carried()


@pytest.fixture
def places(district):
    declared(district)
    return [goods.place(name, district.clerk) for name in ("虚构冷库", "虚构市场", "虚构饭店")]


def steps(found, way: Way) -> list[tuple[str, str]]:
    return [(one.kind.value, (one.target_holder or one.source_holder).name) for one in found.on(way)]


def test_a_lot_is_traced_to_its_origin_and_to_whoever_has_it(district, places):
    store, market, kitchen = places
    lot = goods.received(store, district.clerk, "100")
    goods.moved(lot, store, market, district.clerk, "60", hours=1)
    (made,) = actions.split(lot, ["20"], holder=market, stamp=goods.stamp(district.clerk, hours=2))
    part = made.target
    goods.moved(part, market, kitchen, district.clerk, "15", hours=3)
    buyer = Carried(outside="虚构酒楼", handler="王小二")
    actions.sell(part, "5", source=market, carried=buyer, stamp=goods.stamp(district.clerk, hours=4))
    whole, later = trace(lot, at=goods.at(5)), trace(part, at=goods.at(5))
    assert steps(whole, Way.BEHIND) == [("receive", "虚构冷库")]
    assert steps(whole, Way.AHEAD) == [
        ("move", "虚构市场"),
        ("split", "虚构市场"),
        ("move", "虚构饭店"),
        ("sell", "虚构市场"),
    ]
    assert steps(later, Way.BEHIND) == [("receive", "虚构冷库"), ("move", "虚构市场"), ("split", "虚构市场")]
    assert steps(later, Way.AHEAD) == [("move", "虚构饭店"), ("sell", "虚构市场")]
    assert [one.name for one in later.holders] == ["虚构冷库", "虚构市场", "虚构饭店"]
    assert {one.number for one in later.lots} == {lot.number, part.number}


def test_what_came_later_is_not_behind_what_left_before(district, places):
    store, market, _kitchen = places
    lot = goods.received(store, district.clerk, "10")
    goods.moved(lot, store, market, district.clerk, "5", hours=1)
    (made,) = actions.split(lot, ["5"], holder=market, stamp=goods.stamp(district.clerk, hours=2))
    late = goods.moved(lot, store, market, district.clerk, "5", hours=3)
    assert late.pk not in {one.id for one in trace(made.target, at=goods.at(4)).steps}


def test_gaps_are_named(district, places):
    store, market, _kitchen = places
    lot = goods.received(store, district.clerk, "90", documented="100", carried=BARE)
    sent = goods.moved(lot, store, market, district.clerk, "10", hours=1)
    never = goods.moved(lot, store, market, district.clerk, "10", hours=1)
    actions.confirm(sent, "9", arrived_at=goods.at(20), by=district.clerk, at=goods.at(20))
    found = trace(lot, at=goods.at(50))
    lacks = [gap.lack for gap in found.gaps]
    assert lacks.count(Lack.PAPER) == 3
    assert lacks.count(Lack.HANDLER) == 1
    assert lacks.count(Lack.UNACCOUNTED) == 2
    assert [gap.step.id for gap in found.gaps if gap.lack is Lack.UNCONFIRMED] == [never.pk]
    assert [gap.step.id for gap in found.gaps if gap.lack is Lack.TIME] == [sent.pk]


def test_a_trace_without_gaps_names_none(district, places):
    store, market, _kitchen = places
    lot = goods.received(store, district.clerk, "90")
    for kind in ("customs", "disinfection", "test"):
        blob = world_blob(kind)
        said = Certificate(kind, f"虚构 {kind}", world.MORNING.date(), "虚构实验室")
        actions.certify(lot, said, [blob], key=new_id(), by=district.clerk, at=world.MORNING)
    sent = goods.moved(lot, store, market, district.clerk, "10", hours=1)
    actions.confirm(sent, "10", arrived_at=goods.at(30), note="高速封闭绕行", by=district.clerk, at=goods.at(30))
    (made,) = actions.split(lot, ["10"], holder=market, stamp=goods.stamp(district.clerk, hours=31))
    assert trace(made.target, at=goods.at(50)).gaps == []


def recorded_without_looking(patched: pytest.MonkeyPatch) -> None:
    """As rows of old were recorded: no time was held against when the goods came."""
    patched.setattr(steps_of_the_ledger, "lying_since", lambda *_told: None)


def test_a_sale_with_a_time_before_its_goods_came_is_followed_and_named(district, places, monkeypatch):
    recorded_without_looking(monkeypatch)
    store, _market, _kitchen = places
    lot = goods.received(store, district.clerk, "100")
    part = actions.split(lot, ["20"], holder=store, stamp=goods.stamp(district.clerk, hours=5))[0].target
    buyer, evening = Carried(outside="虚构酒楼"), goods.stamp(district.clerk, hours=6)
    (sold,) = actions.sell(part, "20", source=store, carried=buyer, when=goods.at(2), stamp=evening)
    whole, later = trace(lot, at=goods.at(7)), trace(part, at=goods.at(7))
    assert sold.pk in {one.id for one in whole.on(Way.AHEAD)}, "the buyer is not lost"
    for found in (whole, later):
        assert [gap.step.id for gap in found.gaps if gap.lack is Lack.ORDER] == [sold.pk]


def test_a_split_with_a_time_before_the_receipt_keeps_its_origin(district, places, monkeypatch):
    recorded_without_looking(monkeypatch)
    store, _market, _kitchen = places
    lot = goods.received(store, district.clerk, "100")
    late = goods.stamp(district.clerk, hours=1)
    (made,) = actions.split(lot, ["20"], holder=store, when=goods.at(-3), stamp=late)
    found = trace(made.target, at=goods.at(2))
    assert [step.target for step in found.origins] == [lot]
    assert [gap.step.id for gap in found.gaps if gap.lack is Lack.ORDER] == [made.pk]


def test_goods_from_nowhere_are_a_gap_of_the_lot_and_of_what_it_was_made_of(district, places):
    store, _market, _kitchen = places
    lot = goods.received(store, district.clerk, "100")
    part = actions.split(lot, ["20"], holder=store, stamp=goods.stamp(district.clerk, hours=1))[0].target
    said = Carried(reason="多出一箱")
    actions.count(part, "25", holder=store, carried=said, stamp=goods.stamp(district.clerk, hours=2))
    actions.count(lot, "90", holder=store, carried=said, stamp=goods.stamp(district.clerk, hours=3))
    told = {
        one: {gap.words for gap in trace(one, at=goods.at(4)).gaps if gap.lack is Lack.UNACCOUNTED}
        for one in (lot, part)
    }
    five, ten = "多出 5 千克：多出一箱", "多出 10 千克：多出一箱"
    assert told == {lot: {five, ten}, part: {five}}


def world_blob(text: str):
    from zerotrip.files.attaching import receive

    return receive(world.pdf(text), name=f"{text}.pdf", at=world.MORNING)


def early(one: Movement, edges: list[Movement]) -> bool:
    """Whether it left before anything had come to where it left."""
    here = (one.source_id, one.source_holder_id)
    return not any(each.at <= one.at for each in edges if (each.target_id, each.target_holder_id) == here)


def reference(lot: Lot, way: Way) -> set[UUID]:
    """The same walk in Python, over all movements there are."""
    edges = list(Movement.objects.all())
    out = way is Way.AHEAD
    found: dict[UUID, Movement] = {}
    if out:
        todo = [one for one in edges if one.source_id == lot.pk]
    else:
        todo = [one for one in edges if one.target_id == lot.pk != one.source_id]
    while todo:
        edge = todo.pop()
        if edge.pk in found:
            continue
        found[edge.pk] = edge
        for one in edges:
            if out and (one.source_id, one.source_holder_id) == (edge.target_id, edge.target_holder_id):
                follows = one.source_id is not None and (one.at >= edge.at or early(one, edges))
            elif not out and (one.target_id, one.target_holder_id) == (edge.source_id, edge.source_holder_id):
                follows = one.target_id is not None and (one.at <= edge.at or early(edge, edges))
            else:
                follows = False
            if follows:
                todo.append(one)
    return set(found)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "move", "split", "join", "sell", "use"]),
        st.integers(0, 7),
        st.integers(0, 7),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 60),
        st.integers(0, 300),
    ),
    min_size=3,
    max_size=14,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS, st.booleans())
def test_whatever_happens_sums_are_kept_and_traces_are_those_of_a_walk(district, places, drawn, looking):
    by = district.clerk
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        if not looking:
            recorded_without_looking(patched)
        lots = [goods.received(places[0], by, "50", arrived_at=goods.at(-300))]
        for kind, first, second, here, to, amount, hours in drawn:
            lot, other = lots[first % len(lots)], lots[second % len(lots)]
            happened = goods.at(-hours)
            told = {"stamp": goods.stamp(by), "when": happened}
            with suppress(Refused, Invalid):  # there was not as much, or not yet
                if kind == "receive":
                    lots.append(goods.received(places[here], by, str(amount), arrived_at=happened))
                elif kind == "move" and here != to:
                    target = actions.Where(holder=places[to].pk)
                    actions.move(lot, str(amount), source=places[here], to=target, **told)
                elif kind == "split":
                    lots.append(actions.split(lot, [str(amount)], holder=places[here], **told)[0].target)
                elif kind == "join" and lot != other:
                    parts = [(lot.pk, str(amount)), (other.pk, str(amount))]
                    lots.append(actions.join(parts, holder=places[here], **told)[0].target)
                elif kind == "sell":
                    actions.sell(lot, str(amount), source=places[here], **told)
                elif kind == "use":
                    actions.use(lot, str(amount), source=places[here], **told)
        came = sum((one.quantity for one in Movement.objects.filter(source=None)), Decimal(0))
        went = sum((one.quantity for one in Movement.objects.filter(target=None)), Decimal(0))
        balances = list(Balance.objects.all())
        assert sum((one.quantity for one in balances), Decimal(0)) == came - went
        for one in balances:
            inward = Movement.objects.filter(target=one.lot, target_holder=one.holder)
            outward = Movement.objects.filter(source=one.lot, source_holder=one.holder)
            moved = sum((row.quantity for row in inward), Decimal(0))
            assert one.quantity == moved - sum((row.quantity for row in outward), Decimal(0)) >= 0
        for lot in lots:
            found = trace(lot, at=goods.at(0) + timedelta(days=1))
            assert not looking or Lack.ORDER not in {gap.lack for gap in found.gaps}
            for way in Way:
                ids = [one.id for one in found.on(way)]
                assert len(ids) == len(set(ids))
                assert set(ids) == reference(lot, way)
        transaction.set_rollback(True)

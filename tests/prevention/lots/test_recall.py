"""A recalled lot, and everything made of it, is held where it lies; its holders are told and answer."""

from __future__ import annotations

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.lots import goods
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import answering
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.lots import actions
from zerotrip.prevention.lots.actions.steps import Carried
from zerotrip.prevention.lots.queries import recalled
from zerotrip.prevention.models import Lot, Recall

pytestmark = pytest.mark.django_db


@pytest.fixture
def stores(district):
    declared(district)
    own = actions.place_at(actions.Where(party=district.firm.pk), by=district.applicant, at=world.MORNING)
    return goods.place("虚构冷库", district.clerk), own


@pytest.fixture
def lot(district, stores) -> Lot:
    store, own = stores
    lot = goods.received(store, district.clerk, "100")
    (made,) = actions.split(lot, ["30"], holder=store, stamp=goods.stamp(district.clerk))
    goods.moved(made.target, store, own, district.clerk, "10")
    return lot


def recall(district, lot: Lot, **changed) -> Recall:
    said = {"reason": "外包装核酸检测阳性（虚构）", "key": new_id(), "by": district.leader, "at": goods.at(1)}
    return actions.recall(lot, **{**said, **changed})


def test_everything_made_of_it_is_held(district, stores, lot):
    store, own = stores
    held = recall(district, lot)
    assert Lot.objects.filter(recall=held).count() == 2
    part = Lot.objects.exclude(pk=lot.pk).get()
    for this, at in ((lot, store), (part, own)):
        with pytest.raises(Refused, match="已封存"):
            actions.sell(this, "1", source=at, stamp=goods.stamp(district.clerk, hours=2))
    said = Carried(reason="检测阳性")
    actions.destroy(part, "10", source=own, carried=said, stamp=goods.stamp(district.clerk, hours=2))


def test_holders_are_told_once_and_their_answers_are_listed(district, stores, lot):
    key = new_id()
    held = recall(district, lot, key=key)
    assert recall(district, lot, key=key) == held
    world.tell_queued()
    assert Notice.objects.filter(user=district.applicant.user_id).count() == 1
    silent, place = sorted(recalled(held), key=lambda one: one.owed is None)
    assert (silent.holder, silent.quantity, silent.answer) == (stores[1], 10, None)
    assert (place.holder, place.owed) == (stores[0], None)
    said = {"held_back": True, "left": "冷库 10 千克"}
    answering.answer(silent.owed, said, note="", key=new_id(), by=district.applicant, at=goods.at(2))
    (answered,) = [one for one in recalled(held) if one.owed]
    assert answered.answer.answers["left"] == "冷库 10 千克"


def test_only_whoever_leads_holds_and_says_why(district, lot):
    for actor in (district.clerk, district.applicant):
        with pytest.raises(NotAllowed):
            recall(district, lot, by=actor)
    with pytest.raises(Invalid) as refused:
        recall(district, lot, reason=" ")
    assert set(refused.value.problems) == {"reason"}
    recall(district, lot)
    with pytest.raises(Refused):
        recall(district, lot)


def test_what_was_held_is_let_go_with_a_reason(district, stores, lot):
    held = recall(district, lot)
    with pytest.raises(Invalid):
        actions.lift(held, reason="", by=district.leader, at=goods.at(2))
    with pytest.raises(NotAllowed):
        actions.lift(held, reason="复检阴性", by=district.clerk, at=goods.at(2))
    actions.lift(held, reason="复检阴性", by=district.leader, at=goods.at(2))
    actions.sell(lot, "1", source=stores[0], stamp=goods.stamp(district.clerk, hours=3))
    with pytest.raises(Refused):
        actions.lift(held, reason="复检阴性", by=district.leader, at=goods.at(3))

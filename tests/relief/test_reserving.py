"""What is set aside is set aside once, never more than there is, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.cases.test_two_hands import together
from tests.relief.market import firm, introduced, the_pair
from tests.world import MORNING
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break
from zerotrip.relief.matching import actions
from zerotrip.relief.matching.tasks import match
from zerotrip.relief.models import Introduction, Reservation, Resource

HOUR = timedelta(hours=1)


def reserve(row, by, quantity=None, at=MORNING, key=None):
    return actions.reserve(row, quantity=quantity, key=key or new_id(), by=by, at=at)


def both_agree(offer, want, printer, other) -> Introduction:
    row = actions.agree(the_pair(offer, want), "offer", by=printer.agent, at=MORNING)
    return actions.agree(row, "want", by=other.agent, at=MORNING)


def reserved(offer) -> Decimal:
    return Resource.objects.get(pk=offer.pk).reserved


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reserve_the_last_premises_at_once_one_gets_them_and_the_other_is_told(printer, retailer):
    offer = printer.enters("premises", "offer")
    rivals = [retailer, firm("济南虚构商贸有限公司", 903)]
    rows = [both_agree(offer, each.enters("premises", "want"), printer, each) for each in rivals]
    got = together(
        *[lambda row=row, by=each.agent: reserve(row, by) for row, each in zip(rows, rivals, strict=True)]
    )
    (late,) = [found for found in got if isinstance(found, Exception)]
    assert isinstance(late, Refused)
    assert "晚了一步" in late.message
    assert Reservation.objects.get().quantity == reserved(offer) == 1
    assert all(first_break(Introduction.objects.get(pk=row.pk)) is None for row in rows)


@pytest.mark.django_db(transaction=True)
def test_of_forty_people_no_more_than_forty_are_reserved_however_many_ask_at_once(printer, retailer):
    offer = printer.enters("labour", "offer")
    rivals = [retailer, *(firm(f"济南虚构用工{n}有限公司", 910 + n) for n in range(4))]
    rows = [both_agree(offer, each.enters("labour", "want"), printer, each) for each in rivals]
    got = together(
        *[
            lambda row=row, by=each.agent: reserve(row, by, Decimal(15))
            for row, each in zip(rows, rivals, strict=True)
        ]
    )
    assert sum(isinstance(found, Reservation) for found in got) == 2
    assert all("只剩 10" in found.problems["quantity"][0] for found in got if isinstance(found, Invalid))
    assert reserved(offer) == 30


@pytest.mark.django_db(transaction=True)
def test_pressing_reserve_twice_at_once_is_one_reservation(printer, retailer):
    row, key = introduced(printer, retailer, "labour"), new_id()
    together(*[lambda: reserve(row, retailer.agent, Decimal(10), key=key)] * 2)
    assert reserved(row.offer) == 10


def test_the_database_refuses_what_no_action_would_ask(printer, retailer):
    row = introduced(printer, retailer)
    held = reserve(row, retailer.agent)
    more = Reservation(
        introduction=row, offer=row.offer, quantity=1, whole=False, made_at=MORNING, expires_at=MORNING + HOUR
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        more.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(pk=held.pk).update(quantity=2)
    Reservation.objects.filter(pk=held.pk).delete()
    assert reserved(row.offer) == 0


def test_only_the_side_that_wants_reserves_and_only_once_both_have_agreed(printer, retailer, district):
    offer, want = printer.enters("premises", "offer"), retailer.enters("premises", "want")
    with pytest.raises(Refused):
        reserve(the_pair(offer, want), retailer.agent)
    row = both_agree(offer, want, printer, retailer)
    for who in (printer.agent, district.stranger):
        with pytest.raises(NotAllowed):
            reserve(row, who)
    reserve(row, retailer.agent)
    with pytest.raises(Refused):
        reserve(row, retailer.agent)


@pytest.mark.parametrize("quantity", [None, Decimal(0), Decimal(-1), Decimal(41), Decimal("1.234")], ids=str)
def test_an_amount_that_is_none_is_named(printer, retailer, quantity):
    row = introduced(printer, retailer, "labour")
    with pytest.raises(Invalid) as refused:
        reserve(row, retailer.agent, quantity)
    assert "quantity" in refused.value.problems


def test_what_is_set_aside_as_a_whole_is_proposed_to_nobody_else(printer, retailer):
    row = introduced(printer, retailer)
    reserve(row, retailer.agent)
    other = firm("济南虚构商贸有限公司", 903).enters("premises", "want")
    assert the_pair(row.offer, other) is None
    assert not Resource.objects.available().filter(pk=row.offer_id).exists()
    actions.release(row, by=printer.agent, at=MORNING + HOUR)
    match(str(row.offer_id))
    assert the_pair(row.offer, other) is not None


def test_what_is_left_of_a_part_is_still_proposed(printer, retailer):
    row = introduced(printer, retailer, "labour")
    reserve(row, retailer.agent, Decimal(25))
    other = firm("济南虚构商贸有限公司", 903).enters("labour", "want", people="15")
    assert the_pair(row.offer, other) is not None


def test_a_reservation_runs_out_and_both_are_told(printer, retailer):
    row = introduced(printer, retailer)
    held = reserve(row, retailer.agent)
    assert held.expires_at == MORNING + 72 * HOUR
    actions.sweep(at=MORNING + 71 * HOUR)
    assert reserved(row.offer) == 1
    actions.sweep(at=MORNING + 72 * HOUR)
    assert reserved(row.offer) == 0
    world.tell_queued()
    for actor in (printer.agent, retailer.agent):
        assert Notice.objects.visible_to(actor).filter(template="match_released").count() == 1


def test_one_that_ran_out_is_in_nobodys_way_before_the_sweep(printer, retailer):
    row = introduced(printer, retailer)
    other = firm("济南虚构商贸有限公司", 903)
    rival = both_agree(row.offer, other.enters("premises", "want"), printer, other)
    reserve(row, retailer.agent)
    reserve(rival, other.agent, at=MORNING + 73 * HOUR)
    assert Reservation.objects.get(status="held").introduction_id == rival.pk


def test_agreement_taken_back_frees_what_was_set_aside(printer, retailer):
    row = introduced(printer, retailer)
    reserve(row, retailer.agent)
    actions.take_back(row, "want", by=retailer.agent, at=MORNING + HOUR)
    assert reserved(row.offer) == 0
    assert Reservation.objects.get().status == "released"


def test_an_offer_is_not_made_smaller_than_what_is_set_aside(printer, retailer):
    from tests.relief.market import entry

    row = introduced(printer, retailer, "labour")
    reserve(row, retailer.agent, Decimal(25))
    with pytest.raises(Invalid) as refused:
        actions.revise(row.offer, entry("labour", "offer", people="20"), by=printer.agent, at=MORNING)
    assert "people" in refused.value.problems

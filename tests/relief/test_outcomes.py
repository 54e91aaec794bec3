"""What came of an introduction counts for both sides, each where it lies."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests import world
from tests.relief.market import FIRST, firm, introduced, the_pair
from tests.world import MORNING
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.relief.matching import actions, queries
from zerotrip.relief.models import Introduction, Reservation, Resource

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sums(actor, kind="premises", area_path=""):
    found = queries.board(actor, since=MORNING - DAY, until=MORNING + DAY, area_path=area_path)
    return next(row for row in found if row.kind.id == kind)


def succeed(row, by, amount="1200", taken=None, at=MORNING):
    return actions.succeed(
        row, amount=Decimal(amount), taken=None if taken is None else Decimal(taken), by=by, at=at
    )


def test_space_used_and_plant_let_are_both_counted(printer, retailer, district):
    row = succeed(introduced(printer, retailer), retailer.agent)
    whole = sums(district.clerk)
    assert (whole.placed, whole.placed_amount, whole.met, whole.met_amount) == (1, 1200, 1, 1200)
    first = sums(district.clerk, area_path=f"{world.DISTRICT}370199001000/")
    second = sums(district.clerk, area_path=f"{world.DISTRICT}370199002000/")
    assert (first.placed, first.met, second.placed, second.met) == (0, 1, 1, 0)
    assert {Resource.objects.get(pk=key).status for key in (row.offer_id, row.want_id)} == {"done"}


def test_a_board_counts_what_lies_in_ones_own_area_alone(printer, retailer, district):
    succeed(introduced(printer, retailer), retailer.agent)
    assert sums(district.stranger).any is False
    seat = world.staff("third", "approval-bureau", "supervisor")
    seat.person.memberships.update(area_path=f"{world.DISTRICT}370199003000/")
    assert sums(world.acting(seat)).placed == 0
    assert not queries.concluded(world.acting(seat), since=MORNING - DAY, until=MORNING + DAY).exists()


def test_the_last_of_it_gone_whatever_else_was_under_way_ends(printer, retailer):
    other = firm("济南虚构商贸有限公司", 903)
    row = introduced(printer, retailer)
    rival = the_pair(row.offer, other.enters("premises", "want"))
    succeed(row, printer.agent)
    rival.refresh_from_db()
    assert rival.status == "dropped"
    world.tell_queued()
    assert Notice.objects.visible_to(other.agent).filter(template="match_dropped").exists()


def test_of_forty_people_twenty_five_are_placed_and_fifteen_can_still_be_had(printer, retailer, district):
    row = introduced(printer, retailer, "labour")
    actions.reserve(row, quantity=Decimal(25), key=new_id(), by=retailer.agent, at=MORNING)
    succeed(row, retailer.agent, amount="25", taken="25")
    offer = Resource.objects.get(pk=row.offer_id)
    assert (offer.status, offer.used, offer.reserved) == ("open", 25, 0)
    assert Resource.objects.get(pk=row.want_id).status == "done"
    assert Reservation.objects.get().status == "used"
    assert sums(district.clerk, "labour").met_amount == 25


def test_no_more_is_taken_than_others_have_left(printer, retailer):
    other = firm("济南虚构商贸有限公司", 903)
    row = introduced(printer, retailer, "labour")
    rival = the_pair(row.offer, other.enters("labour", "want", people="30"))
    for side, by in (("offer", printer.agent), ("want", other.agent)):
        rival = actions.agree(rival, side, by=by, at=MORNING)
    actions.reserve(rival, quantity=Decimal(30), key=new_id(), by=other.agent, at=MORNING)
    with pytest.raises(Invalid) as refused:
        succeed(row, retailer.agent, amount="25", taken="25")
    assert refused.value.problems == {"taken": ["只剩 10，其余的别人已经预留或用了。"]}
    assert Introduction.objects.get(pk=row.pk).status == "introduced"


def test_what_was_recorded_wrong_is_corrected_and_counted_once(printer, retailer, district):
    row = succeed(introduced(printer, retailer, "labour"), retailer.agent, amount="25", taken="25")
    row = succeed(row, printer.agent, amount="20", taken="20")
    assert Resource.objects.get(pk=row.offer_id).used == 20
    assert sums(district.clerk, "labour").placed_amount == 20


def test_a_success_that_came_to_nothing_after_all_gives_both_back(printer, retailer):
    row = succeed(introduced(printer, retailer), retailer.agent)
    row = actions.fail(row, note="消防没过", by=retailer.agent, at=MORNING + HOUR)
    for key in (row.offer_id, row.want_id):
        entry = Resource.objects.get(pk=key)
        assert (entry.status, entry.used) == ("open", 0)
    assert (row.status, row.amount, row.taken) == ("failed", None, None)


def test_what_staff_have_checked_only_staff_change(printer, retailer, district):
    row = succeed(introduced(printer, retailer), district.clerk)
    assert row.outcome_from == "staff"
    with pytest.raises(Refused):
        succeed(row, retailer.agent, amount="9999")
    assert succeed(row, district.clerk, amount="1100").amount == 1100


def test_who_has_no_part_in_it_records_nothing(printer, retailer, district):
    row = introduced(printer, retailer)
    for who in (district.stranger, district.supervisor):
        with pytest.raises(NotAllowed):
            succeed(row, who)


@pytest.mark.parametrize("amount", ["-1", "0.5", "10000000000000"])
def test_an_amount_that_cannot_be_is_named(printer, retailer, amount):
    with pytest.raises(Invalid) as refused:
        succeed(introduced(printer, retailer), retailer.agent, amount=amount)
    assert "amount" in refused.value.problems


def test_nothing_came_of_it_says_why(printer, retailer):
    row = introduced(printer, retailer)
    with pytest.raises(Invalid):
        actions.fail(row, note=" ", by=retailer.agent, at=MORNING)
    assert actions.fail(row, note="租金谈不拢", by=retailer.agent, at=MORNING).outcome_note == "租金谈不拢"


def test_before_both_agreed_there_is_nothing_to_record(printer, retailer):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want", place=FIRST))
    with pytest.raises(Refused):
        succeed(row, retailer.agent)

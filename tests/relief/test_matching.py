"""An offer and a want that meet find each other, are told why, and learn who the other is when both agree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.relief.market import DISTRICT, FIRST, SECOND, entry, firm, introduced, the_pair
from tests.world import MORNING
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import Role, User
from zerotrip.relief.matching import actions
from zerotrip.relief.matching.access import sees_contacts, sides
from zerotrip.relief.matching.tasks import match
from zerotrip.relief.models import Introduction, Resource

HOUR = timedelta(hours=1)


def told(actor) -> list[str]:
    world.tell_queued()
    return list(Notice.objects.visible_to(actor).order_by("at", "pk").values_list("template", flat=True))


def reasons(row: Introduction, side: str, language: str = "zh") -> list[str]:
    return [reason[side][language] for reason in row.reasons]


@pytest.mark.parametrize("first", ["offer", "want"])
def test_whichever_comes_first_they_find_each_other_across_two_subdistricts(printer, retailer, first):
    entered = {}
    for side in (first, "want" if first == "offer" else "offer"):
        entered[side] = (printer if side == "offer" else retailer).enters("premises", side)
    row = the_pair(entered["offer"], entered["want"])
    assert row.status == "proposed"
    assert {"match_new", "match_found"} == {*told(printer.agent), *told(retailer.agent)}
    assert len(told(printer.agent)) == len(told(retailer.agent)) == 1


def test_the_reasons_are_told_both_ways_in_words(printer, retailer):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    assert reasons(row, "want")[0] == "面积：1,200 平方米，您要 800 至 1,500 平方米"
    assert reasons(row, "offer")[0] == "面积：对方要 800 至 1,500 平方米，您的是 1,200 平方米"
    assert reasons(row, "want", "en")[0] == "Floor area: 1,200 m²; you want 800 to 1,500 m²"
    assert any("产业园社区" in text and "同在一个区" in text for text in reasons(row, "want"))
    assert all(reason["fits"] for reason in row.reasons)


@pytest.mark.parametrize(
    "unfit",
    [
        {"area_least": "1201"},
        {"area_most": "1199"},
        {"uses": ["office"]},
        {"rent_most": "17.99"},
        {"height_least": "6.01"},
        {"needed_by": "2026-02-28", "at": MORNING},
        {"reach": "370199001000"},
    ],
    ids=lambda unfit: next(iter(unfit)),
)
def test_one_hard_rule_that_does_not_hold_is_enough(printer, retailer, unfit):
    offer = printer.enters("premises", "offer")
    assert the_pair(offer, retailer.enters("premises", "want", **unfit)) is None


def test_a_want_that_asks_for_a_crane_gets_none_without(printer, retailer):
    offer = printer.enters("premises", "offer", crane=False)
    assert the_pair(offer, retailer.enters("premises", "want", crane=True)) is None
    assert the_pair(offer, retailer.enters("premises", "want", crane=False)) is not None


def test_what_is_left_open_asks_nothing(printer, retailer):
    offer = printer.enters("premises", "offer")
    assert the_pair(offer, retailer.enters("premises", "want", rent_most=None, needed_by=None)) is not None


def test_the_closest_come_first(printer, retailer):
    far = printer.enters("premises", "offer", area="1500", rent="25")
    near = printer.enters("premises", "offer", area="1150", place=FIRST)
    want = retailer.enters("premises", "want")
    rows = list(Introduction.objects.filter(want=want).order_by("-score"))
    assert [row.offer_id for row in rows] == [near.pk, far.pk]
    assert rows[0].score > rows[1].score


def test_a_firm_is_not_matched_with_itself(printer):
    offer = printer.enters("premises", "offer")
    assert the_pair(offer, printer.enters("premises", "want")) is None


def test_another_kind_is_another_market(printer, retailer):
    printer.enters("labour", "offer")
    retailer.enters("premises", "want")
    assert not Introduction.objects.exists()


def test_an_order_meets_capacity_and_a_date(printer, retailer):
    offer = printer.enters("orders", "offer")
    row = the_pair(offer, retailer.enters("orders", "want"))
    assert reasons(row, "want")[1] == "产能：还能接 5,000 件，您的订单 3,000 件以上"
    assert the_pair(offer, retailer.enters("orders", "want", deliver_by="2026-03-31")) is None
    assert the_pair(offer, retailer.enters("orders", "want", certified=["iatf"])) is None
    assert the_pair(offer, retailer.enters("orders", "want", pieces="50")) is None


def test_hands_meet_work_where_their_days_overlap(printer, retailer):
    offer = printer.enters("labour", "offer")
    assert the_pair(offer, retailer.enters("labour", "want")) is not None
    later = {"from_day": "2026-07-01", "to_day": "2026-08-01"}
    assert the_pair(offer, retailer.enters("labour", "want", **later)) is None


def test_hands_that_stay_in_their_subdistrict_meet_no_work_elsewhere(printer, retailer):
    near = printer.enters("labour", "offer", reach="370199002000")
    assert the_pair(near, retailer.enters("labour", "want")) is None
    assert the_pair(near, retailer.enters("labour", "want", place=SECOND)) is not None


def test_of_two_entered_at_the_same_moment_the_job_finds_what_neither_saw(printer, retailer):
    offer, want = printer.enters("premises", "offer"), retailer.enters("premises", "want")
    Introduction.objects.all().delete()  # as if neither transaction had seen the other
    match(str(want.pk))
    match(str(offer.pk))
    assert Introduction.objects.count() == 1


def test_contacts_are_shown_once_both_agree_and_not_to_a_stranger(printer, retailer, district):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    assert not sees_contacts(row, "offer", retailer.agent)
    row = actions.agree(row, "offer", by=printer.agent, at=MORNING)
    assert not sees_contacts(row, "offer", retailer.agent)
    assert not sees_contacts(row, "want", printer.agent)
    row = actions.agree(row, "want", by=retailer.agent, at=MORNING + HOUR)
    assert row.status == "introduced"
    assert sees_contacts(row, "offer", retailer.agent)
    assert sees_contacts(row, "want", printer.agent)
    assert not Introduction.objects.visible_to(district.stranger).exists()
    assert not Resource.objects.visible_to(district.stranger).exists()
    assert not Resource.objects.visible_to(retailer.agent).filter(side="offer").exists()
    assert "match_introduced" in told(printer.agent)
    assert "match_introduced" in told(retailer.agent)


def test_agreement_taken_back_hides_the_contacts_again(printer, retailer):
    row = introduced(printer, retailer)
    row = actions.take_back(row, "offer", by=printer.agent, at=MORNING + HOUR)
    assert row.status == "proposed"
    assert not sees_contacts(row, "want", printer.agent)
    assert not sees_contacts(row, "offer", retailer.agent)
    assert row.want_agreed_at is not None
    row = actions.agree(row, "offer", by=printer.agent, at=MORNING + 2 * HOUR)
    assert row.status == "introduced"


def test_a_pair_one_side_refused_is_never_shown_again(printer, retailer):
    offer, want = printer.enters("premises", "offer"), retailer.enters("premises", "want")
    with pytest.raises(Invalid):
        actions.refuse(the_pair(offer, want), "want", because=" ", by=retailer.agent, at=MORNING)
    row = actions.refuse(the_pair(offer, want), "want", because="层高不够", by=retailer.agent, at=MORNING)
    match(str(offer.pk))
    actions.revise(offer, entry("premises", "offer", height="8"), by=printer.agent, at=MORNING)
    assert Introduction.objects.count() == 1
    assert (row.status, row.refused_because) == ("refused", "层高不够")
    assert "match_refused" in told(printer.agent)
    with pytest.raises(Refused):
        actions.agree(row, "want", by=retailer.agent, at=MORNING)


def test_each_side_speaks_for_itself(printer, retailer, district):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    for who in (printer.agent, district.stranger):
        with pytest.raises(NotAllowed):
            actions.agree(row, "want", by=who, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.refuse(row, "offer", because="不要", by=retailer.agent, at=MORNING)


def test_staff_speak_for_a_firm_of_their_area_and_say_how_it_agreed(printer, retailer, district):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    seat = world.staff("second-street", "approval-bureau", Role.CLERK)
    seat.person.memberships.update(area_path=f"{world.DISTRICT}370199002000/")
    clerk = actor_for(User.objects.get(pk=seat.pk), at=MORNING)
    assert sides(row, clerk) == ("offer",)
    with pytest.raises(Invalid):
        actions.agree(row, "offer", by=clerk, at=MORNING)
    row = actions.agree(row, "offer", how="电话同意", by=clerk, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.agree(row, "want", how="电话同意", by=clerk, at=MORNING)
    assert not sees_contacts(row, "want", clerk)
    assert sees_contacts(row, "offer", clerk)
    assert list(history(row.pk))[-1].reason == "电话同意"


def test_a_supervisor_sees_and_does_nothing(printer, retailer, district):
    row = the_pair(printer.enters("premises", "offer"), retailer.enters("premises", "want"))
    assert Introduction.objects.visible_to(district.supervisor).count() == 1
    assert sides(row, district.supervisor) == ()


def test_staff_enter_for_a_firm_of_their_area_only(district, printer):
    made = actions.publish(
        "premises", "offer", printer.party, entry("premises", "offer"), key=new_id(), by=district.clerk, at=MORNING
    )
    assert made.by_staff
    for who in (district.stranger, district.supervisor):
        with pytest.raises(NotAllowed):
            actions.publish(
                "premises", "offer", printer.party, entry("premises", "offer"), key=new_id(), by=who, at=MORNING
            )


def test_by_hand_two_are_introduced_that_do_not_quite_fit_and_are_told_what_does_not(printer, retailer, district):
    offer = printer.enters("premises", "offer", area="700")
    want = retailer.enters("premises", "want")
    assert the_pair(offer, want) is None
    row = actions.introduce(offer, want, note="可以隔出一半", by=district.clerk, at=MORNING)
    assert row.by_hand
    assert [reason["want"]["zh"] for reason in row.reasons if not reason["fits"]] == [
        "面积：700 平方米，您要 800 至 1,500 平方米"
    ]
    assert actions.introduce(offer, want, by=district.clerk, at=MORNING).pk == row.pk
    with pytest.raises(NotAllowed):
        actions.introduce(offer, want, by=district.stranger, at=MORNING)


def test_a_firm_that_saw_an_offer_asks_for_it_with_a_want_of_its_own(printer, retailer):
    offer = printer.enters("premises", "offer", area="700")
    row = actions.introduce(offer, retailer.enters("premises", "want"), by=retailer.agent, at=MORNING)
    assert told(printer.agent) == ["match_new"]
    assert row.status == "proposed"


def test_what_is_taken_down_ends_what_was_under_way_and_the_other_side_is_told(printer, retailer):
    row = introduced(printer, retailer)
    actions.withdraw(row.offer, because="自己要用了", by=printer.agent, at=MORNING + HOUR)
    row.refresh_from_db()
    assert row.status == "dropped"
    assert "match_dropped" in told(retailer.agent)
    assert Resource.objects.get(pk=row.offer_id).status == "withdrawn"
    with pytest.raises(Refused):
        actions.confirm(row.offer, by=printer.agent, at=MORNING + HOUR)


def test_a_correction_makes_and_unmakes_proposals(printer, retailer):
    offer = printer.enters("premises", "offer", area="12000")
    want = retailer.enters("premises", "want")
    assert the_pair(offer, want) is None
    actions.revise(offer, entry("premises", "offer", area="1200"), by=printer.agent, at=MORNING)
    assert the_pair(offer, want).status == "proposed"
    actions.revise(offer, entry("premises", "offer", area="12000"), by=printer.agent, at=MORNING)
    assert the_pair(offer, want).status == "dropped"


def test_pressing_twice_is_one_entry_and_one_proposal(printer, retailer):
    printer.enters("premises", "offer")
    key = new_id()
    for _press in range(2):
        actions.publish(
            "premises", "want", retailer.party, entry("premises", "want"), key=key, by=retailer.agent, at=MORNING
        )
    assert Introduction.objects.count() == 1
    assert told(retailer.agent) == ["match_found"]


def test_a_loan_to_small_firms_is_no_address_to_write_to(printer):
    assert printer.enters("premises", "offer", more="可办小微信用贷").answers["more"] == "可办小微信用贷"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": "厂房，电话 13912345678"}, "title"),
        ({"title": "x"}, "title"),
        ({"more": "加微信谈"}, "more"),
        ({"more": "mail a@example.test"}, "more"),
        ({"place": "1"}, "place"),
        ({"reach": "x"}, "reach"),
        ({"contact_phone": "12"}, "contact_phone"),
        ({"contact_name": ""}, "contact_name"),
        ({"area": "-1"}, "area"),
        ({"area": None}, "area"),
        ({"uses": ["moon"]}, "uses"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_named_at_its_place_and_nothing_is_kept(printer, changes, place):
    with pytest.raises(Invalid) as refused:
        printer.enters("premises", "offer", **changes)
    assert place in refused.value.problems
    assert not Resource.objects.exists()


def test_not_more_is_proposed_at_a_time_than_the_kind_says(printer, retailer):
    want = retailer.enters("premises", "want")
    for _offer in range(12):
        printer.enters("premises", "offer")
    assert Introduction.objects.filter(want=want).count() == 12  # each new offer is worth a look, up to three times
    again = firm("济南虚构商贸有限公司", 903).enters("premises", "want", reach=DISTRICT)
    assert Introduction.objects.filter(want=again).count() == 10


def test_every_entry_and_introduction_has_its_unbroken_journal(printer, retailer):
    row = introduced(printer, retailer)
    actions.take_back(row, "want", by=retailer.agent, at=MORNING + HOUR)
    row.refresh_from_db()
    assert [line.action for line in history(row.pk)] == ["propose", "agree", "agree", "take_back"]
    for one in (row, row.offer, row.want):
        assert first_break(one) is None

"""Runs of a policy with so many places or so much money keep to them, in the declared order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from tests.policies.unasked.conftest import ACCOUNT, AT, POLICY, after_notice, announced, drafted, example, grant_of
from zerotrip.channels.models import Notice
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions.announcing import tell_announced_to
from zerotrip.policies.unasked.models import Grant
from zerotrip.policies.unasked.ranking import Room, Standing, ranked

MOST_STAFF = {"order": {"zh": "按新增用工从多到少"}, "rank": [{"fact": "new_staff", "first": "highest"}]}


@pytest.fixture
def staffed(pack, firm_of):
    """Firms by how many people they took on, each to have 30,000 yuan."""

    def make(*counts: int | None):
        made = {}
        for serial, count in enumerate(counts, 950):
            made[serial] = firm_of(f"示范{serial}有限公司", serial, new_staff=None if count is None else str(count))
        return list(made.values())

    return make


def limited(pack, **limit) -> None:
    pack.policy(limited={**MOST_STAFF, **limit}, benefit=plain())


def plain() -> dict:
    """The benefit of the manual without what is on top: 30,000 yuan for all of these firms."""
    benefit = example()["benefit"]
    return {**benefit, "tiers": benefit["tiers"][:2]}


def listed(run) -> list[str]:
    rows = Grant.objects.filter(run=run, status="proposed").order_by("rank")
    return list(rows.values_list("party__name", flat=True))


def reasons(run) -> list[str]:
    return list(Grant.objects.filter(run=run, status="withheld").order_by("rank").values_list("reason", flat=True))


@pytest.mark.django_db
def test_the_first_have_the_places_and_the_others_are_told_why(pack, staffed, district):
    firms = staffed(3, 9, 5, 7)
    limited(pack, places=2)
    run = drafted(district.clerk)
    assert listed(run) == [firms[1].name, firms[3].name]
    assert reasons(run) == ["排在第 3 位，2 个名额已经用完", "排在第 4 位，2 个名额已经用完"]
    assert run.room == {
        "used_places": 0,
        "used_money": "0.00",
        "places": 2,
        "money": "60000.00",
        "left_out": 2,
    }


@pytest.mark.django_db
def test_those_left_out_are_told_once_when_the_list_is_public(pack, staffed, district):
    firms = staffed(3, 9)
    limited(pack, places=1)
    world.agent(world.person("经办"), firms[0])
    run = announced(district.clerk)
    for _again in range(2):
        tell_announced_to(run.pk, at=AT)
    world.tell_queued()
    (notice,) = Notice.objects.filter(template="grant_left_out")
    assert notice.context["reason"] == "排在第 2 位，1 个名额已经用完"


@pytest.mark.django_db
def test_the_list_ends_where_the_money_does_and_nobody_jumps_the_queue(pack, staffed, firm_of, district):
    staffed(9, 8)
    big = firm_of("示范大户有限公司", 960, new_staff="7", specialised=True, quarter_power_cost="9000000")
    small = firm_of("示范小户有限公司", 961, new_staff="6", quarter_power_cost="1000")
    limited(pack, budget=100000)
    run = drafted(district.clerk)
    assert len(listed(run)) == 2
    assert grant_of(run, big).reason == "排在第 3 位，总额 100,000.00 元已经用完"
    assert grant_of(run, small).status == "withheld"


@pytest.mark.django_db
def test_of_those_who_are_level_at_the_end_all_are_taken_or_none(pack, staffed, district):
    firms = staffed(9, 5, 5, 4)
    limited(pack, places=2)
    run = drafted(district.clerk)
    assert listed(run) == [firms[0].name]
    assert reasons(run)[:2] == ["并列第 2 位的有 2 家，2 个名额余下的不够都给，都不列入"] * 2
    assert grant_of(run, firms[3]).rank == 4


@pytest.mark.django_db
def test_who_cannot_be_placed_is_not_guessed(pack, staffed, district):
    firms = staffed(9, None)
    limited(pack, places=5)
    run = drafted(district.clerk)
    assert listed(run) == [firms[0].name]
    assert grant_of(run, firms[1]).reason == "排先后要用的事实还不知道，排不进名单"


@pytest.mark.django_db
def test_a_later_run_has_what_is_left_and_a_freed_place_goes_to_the_next(pack, staffed, district):
    firms = staffed(9, 8, 7)
    limited(pack, places=2)
    first = announced(district.clerk)
    second = drafted(district.clerk)
    assert listed(second) == []
    assert second.room["used_places"] == 2
    actions.abandon(second.pk, reason="没有名额", by=district.clerk, at=AT)
    actions.withhold(grant_of(first, firms[0]).pk, reason="已注销", by=district.clerk, at=AT)
    third = drafted(district.clerk)
    assert listed(third) == [firms[0].name], "nothing keeps out for good who was taken off once"


@pytest.mark.django_db
def test_a_limit_of_the_quarter_begins_anew_with_the_quarter(pack, staffed, district):
    firms = staffed(9, 8)
    limited(pack, places=1, per="quarter")
    assert listed(drafted(district.clerk)) == [firms[0].name]
    assert listed(drafted(district.clerk, at=AT + timedelta(days=30))) == []
    july = drafted(district.clerk, at=AT + timedelta(days=57))
    assert (listed(july), july.room["used_places"]) == ([firms[1].name], 0)


@pytest.mark.django_db
def test_what_the_bank_returned_keeps_its_place_while_it_can_be_paid_again(pack, staffed, district, head):
    firms = staffed(9, 8)
    pack.policy(limited={**MOST_STAFF, "places": 1}, benefit=plain(), unasked={"consent": "silence"})
    run = announced(district.clerk)
    at = after_notice(run)
    actions.close(run.pk, by=district.clerk, at=at)
    payment = actions.make_list(run.pk, by=district.clerk, at=at, key=uuid4())
    payment = actions.check_list(payment.pk, at=at)
    actions.approve(payment.pk, by=head, at=at)
    returned = [actions.Settled(1, paid=False, on=at.date(), reason="户名不符")]
    actions.record_results(payment.pk, returned, by=district.clerk, at=at)
    assert listed(drafted(district.clerk)) == []
    owner = world.acting(world.agent(world.person("经办"), firms[0]))
    actions.pay_again(grant_of(run, firms[0]).pk, holder=firms[0].name, **ACCOUNT, by=owner, at=at)
    again = drafted(district.clerk)
    assert (listed(again), again.room["used_places"]) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_moment_never_exceed_the_money(pack, staffed, district):
    staffed(9, 8, 7, 6, 5)
    limited(pack, budget=90000)
    runs = [actions.draft(POLICY, by=by, at=AT, key=uuid4()) for by in (district.clerk, district.leader)]
    gate = Barrier(2)

    def go_on(run):
        gate.wait()
        try:
            actions.go_on(run.pk, at=AT)
        finally:
            connection.close()

    threads = [Thread(target=go_on, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    live = Grant.objects.live()
    assert sum(grant.amount for grant in live) == Decimal(90000)
    assert live.count() == 3


people = st.lists(
    st.tuples(st.integers(1, 6), st.one_of(st.none(), st.integers(0, 4))).map(
        lambda each: (Decimal(each[0]), None if each[1] is None else (each[1],))
    ),
    max_size=12,
)
rooms = st.builds(
    Room, st.one_of(st.none(), st.integers(-1, 8)), st.one_of(st.none(), st.integers(-5, 30).map(Decimal))
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(people, rooms)
def test_the_list_is_the_longest_beginning_of_the_order_that_fits(people, room):
    standing = [Standing(key, amount, order) for key, (amount, order) in enumerate(people)]
    found = list(ranked(standing, room))
    assert sorted(one.key for one in found) == list(range(len(people)))
    taken = [one for one in found if not one.lacks]
    money = sum(standing[one.key].amount for one in taken)
    assert not taken or not room.lacks(len(taken), money)
    out = [one for one in found if one.lacks in ("places", "budget")]
    assert all(one.rank < other.rank for one in taken for other in out)
    if out:
        nearest = [one for one in out if one.rank == out[0].rank]
        more = money + sum(standing[one.key].amount for one in nearest)
        assert room.lacks(len(taken) + len(nearest), more)
    assert all(standing[one.key].order is None for one in found if one.lacks == "order")

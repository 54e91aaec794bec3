"""Two enterprises that turn out to be one: what hangs on the one moves, is one record, and can move back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections

from tests import world
from tests.facts.words import SPEC
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Case
from zerotrip.enterprises.access import load, survivor_of
from zerotrip.enterprises.actions import holdings, merge, unmerge
from zerotrip.enterprises.models import Merger
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import day_of, known_of
from zerotrip.facts.worth import State
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties import actions as parties
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Membership, Party, User

AT = world.MORNING
LATER = AT + timedelta(hours=2)
LATEST = AT + timedelta(hours=4)
WHY = "同一家企业：执照换发前后各登记了一次"


@pytest.fixture
def twice(district) -> Party:
    """The firm of the district, registered a second time by a colleague."""
    declare("tests", SPEC, at=AT)
    other = world.enterprise("济南虚构材料有限公司（旧登记）", serial=977)
    world.agent(world.person("周予安"), other)
    return other


def state(firm: Party, name: str, value: object, *, source: str = "tax") -> None:
    said = Statement(name, value, day_of(AT), source)
    record(firm.pk, [said], by=SYSTEM, at=AT, key=uuid4())


def fresh(party: Party) -> Party:
    return Party.objects.get(pk=party.pk)


def merged(district, twice, *, at=LATER) -> Merger:
    return merge(district.firm.pk, twice.pk, reason=WHY, by=district.leader, at=at)


def agent_of(firm: Party) -> User:
    return User.objects.filter(person__memberships__organisation=firm).first()


def test_what_hangs_on_the_one_hangs_on_the_other(district, twice):
    agent = world.acting(agent_of(twice))
    case = world.draft("investment-filing", twice, agent)
    cases.submit(case, by=agent, at=AT)
    state(twice, "staff", "7")
    assert {held.place for held in holdings(twice)} >= {
        "cases.Case.applicant", "facts.Fact.party", "parties.Membership.organisation",
    }  # fmt: skip
    found = merged(district, twice)
    assert case_of(case) == district.firm
    assert Fact.objects.get(name="staff").party == district.firm
    assert known_of(fresh(district.firm), at=LATER).worths["staff"].value == "7"
    assert district.firm.pk in world.acting(agent_of_account(agent), LATER).represents
    assert found.moved["cases.Case.applicant"] == [str(case.pk)]
    assert holdings(fresh(twice)) == []


def case_of(case: Case) -> Party:
    return Case.objects.get(pk=case.pk).applicant


def agent_of_account(actor) -> User:
    return User.objects.get(pk=actor.user_id)


def test_the_one_that_was_merged_has_ended_and_leads_to_the_other(district, twice):
    merged(district, twice)
    assert fresh(twice).ended_at == LATER
    assert survivor_of(fresh(twice)) == district.firm
    assert load(twice.uscc, district.clerk) == district.firm
    assert not Standing.objects.filter(party=twice).exists()


def test_both_journals_say_it_with_its_reason_and_stay_whole(district, twice):
    merged(district, twice)
    told = {party.pk: list(history(party.pk))[-1] for party in (district.firm, twice)}
    assert (told[district.firm.pk].action, told[twice.pk].action) == ("merge", "merged")
    assert {entry.reason for entry in told.values()} == {WHY}
    assert first_break(fresh(district.firm)) is None
    assert first_break(fresh(twice)) is None


def test_somebody_who_registers_the_old_number_again_joins_the_one_there_is(district, twice):
    merged(district, twice)
    with pytest.raises(Refused, match="经办人"):
        parties.claim_enterprise(name="又来一次", uscc=twice.uscc, by=district.stranger, at=LATEST)
    assert not Party.objects.live().filter(uscc=twice.uscc).exists()


def test_what_two_records_say_differently_is_told_as_a_contradiction(district, twice):
    state(district.firm, "staff", "5")
    state(twice, "staff", "7", source="statistics")
    merged(district, twice)
    worth = known_of(fresh(district.firm), at=LATER).worths["staff"]
    assert worth.state is State.CONTRADICTORY
    assert {(one.value, one.source) for one in worth.among} == {("5", "tax"), ("7", "statistics")}


def test_whoever_acts_for_both_goes_on_once(district, twice):
    both = User.objects.get(pk=district.applicant.user_id)
    world.agent(both, twice)
    found = merged(district, twice)
    in_force = Membership.objects.in_force(LATEST).filter(person=both.person)
    assert [one.organisation_id for one in in_force] == [district.firm.pk]
    assert len(found.ended) == 1


def test_exactly_what_moved_moves_back(district, twice):
    agent = world.acting(agent_of(twice))
    theirs = world.draft("investment-filing", twice, agent)
    mine = world.draft("investment-filing", district.firm, district.applicant)
    state(twice, "staff", "7")
    both = world.agent(User.objects.get(pk=district.applicant.user_id), twice)
    found = merged(district, twice)
    since = world.draft("pesticide-change", district.firm, district.applicant)
    _undone, lost = unmerge(found.pk, by=district.leader, at=LATEST)
    assert lost == 0
    assert {case_of(mine), case_of(since)} == {district.firm}
    assert case_of(theirs) == twice
    assert known_of(fresh(twice), at=LATEST).worths["staff"].value == "7"
    assert known_of(fresh(district.firm), at=LATEST).worths["staff"].state is State.MISSING
    assert fresh(twice).ended_at is None
    assert fresh(twice).merged_into is None
    assert {one.organisation_id for one in Membership.objects.in_force(LATEST).filter(person=both.person)} == {
        district.firm.pk, twice.pk,
    }  # fmt: skip
    assert {party.pk for party in Party.objects.filter(standing__isnull=False)} == {district.firm.pk, twice.pk}


def test_what_has_gone_elsewhere_since_stays_there_and_is_counted(district, twice):
    case = world.draft("investment-filing", twice, world.acting(agent_of(twice)))
    found = merged(district, twice)
    third = world.enterprise("济南第三家有限公司", serial=978)
    Case.objects.filter(pk=case.pk).update(applicant=third)
    _undone, lost = unmerge(found.pk, by=district.leader, at=LATEST)
    assert lost == 1
    assert case_of(case) == third


def test_a_merger_can_be_undone_and_made_again(district, twice):
    first = merged(district, twice)
    assert merged(district, twice, at=LATEST) == first
    unmerge(first.pk, by=district.leader, at=LATEST)
    with pytest.raises(Refused):
        unmerge(first.pk, by=district.leader, at=LATEST)
    second = merged(district, twice, at=LATEST + timedelta(minutes=1))
    assert second != first
    assert Merger.objects.standing().get() == second


def test_a_chain_leads_to_its_end_and_is_undone_from_there(district, twice):
    third = world.enterprise("济南第三家有限公司", serial=978)
    first = merge(twice.pk, third.pk, reason=WHY, by=district.leader, at=AT)
    merged(district, twice)
    assert survivor_of(fresh(third)) == district.firm
    with pytest.raises(Refused, match="先撤销"):
        unmerge(first.pk, by=district.leader, at=LATEST)


def test_a_number_registered_anew_keeps_the_old_one_from_coming_back(district, twice):
    found = merged(district, twice)
    Party.objects.create(
        kind="enterprise", name="新的", uscc=twice.uscc, area_path=world.DISTRICT, created_at=LATER
    )
    with pytest.raises(Refused, match=twice.uscc):
        unmerge(found.pk, by=district.leader, at=LATEST)


def test_a_merger_needs_a_reason_and_two_that_are_there(district, twice):
    with pytest.raises(Invalid) as refusal:
        merge(district.firm.pk, twice.pk, reason=" ", by=district.leader, at=LATER)
    assert set(refusal.value.problems) == {"reason"}
    for other in (district.firm.pk, uuid4()):
        with pytest.raises(Refused):
            merge(district.firm.pk, other, reason=WHY, by=district.leader, at=LATER)
    Party.objects.filter(pk=twice.pk).update(ended_at=AT)
    with pytest.raises(Refused):
        merged(district, twice)


def test_only_whoever_leads_over_both_merges_and_undoes(district, twice):
    for actor in (district.clerk, district.housing, district.supervisor, district.applicant, district.stranger):
        with pytest.raises(NotAllowed):
            merge(district.firm.pk, twice.pk, reason=WHY, by=actor, at=LATER)
    found = merged(district, twice)
    with pytest.raises(NotAllowed):
        unmerge(found.pk, by=district.clerk, at=LATEST)
    elsewhere = world.enterprise("外地有限公司", serial=979)
    Party.objects.filter(pk=elsewhere.pk).update(area_path="/990000000000/")
    with pytest.raises(NotAllowed):
        merge(district.firm.pk, elsewhere.pk, reason=WHY, by=district.leader, at=LATER)


def test_mergers_are_seen_by_staff_of_the_area_alone(district, twice):
    merged(district, twice)
    seen = {name: Merger.objects.visible_to(getattr(district, name)).exists() for name in ("clerk", "leader")}
    assert seen == {"clerk": True, "leader": True}
    assert not Merger.objects.visible_to(district.applicant).exists()
    with pytest.raises(NotFound):
        load(twice.uscc, district.stranger)


@pytest.mark.django_db(transaction=True)
def test_merged_both_ways_at_the_same_moment_one_way_holds(district, twice):
    start = Barrier(2)

    def run(pair):
        try:
            start.wait(10)
            return merge(*pair, reason=WHY, by=district.leader, at=LATER)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    pairs = [(district.firm.pk, twice.pk), (twice.pk, district.firm.pk)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, pairs))
    connections.close_all()
    assert sorted(type(answer).__name__ for answer in answers) == ["Merger", "Refused"]
    assert Party.objects.filter(pk__in=[district.firm.pk, twice.pk], ended_at=None).count() == 1

"""Each firm of a survey has one who goes there; how far they are, and who wrote down what was said, is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import world
from tests.duties.standing import roster
from tests.duties.standing.roster import GRIDS, MIDNIGHT, firm
from zerotrip.duties.models import Window
from zerotrip.duties.standing import reporting
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Membership, MembershipKind, Role
from zerotrip.prevention.models import Caller
from zerotrip.prevention.rounds import calling
from zerotrip.prevention.surveys import queries

pytestmark = pytest.mark.django_db

NOON = MIDNIGHT + timedelta(hours=12)
SECTIONS = [
    {
        "id": "all",
        "title": {"zh": "人员"},
        "fields": [{"id": "staff", "kind": "number", "decimals": 0, "label": {"zh": "从业人员"}}],
    }
]


def surveyed(**more) -> Window:
    """A survey of three days, of all firms there are."""
    (duty,) = roster.declared(roster.spec("survey", by_hand=True, sections=SECTIONS, **more))
    return roster.opened(duty, days=3)


def worker(name: str, area_path: str) -> Actor:
    user = world.staff(name, "approval-bureau", Role.CLERK)
    Membership.objects.filter(person=user.person).update(area_path=area_path)
    return world.acting(user, NOON)


def name_for(party, actor: Actor) -> None:
    Membership.objects.create(
        person_id=actor.person_id,
        organisation=party,
        kind=MembershipKind.HELPER,
        during=DateTimeTZRange(MIDNIGHT, None),
    )


def shared(window: Window, by: Actor, *, named: bool, area_path: str = world.DISTRICT) -> int:
    return calling.share_out(window.pk, area_path=area_path, named=named, by=by, at=NOON)


def going() -> dict:
    return dict(Caller.objects.open().values_list("subject", "caller"))


def answered(window: Window, party, by: Actor) -> None:
    done = reporting.Done(party.pk, party.pk, GRIDS[0], NOON, {"staff": 3})
    reporting.report(window.requirement, done, key=new_id(), by=by, at=NOON)


def test_firms_are_shared_evenly_among_those_of_the_nearest_office(district):
    here = [firm(number) for number in (1, 2, 3, 4)]
    there = firm(5, GRIDS[1])
    one, two = worker("甲走访", GRIDS[0]), worker("乙走访", GRIDS[0])
    window = surveyed()
    assert shared(window, district.leader, named=False) == 5
    assert shared(window, district.leader, named=False) == 0, "again gives no more"
    found = going()
    near = [found[party.pk] for party in here]
    assert sorted(map(near.count, {one.account, two.account})) == [2, 2]
    assert found[there.pk] not in (one.account, two.account), "who works elsewhere is given nothing there"


def test_a_firm_goes_to_the_person_named_for_it_and_the_others_wait(district):
    mine, other, far = firm(1), firm(2), firm(3, GRIDS[1])
    helper = worker("专人", GRIDS[0])
    name_for(mine, helper)
    name_for(far, helper)
    window = surveyed()
    assert shared(window, district.leader, named=True) == 1
    assert going() == {mine.pk: helper.account}
    rest = calling.without_caller(window, world.DISTRICT, at=NOON)
    assert {due.subject for due in rest} == {other.pk, far.pk}, "also where the one named does not work there"


def test_another_is_named_in_place_of_whoever_went(district):
    party = firm(1)
    one, two = worker("甲走访", GRIDS[0]), worker("乙走访", GRIDS[0])
    window = surveyed()
    calling.hand(window.pk, party.pk, caller=one.account, by=district.leader, at=NOON)
    calling.hand(window.pk, party.pk, caller=two.account, by=district.leader, at=NOON)
    assert going() == {party.pk: two.account}
    assert Caller.objects.count() == 2, "who went before stays on record"


def test_how_far_each_is_and_who_wrote_it_down(district):
    asked, itself, left = firm(1), firm(2), firm(3)
    one = worker("甲走访", GRIDS[0])
    window = surveyed()
    calling.give(window.pk, callers=[one.account], area_path=GRIDS[0], by=district.leader, at=NOON)
    answered(window, asked, one)
    answered(window, itself, district.applicant)
    (found,) = queries.visitors(window, world.DISTRICT)
    assert (found.name, found.given, found.kept, found.asked, found.left) == ("甲走访", 3, 2, 1, 1)
    assert [due.subject for due in queries.to_visit(one, at=NOON)] == [left.pk]
    assert not queries.to_visit(district.leader, at=NOON).exists()
    (row,) = queries.firms(list(queries.to_visit(one, at=NOON)), at=NOON)
    assert (row.name, row.visitor) == ("虚构企业3", "甲走访")


def test_what_is_over_is_no_longer_to_be_visited(district):
    firm(1)
    one = worker("甲走访", GRIDS[0])
    window = surveyed()
    calling.give(window.pk, callers=[one.account], area_path=GRIDS[0], by=district.leader, at=NOON)
    assert not queries.to_visit(one, at=window.ends).exists()


def test_only_who_works_there_names_and_is_named(district):
    party = firm(1)
    stranger = worker("外街", GRIDS[1])
    window = surveyed()
    with pytest.raises(NotAllowed):
        shared(window, district.supervisor, named=False)
    with pytest.raises((NotAllowed, NotFound)):
        shared(window, stranger, named=False, area_path=GRIDS[0])
    with pytest.raises(Invalid):
        calling.hand(window.pk, party.pk, caller=stranger.account, by=district.leader, at=NOON)
    Window.objects.filter(pk=window.pk).update(closed_at=NOON, closed_by=district.leader.account)
    with pytest.raises(Refused):
        shared(window, district.leader, named=False)


def test_what_is_reported_every_day_has_no_visitors(district):
    firm(1)
    (duty,) = roster.declared(roster.spec())
    with pytest.raises(NotFound):
        shared(roster.opened(duty), district.leader, named=False)

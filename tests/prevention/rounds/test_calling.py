"""Each of the missing has one caller; what a call ends with says whether they are called again or excused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests import world
from tests.prevention.emergency import declared as event
from tests.prevention.rounds.screened import NOON, duty, opened, person, sampled
from tests.prevention.test_population import GRID, STREET, TODAY
from zerotrip.duties.models import Due
from zerotrip.duties.standing import turning
from zerotrip.duties.standing.queries import total
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.parties.models import Membership, Role
from zerotrip.prevention.models import Call, Caller, Exclusion
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rounds import actions, calling, queries

pytestmark = pytest.mark.django_db

OTHER_GRID = GRID.replace("370199001001001", "370199001001002")
LATER = NOON + timedelta(hours=1)
AREA_PATH = world.DISTRICT


def taken(row, district, **more):
    return calling.take(row.window_id, area_path=GRID, by=district.clerk, at=NOON, **more)


def test_all_of_a_grid_are_given_at_once_and_nobody_of_another(district):
    one, two, _elsewhere = person("甲"), person("乙"), person("丙", OTHER_GRID)
    row = opened(district)
    more = {"callers": [district.clerk.account], "area_path": GRID, "by": district.leader, "at": NOON}
    assert calling.give(row.window_id, **more) == 2
    assert calling.give(row.window_id, **more) == 0
    assert set(Caller.objects.values_list("subject", flat=True)) == {one.pk, two.pk}
    assert calling.without_caller(row.window, AREA_PATH, at=NOON).count() == 1


def test_the_missing_are_shared_out_evenly_and_grid_by_grid(district):
    for number in range(5):
        person(f"甲{number}", GRID if number < 3 else OTHER_GRID)
    row = opened(district)
    two = [district.clerk.account, district.leader.account]
    more = {"area_path": AREA_PATH, "by": district.leader, "at": NOON}
    assert calling.give(row.window_id, callers=two, **more) == 5
    shares = [Caller.objects.filter(caller=each).order_by("area_path") for each in two]
    assert [[held.area_path for held in share] for share in shares] == [[GRID] * 3, [OTHER_GRID] * 2]


def test_nobody_is_shared_out_to_nobody_or_to_somebody_from_elsewhere(district):
    person()
    row = opened(district)
    for callers in ([], [district.clerk.account, district.applicant.account]):
        with pytest.raises(Invalid) as refused:
            calling.give(row.window_id, callers=callers, area_path=GRID, by=district.leader, at=NOON)
        assert set(refused.value.problems) == {"caller"}
    assert not Caller.objects.exists()


def test_the_missing_go_to_those_who_work_nearest(district):
    person("甲"), person("乙"), person("丙", OTHER_GRID)
    row = opened(district)
    user = world.staff("grid", "subdistrict-office", Role.HELPER, area_path=STREET)
    Membership.objects.filter(person=user.person).update(area_path=GRID)
    near = world.acting(user)
    calling.share_out(row.window_id, area_path=AREA_PATH, named=False, by=district.leader, at=NOON)
    assert Caller.objects.filter(caller=near.account).count() == 2
    assert Caller.objects.get(area_path=OTHER_GRID).caller_id != near.account


def test_an_office_over_many_grids_shares_them_out_evenly(district):
    person("甲"), person("乙", OTHER_GRID)
    row = opened(district)
    for name in ("一", "二"):
        world.staff(name, "subdistrict-office", Role.CLERK, area_path=STREET)
    calling.share_out(row.window_id, area_path=AREA_PATH, named=False, by=district.leader, at=NOON)
    assert len(set(Caller.objects.values_list("caller", flat=True))) == 2


def test_after_the_end_of_a_round_a_reason_of_its_last_day_counts_in_it_and_it_can_be_closed(district):
    one = person()
    row = opened(district)
    held = taken(row, district)
    after = row.window.ends + timedelta(days=3)
    assert queries.to_call(district.clerk, at=after).get() == held
    made = calling.call(held.pk, calling.Told("away"), key=new_id(), by=district.clerk, at=after)
    left = Exclusion.objects.get(pk=made.exclusion)
    assert (left.during.lower, left.during.upper) == (TODAY, TODAY + timedelta(days=1))
    assert [total(row.window, district.leader, at=at).missing for at in (row.window.ends, after)] == [1, 0]
    assert Due.objects.get(window=row.window, subject=one.pk).why == "away"
    assert actions.close(row.window_id, by=district.leader, at=after).closed_at == after


def test_a_reason_entered_on_the_roster_after_the_end_counts_in_the_round_too_if_it_reaches_back(district):
    one = person()
    row = opened(district)
    after = row.window.ends + timedelta(days=1)
    for first, missing in ((TODAY + timedelta(days=1), 1), (TODAY, 0)):
        left = people.Left("away", first, TODAY + timedelta(days=3))
        people.exclude(one.pk, left, by=district.clerk, at=after, key=new_id())
        assert total(row.window, district.leader, at=after).missing == missing


def test_two_weeks_after_its_end_a_round_is_history(district):
    person()
    row = opened(district)
    held = taken(row, district)
    late = row.window.ends + timedelta(days=14)
    assert not queries.to_call(district.clerk, at=late).exists()
    with pytest.raises(Refused, match="不再变动"):
        calling.call(held.pk, calling.Told("away"), key=new_id(), by=district.clerk, at=late)
    with pytest.raises(Refused, match="不再变动"):
        calling.take(row.window_id, area_path=GRID, by=district.clerk, at=late)
    assert not Exclusion.objects.exists()


def test_what_a_regime_asked_is_over_with_its_window(district):
    person()
    duty("often", by_hand=False)
    event(district)
    (window,) = turning.turn(at=NOON)
    held = calling.take(window.pk, area_path=GRID, by=district.clerk, at=NOON)
    assert queries.to_call(district.clerk, at=NOON).get() == held
    assert not queries.to_call(district.clerk, at=window.ends).exists()
    with pytest.raises(Refused, match="不再变动"):
        calling.call(held.pk, calling.Told("away"), key=new_id(), by=district.clerk, at=window.ends)
    assert total(window, district.leader, at=window.ends).missing == 1, "who was missing stays named"


def test_whoever_is_called_is_excused_of_a_round_opened_by_an_earlier_edition(district):
    person()
    row = opened(district)
    duty(records=2)
    held = taken(row, district)
    calling.call(held.pk, calling.Told("away"), key=new_id(), by=district.clerk, at=NOON)
    assert Due.objects.get(window=row.window).why == "away"


def test_whoever_takes_the_next_gets_one_nobody_calls_until_there_is_nobody(district):
    person("甲"), person("乙")
    row = opened(district)
    assert taken(row, district).subject != taken(row, district).subject
    assert taken(row, district) is None


def test_somebody_is_handed_over_and_has_one_caller(district):
    one = person()
    row = opened(district)
    first = taken(row, district)
    more = {"by": district.leader, "at": LATER}
    second = calling.hand(row.window_id, one.pk, caller=district.leader.account, **more)
    assert calling.hand(row.window_id, one.pk, caller=district.leader.account, **more) == second
    first.refresh_from_db()
    assert first.ended_at == LATER
    assert [held.caller_id for held in Caller.objects.open()] == [district.leader.account]


def test_a_caller_works_in_the_area(district):
    one = person()
    row = opened(district)
    with pytest.raises(Invalid):
        calling.hand(row.window_id, one.pk, caller=district.applicant.account, by=district.leader, at=NOON)


def test_supervisors_look_and_do_not_call(district):
    person()
    row = opened(district)
    with pytest.raises(NotAllowed):
        calling.take(row.window_id, area_path=GRID, by=district.supervisor, at=NOON)


def test_whoever_came_need_not_be_called(district):
    one = person()
    row = opened(district)
    taken(row, district)
    assert queries.to_call(district.clerk, at=LATER).count() == 1
    sampled(row.window, one.pk, LATER)
    assert not queries.to_call(district.clerk, at=LATER).exists()
    with pytest.raises(NotFound):
        calling.hand(row.window_id, one.pk, caller=district.clerk.account, by=district.leader, at=LATER)


def test_somebody_not_reached_is_called_again_later_and_the_log_stays(district):
    person()
    row = opened(district)
    held, key = taken(row, district), new_id()
    told = calling.Told("silent", note="无人接听")
    made = calling.call(held.pk, told, key=key, by=district.clerk, at=NOON)
    assert calling.call(held.pk, told, key=key, by=district.clerk, at=LATER) == made
    held.refresh_from_db()
    assert (held.calls, held.last, held.ended_at) == (1, "silent", None)
    assert held.next_at == NOON + timedelta(minutes=60)
    with pytest.raises(DatabaseError), transaction.atomic():
        Call.objects.filter(pk=made.pk).update(note="改写")


def test_a_call_that_excuses_leaves_somebody_out_of_this_round_alone(district):
    one = person()
    row = opened(district)
    held = taken(row, district)
    made = calling.call(held.pk, calling.Told("away"), key=new_id(), by=district.clerk, at=NOON)
    left = Exclusion.objects.get(pk=made.exclusion)
    assert (left.person_id, left.reason, left.requirement_id) == (one.pk, "away", row.window.requirement_id)
    assert left.during.upper == TODAY + timedelta(days=1)
    assert Due.objects.get(window=row.window).why == "away"
    assert not Caller.objects.open().exists()
    assert actions.close(row.window_id, by=district.leader, at=LATER).closed_at == LATER


def test_one_that_excuses_without_what_the_reason_asks_for_changes_nothing(district):
    person()
    row = opened(district)
    held = taken(row, district)
    with pytest.raises(Invalid) as refused:
        calling.call(held.pk, calling.Told("proven"), key=new_id(), by=district.clerk, at=NOON)
    assert set(refused.value.problems) == {"note"}
    assert not Call.objects.exists()
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (calling.Told("nonsense"), "outcome"),
        (calling.Told("silent", note="长" * 201), "note"),
        (calling.Told("silent", next_at=NOON), "next_at"),
        (calling.Told("silent", next_at=NOON + timedelta(days=8)), "next_at"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_by_field(district, told, field):
    person()
    row = opened(district)
    with pytest.raises(Invalid) as refused:
        calling.call(taken(row, district).pk, told, key=new_id(), by=district.clerk, at=NOON)
    assert set(refused.value.problems) == {field}


def test_only_the_caller_or_who_leads_notes_a_call(district):
    person()
    row = opened(district)
    held = taken(row, district)
    with pytest.raises(NotAllowed):
        calling.call(held.pk, calling.Told("silent"), key=new_id(), by=district.supervisor, at=NOON)
    calling.call(held.pk, calling.Told("silent"), key=new_id(), by=district.leader, at=NOON)


def test_in_a_closed_round_nobody_is_called(district):
    row = opened(district)
    actions.close(row.window_id, by=district.leader, at=NOON)
    with pytest.raises(Refused):
        taken(row, district)

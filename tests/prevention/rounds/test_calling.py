"""Each of the missing has one caller; what a call ends with says whether they are called again or excused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.prevention.rounds.screened import NOON, opened, person, sampled
from tests.prevention.test_population import GRID, TODAY
from zerotrip.duties.models import Due
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.models import Call, Caller, Exclusion
from zerotrip.prevention.rounds import actions, calling, queries

pytestmark = pytest.mark.django_db

OTHER_GRID = GRID.replace("370199001001001", "370199001001002")
LATER = NOON + timedelta(hours=1)


def taken(row, district, **more):
    return calling.take(row.window_id, area_path=GRID, by=district.clerk, at=NOON, **more)


def test_all_of_a_grid_are_given_at_once_and_nobody_of_another(district):
    one, two, _elsewhere = person("甲"), person("乙"), person("丙", OTHER_GRID)
    row = opened(district)
    more = {"caller": district.clerk.account, "area_path": GRID, "by": district.leader, "at": NOON}
    assert calling.give(row.window_id, **more) == 2
    assert calling.give(row.window_id, **more) == 0
    assert set(Caller.objects.values_list("subject", flat=True)) == {one.pk, two.pk}
    assert queries.calls_left(row.window) == {"given": 2, "untouched": 2}


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
    assert queries.to_call(district.clerk).count() == 1
    sampled(row.window, one.pk, LATER)
    assert not queries.to_call(district.clerk).exists()
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

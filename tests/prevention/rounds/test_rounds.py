"""A round is open until nobody is missing: everybody on the rosters came, or is excused with a reason."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from tests.duties.standing.roster import MIDNIGHT, declared, spec
from tests.prevention.emergency import declared as event
from tests.prevention.emergency import typed
from tests.prevention.rounds.screened import AREA, NOON, duty, opened, person, sampled
from tests.prevention.test_population import TODAY
from zerotrip.duties.models import Due, Requirement
from zerotrip.duties.standing import closing, filling, turning
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.prevention.events.actions import change
from zerotrip.prevention.models import Measure, Round
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rounds import actions, points, tallies

pytestmark = pytest.mark.django_db


def test_everybody_of_the_area_owes_a_sample_once_a_round_is_open(district):
    one = person()
    row = opened(district)
    assert {due.subject for due in Due.objects.filter(window=row.window)} == {one.pk}
    assert [entry.action for entry in history(row.event_id)][-1] == "round_open"


def test_opened_twice_with_one_key_it_is_one_round(district):
    row = opened(district)
    asked = actions.Asked("另一个名称", AREA, None, None, None)
    assert actions.open_round(asked, key=row.pk, by=district.leader, at=NOON) == row
    assert Round.objects.get().name == "第一轮"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"area": "370100000000"}, "area"),
        ({"requirement": None}, "requirement"),
        ({"starts": None}, "starts"),
        ({"starts": MIDNIGHT + timedelta(days=20)}, "starts"),
        ({"ends": MIDNIGHT}, "ends"),
        ({"ends": MIDNIGHT + timedelta(days=15)}, "ends"),
    ],
)
def test_what_does_not_agree_is_named_by_field(district, said, field):
    with pytest.raises(Invalid) as refused:
        opened(district, **said)
    assert field in refused.value.problems


def test_two_rounds_of_one_time_and_area_are_refused_and_one_after_the_other_are_not(district):
    row = opened(district)
    street = {"name": "街道一轮", "area": "370199001000", "requirement": row.window.requirement_id}
    asked = actions.Asked(**street, starts=NOON, ends=NOON + timedelta(hours=3))
    with pytest.raises(Invalid) as refused:
        actions.open_round(asked, key=new_id(), by=district.leader, at=NOON)
    assert set(refused.value.problems) == {"starts"}
    later = actions.Asked(**street, starts=row.window.ends, ends=row.window.ends + timedelta(hours=3))
    assert actions.open_round(later, key=new_id(), by=district.leader, at=NOON).window.day > TODAY


def test_only_whoever_leads_over_the_area_opens_and_closes(district):
    row = opened(district)
    with pytest.raises(NotAllowed):
        actions.close(row.window_id, by=district.clerk, at=NOON)
    asked = actions.Asked("第二轮", AREA, row.window.requirement_id, NOON, NOON + timedelta(hours=3))
    with pytest.raises(Invalid) as refused:
        actions.open_round(asked, key=new_id(), by=district.clerk, at=NOON)
    assert "area" in refused.value.problems


def test_it_closes_only_when_nobody_is_missing(district):
    came, away = person("甲"), person("乙")
    row = opened(district)
    sampled(row.window, came.pk)
    with pytest.raises(Refused, match="1 人"):
        actions.close(row.window_id, by=district.leader, at=NOON)
    left = people.Left("away", TODAY, TODAY, requirement=row.window.requirement_id)
    people.exclude(away.pk, left, key=new_id(), by=district.clerk, at=NOON)
    closed = actions.close(row.window_id, by=district.leader, at=NOON)
    assert (closed.closed_at, closed.closed_by_id) == (NOON, district.leader.account)
    assert actions.close(row.window_id, by=district.leader, at=NOON + timedelta(hours=1)).closed_at == NOON


def test_whoever_came_onto_the_roster_a_moment_ago_keeps_it_open(district):
    row = opened(district)
    person("新来的")
    assert closing.missing_in(row.window, at=NOON) == 0
    with pytest.raises(Refused, match="1 人"):
        actions.close(row.window_id, by=district.leader, at=NOON)


def test_a_closed_round_opens_again_for_a_reason_and_takes_in_whoever_came_since(district):
    row = opened(district)
    actions.close(row.window_id, by=district.leader, at=NOON)
    late = person("新来的")
    with pytest.raises(Invalid):
        actions.reopen(row.window_id, reason=" ", by=district.leader, at=NOON)
    again = actions.reopen(row.window_id, reason="漏了一户", by=district.leader, at=NOON)
    assert again.closed_at is None
    assert Due.objects.get(window=row.window).subject == late.pk
    entry = history(row.event_id).get(action="round_reopen")
    assert entry.reason == "漏了一户"


def test_after_the_event_it_stays_closed(district):
    row = opened(district)
    actions.close(row.window_id, by=district.leader, at=NOON)
    over = NOON + timedelta(days=3)
    change(row.event_id, typed(last=TODAY + timedelta(days=1)), reason="结束", by=district.leader, at=NOON)
    with pytest.raises(Refused):
        actions.reopen(row.window_id, reason="漏了一户", by=district.leader, at=over)


def test_a_round_that_ran_out_is_prolonged_and_then_takes_exclusions_of_those_days(district):
    missed = person()
    row = opened(district)
    after = row.window.ends + timedelta(hours=1)
    left = people.Left("away", TODAY + timedelta(1), TODAY + timedelta(1), requirement=row.window.requirement_id)
    more = {"reason": "还有人没来", "by": district.leader, "at": after}
    with pytest.raises(Invalid):
        actions.prolong(row.window_id, row.window.starts, **more)
    actions.prolong(row.window_id, after + timedelta(hours=5), **more)
    people.exclude(missed.pk, left, key=new_id(), by=district.clerk, at=after)
    assert actions.close(row.window_id, by=district.leader, at=after).closed_at == after


def test_a_round_stands_beside_the_regimes_of_its_family(district):
    person()
    often = spec("often", who="person", measure="screening", days=7, records=4, family="screening")
    once = spec("round", who="person", measure="screening", by_hand=True, family="screening", beside=True)
    declared(often, once)
    opened(district)
    turning.turn(at=NOON)
    assert set(Due.objects.values_list("window__needs", "why")) == {(1, ""), (4, "")}


def test_a_regime_is_not_prolonged(district):
    duty("often", by_hand=False)
    event(district)
    (window,) = turning.turn(at=NOON)
    with pytest.raises(Exception, match="没有这一轮"):
        actions.prolong(window.pk, NOON + timedelta(days=2), reason="不行", by=district.leader, at=NOON)


def test_until_everybody_is_written_a_round_is_neither_closed_planned_nor_counted(district):
    duty()
    event(district, Measure.SCREENING)
    requirement = Requirement.objects.get(slug__startswith="duty:tests:round:")
    asked = actions.Asked("第一轮", AREA, requirement.pk, MIDNIGHT, MIDNIGHT + timedelta(days=1))
    row = actions.open_round(asked, key=new_id(), by=district.leader, at=NOON - timedelta(hours=3))
    with pytest.raises(Refused, match="还在打开"):
        actions.close(row.window_id, by=district.leader, at=NOON)
    with pytest.raises(Refused, match="还在打开"):
        points.plan(row.window_id, time(8), time(20), by=district.leader, at=NOON)
    ten = NOON - timedelta(hours=2)
    assert tallies.freeze_due(at=ten) == []
    filling.go_on(row.window_id, at=NOON)
    assert [tally.at for tally in tallies.freeze_due(at=ten + timedelta(minutes=5))] == [ten]
    assert actions.close(row.window_id, by=district.leader, at=NOON).closed_at == NOON

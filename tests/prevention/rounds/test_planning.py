"""A plan sends each grid somewhere near with room for it, household by household, and says what is lacking."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.prevention.rounds.planning import (
    Door,
    Grid,
    Needs,
    Stand,
    is_away,
    lacking,
    natural,
    needs,
    propose,
    retimed,
    step_of,
)
from zerotrip.prevention.screening.spec import PlanningSpec
from zerotrip.workdays.calendar import CHINA

SPEC = PlanningSpec()
EIGHT = datetime(2026, 3, 3, 8, tzinfo=CHINA)
DAY = [(EIGHT, EIGHT + timedelta(hours=12))]
HALF = timedelta(minutes=30)


def stand(number: int = 1, area: str = "/a/b/c/", *, windows: int = 1, samplers: int | None = None, spans=DAY):
    return Stand(UUID(int=number), area, windows, 100, samplers, spans)


def grid(path: str, *people: int, name: str = "{}-101") -> Grid:
    return Grid(path, [Door(name.format(number + 1), count) for number, count in enumerate(people)])


HERE, THERE = stand(), stand(2, "/a/d/")


def test_a_round_takes_what_the_guide_says_rounded_up():
    expected = Needs(people=7201, points=3, samplers=21, registrars=21, keepers=59)
    assert needs(7201, SPEC) == expected, "one point for 3000, one sampler for 360"


def test_a_grid_goes_to_the_point_with_which_it_shares_most_of_its_path():
    slots = propose([grid("/a/b/c/1/", 50), grid("/a/d/2/", 50)], [HERE, THERE], SPEC)
    assert {slot.area_path: slot.site for slot in slots} == {"/a/b/c/1/": HERE.site, "/a/d/2/": THERE.site}


def test_of_two_as_near_the_less_busy_is_chosen():
    grids = [grid(f"/x/{number}/", 100) for number in range(4)]
    slots = propose(grids, [HERE, THERE], SPEC)
    assert sorted(slot.site.int for slot in slots) == [1, 1, 2, 2]


def test_a_point_with_room_in_the_subdistrict_comes_before_a_nearer_one_that_is_full():
    own, next_door = stand(1, "/a/s/c1/", samplers=1), stand(2, "/a/s/c2/", samplers=9)
    slots = propose([grid(f"/a/s/c1/{number}/", 200) for number in range(4)], [own, next_door], SPEC)
    assert Counter(slot.site.int for slot in slots) == {1: 1, 2: 3}, "one sampler manages 360"


def test_nobody_is_sent_out_of_the_subdistrict_for_want_of_room():
    own, elsewhere = stand(1, "/a/s/c1/", samplers=1), stand(2, "/a/t/c2/", samplers=9)
    slots = propose([grid(f"/a/s/c1/{number}/", 300) for number in range(3)], [own, elsewhere], SPEC)
    assert {slot.site.int for slot in slots} == {1}
    assert is_away("/a/s/c1/1/", elsewhere.area_path)
    assert not is_away("/a/s/c1/1/", "/a/s/")


def test_grids_come_one_after_the_other_on_whole_steps():
    slots = propose([grid("/a/b/c/1/", *[10] * 13), grid("/a/b/c/2/", 20)], [HERE], SPEC)
    times = [(slot.starts - EIGHT, slot.ends - EIGHT) for slot in slots]
    assert times == [(timedelta(0), 3 * HALF), (3 * HALF, 4 * HALF)]


def test_a_household_is_never_parted_and_no_step_takes_more_than_the_windows_do():
    (slot,) = propose([grid("/a/b/c/1/", *[4] * 30)], [HERE], SPEC)
    assert [step.people for step in slot.steps] == [48, 48, 24], "fifty in half an hour, twelve households of four"
    assert (slot.steps[0].first, slot.steps[0].last) == ("1-101", "12-101")


def test_no_more_are_asked_at_once_than_the_queue_has_room_for():
    (slot,) = propose([grid("/a/b/c/1/", *[10] * 60)], [stand(windows=10)], SPEC)
    assert [step.people for step in slot.steps] == [200, 200, 200]


def test_more_people_behind_one_door_than_a_step_takes_come_in_several():
    (slot,) = propose([grid("/a/b/c/1/", 120)], [HERE], SPEC)
    assert [step.people for step in slot.steps] == [50, 50, 20]


def test_doors_come_in_the_order_people_read_them_and_unknown_ones_last():
    doors = ["10-101", "2-101", "2-99", "A座 3", "²楼"]
    assert sorted(doors, key=natural) == ["2-99", "2-101", "10-101", "A座 3", "²楼"]
    mixed = [Door("", 1), Door("乙公司", 1, whole=True), *(Door(name, 1) for name in doors)]
    (slot,) = propose([Grid("/a/b/c/1/", mixed)], [HERE], SPEC)
    (step,) = slot.steps
    assert (step.first, step.last, step.named) == ("2-99", "²楼", ("乙公司", ""))


def test_who_lives_behind_a_door_learns_their_step():
    (slot,) = propose([grid("/a/b/c/1/", *[10] * 12)], [HERE], SPEC)
    assert step_of(slot.steps, "7-101") == slot.steps[1]
    assert step_of(slot.steps, "7-102") == slot.steps[1], "one who moved in since"
    assert step_of(slot.steps, "") is None
    assert step_of(slot.steps, "99-101") is None


def test_what_does_not_fit_into_a_day_comes_the_next():
    hour = timedelta(hours=1)
    days = [(EIGHT, EIGHT + hour), (EIGHT + timedelta(days=1), EIGHT + timedelta(days=1) + hour)]
    slots = propose([grid("/a/b/c/1/", *[10] * 6), grid("/a/b/c/2/", *[10] * 6)], [stand(spans=days)], SPEC)
    assert [slot.starts for slot in slots] == [EIGHT, EIGHT + timedelta(days=1)]


def test_a_grid_that_is_more_than_a_day_goes_on_the_next_morning_and_not_at_night():
    days = [(EIGHT, EIGHT + 2 * HALF), (EIGHT + timedelta(days=1), EIGHT + timedelta(days=1) + 3 * HALF)]
    (slot,) = propose([grid("/a/b/c/1/", *[10] * 20)], [stand(spans=days)], SPEC)
    tomorrow = EIGHT + timedelta(days=1)
    assert [step.starts for step in slot.steps] == [EIGHT, EIGHT + HALF, tomorrow, tomorrow + HALF]


@pytest.mark.parametrize("stands", [[], [stand(spans=[])]])
def test_without_a_point_that_is_open_nothing_is_proposed(stands):
    assert propose([grid("/a/", 5)], stands, SPEC) == []


def test_a_point_that_is_shut_is_sent_nobody():
    slots = propose([grid("/a/b/c/1/", 5)], [stand(spans=[]), THERE], SPEC)
    assert [slot.site for slot in slots] == [THERE.site]


def test_it_is_said_what_a_point_lacks():
    short = lacking(stand(samplers=2), 1500, EIGHT + timedelta(hours=15), SPEC)
    assert (short.windows, short.samplers, short.late, short.crowded) == (1, 3, True, False)
    assert not lacking(stand(samplers=4), 1200, EIGHT + timedelta(hours=12), SPEC)
    assert lacking(stand(windows=9, samplers=99), 3001, EIGHT, SPEC).crowded, "the guide gives a point 3000"
    assert lacking(stand(spans=[]), 1, EIGHT, SPEC).late


def test_by_hand_the_doors_keep_their_order_over_the_new_time():
    (slot,) = propose([grid("/a/b/c/1/", *[10] * 10)], [HERE], SPEC)
    noon = EIGHT + timedelta(hours=4)
    moved = retimed(slot.steps, noon, noon + timedelta(hours=2))
    assert [step.starts for step in moved] == [noon, noon + timedelta(hours=1)]
    assert [(step.first, step.last, step.people) for step in moved] == [
        (step.first, step.last, step.people) for step in slot.steps
    ]


@given(st.lists(st.lists(st.integers(0, 70), max_size=40), max_size=15), st.integers(1, 4))
def test_everybody_is_sent_once_no_household_is_parted_and_no_two_grids_overlap_at_a_point(sizes, count):
    stands = [stand(number + 1, f"/a/{number}/", windows=number + 1) for number in range(count)]
    grids = [grid(f"/a/{number % 5}/{number:02}/", *people) for number, people in enumerate(sizes)]
    slots = propose(grids, stands, SPEC)
    assert {slot.area_path: slot.people for slot in slots} == {
        each.area_path: each.people for each in grids if each.people
    }
    known = {each.site: each for each in stands}
    for slot in slots:
        most = known[slot.site].a_step(SPEC)
        assert all(0 < step.people <= most for step in slot.steps)
        doors = {
            door.name: door.people for each in grids for door in each.doors if each.area_path == slot.area_path
        }
        parted = {before.last for before, after in pairwise(slot.steps) if before.last == after.first}
        assert all(doors[name] > most for name in parted)
    for each in stands:
        mine = sorted((slot.starts, slot.ends) for slot in slots if slot.site == each.site)
        assert all(before[1] <= after[0] for before, after in pairwise(mine))

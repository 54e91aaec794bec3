"""A plan sends each grid somewhere near, one after the other, and says what that takes by the pack's figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.prevention.rounds.planning import Grid, Needs, Stand, needs, propose
from zerotrip.prevention.screening.spec import PlanningSpec
from zerotrip.workdays.calendar import CHINA

SPEC = PlanningSpec()
EIGHT = datetime(2026, 3, 3, 8, tzinfo=CHINA)
DAY = [(EIGHT, EIGHT + timedelta(hours=12))]
HERE, THERE = Stand(UUID(int=1), "/a/b/c/", 100), Stand(UUID(int=2), "/a/d/", 100)


def test_a_round_takes_what_the_guide_says_rounded_up():
    assert needs(7201, 10, SPEC) == Needs(
        people=7201, points=3, windows=8, samplers=21, registrars=21, keepers=59
    ), "one point for 3000, one sampler for 360, a hundred an hour and window"


def test_a_grid_goes_to_the_point_with_which_it_shares_most_of_its_path():
    slots = propose([Grid("/a/b/c/1/", 50), Grid("/a/d/2/", 50)], [HERE, THERE], DAY, SPEC)
    assert {slot.area_path: slot.site for slot in slots} == {"/a/b/c/1/": HERE.site, "/a/d/2/": THERE.site}


def test_of_two_as_near_the_less_busy_is_chosen():
    grids = [Grid(f"/x/{number}/", 100) for number in range(4)]
    slots = propose(grids, [HERE, THERE], DAY, SPEC)
    assert sorted(slot.site.int for slot in slots) == [1, 1, 2, 2]


def test_grids_come_one_after_the_other_on_whole_slots():
    slots = propose([Grid("/a/b/c/1/", 130), Grid("/a/b/c/2/", 20)], [HERE], DAY, SPEC)
    times = [(slot.starts - EIGHT, slot.ends - EIGHT) for slot in slots]
    assert times == [(timedelta(0), timedelta(minutes=90)), (timedelta(minutes=90), timedelta(minutes=120))]


def test_what_does_not_fit_into_a_day_comes_the_next():
    days = [(EIGHT, EIGHT + timedelta(hours=1)), (EIGHT + timedelta(days=1), EIGHT + timedelta(days=1, hours=1))]
    slots = propose([Grid("/a/b/c/1/", 60), Grid("/a/b/c/2/", 60)], [HERE], days, SPEC)
    assert [slot.starts for slot in slots] == [EIGHT, EIGHT + timedelta(days=1)]


@pytest.mark.parametrize(("stands", "spans"), [([], DAY), ([HERE], [])])
def test_without_points_or_hours_nothing_is_proposed(stands, spans):
    assert propose([Grid("/a/", 5)], stands, spans, SPEC) == []


@given(st.lists(st.integers(0, 5000), max_size=30), st.integers(1, 4))
def test_every_grid_with_people_is_sent_once_and_no_two_overlap_at_a_point(sizes, count):
    stands = [Stand(UUID(int=number + 1), f"/a/{number}/", 100 * (number + 1)) for number in range(count)]
    grids = [Grid(f"/a/{number % 5}/{number:02}/", people) for number, people in enumerate(sizes)]
    slots = propose(grids, stands, DAY, SPEC)
    assert sorted(slot.area_path for slot in slots) == sorted(grid.area_path for grid in grids if grid.people)
    for stand in stands:
        mine = sorted((slot.starts, slot.ends) for slot in slots if slot.site == stand.site)
        assert all(before[1] <= after[0] for before, after in pairwise(mine))

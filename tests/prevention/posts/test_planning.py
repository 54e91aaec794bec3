"""Whatever posts and people there are, a plan keeps the rules, says what is uncovered, and is made again alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotrip.prevention.posts.planning import (
    Broken,
    Hand,
    Rules,
    Slot,
    broken,
    clash,
    day_of,
    is_night,
    shares,
    slots_of,
    uncovered,
)
from zerotrip.prevention.posts.solving import _groups, solve
from zerotrip.workdays.calendar import CHINA

MONDAY = date(2026, 3, 2)
RULES = Rules()
GATE, EXIT = UUID(int=1), UUID(int=2)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, 2, tzinfo=CHINA) + timedelta(days=day, hours=hour)


def turn(
    day: int, hour: int, hours: int = 8, people: int = 1, skills: tuple[str, ...] = (), post: UUID = GATE
) -> Slot:
    return Slot(post, at(day, hour), at(day, hour + hours), people, skills)


def hand(number: int, **extra) -> Hand:
    return Hand(UUID(int=100 + number), f"虚构{number}", **{"most_a_week": 7, **extra})


def taken_by(solution, person: Hand) -> list[tuple[datetime, datetime]]:
    return sorted(slot.stretch for slot, worker in solution.given if worker == person.worker)


def assert_kept(solution, slots, hands, rules=RULES):
    """The rules as their texts say them, without asking the code that is tested."""
    for person in hands:
        theirs = sorted([*taken_by(solution, person), *person.taken])
        for one, other in combinations(theirs, 2):
            assert other[0] - one[1] >= rules.rest, "ten hours lie between two shifts"
        days = [start.astimezone(CHINA).date() for start, _end in theirs]
        assert len(days) == len(set(days)), "one shift a day"
        weeks = [day.isocalendar()[:2] for day in days]
        assert all(weeks.count(week) <= person.most_a_week for week in weeks)
        for start, end in taken_by(solution, person):
            if person.volunteers:
                assert start.astimezone(CHINA).weekday() in person.weekdays
                assert not (person.no_nights and is_night((start, end), rules))
    for slot in slots:
        there = [person for person in hands if (slot, person.worker) in solution.given]
        assert len(there) <= slot.people
    assert len(set(solution.given)) == len(solution.given)


people = st.lists(
    st.builds(
        lambda skills, volunteers, weekdays, no_nights, most: {
            "skills": frozenset(skills),
            "volunteers": volunteers,
            "weekdays": frozenset(weekdays),
            "no_nights": no_nights,
            "most_a_week": most,
        },
        st.sets(st.sampled_from(["first-aid", "traffic"])),
        st.booleans(),
        st.sets(st.integers(0, 6), min_size=3),
        st.booleans(),
        st.integers(1, 6),
    ),
    min_size=0,
    max_size=7,
)
turns = st.lists(
    st.tuples(
        st.sampled_from([GATE, EXIT]),
        st.integers(0, 23),
        st.integers(1, 12),
        st.integers(1, 3),
        st.sampled_from([(), ("first-aid",), ("first-aid", "traffic")]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[:2],
)


@settings(max_examples=25, deadline=None)
@given(people, turns, st.integers(1, 4))
def test_a_plan_keeps_the_rules_and_what_it_leaves_is_said(described, asked, days):
    hands = [hand(number, **one) for number, one in enumerate(described)]
    slots = slots_of(asked, MONDAY, MONDAY + timedelta(days=days - 1))
    solution = solve(slots, hands, RULES, seed=1, work=1)
    assert_kept(solution, slots, hands)
    said = {one.slot: one for one in uncovered(slots, hands, solution.given, RULES)}
    for slot in slots:
        there = [person for person in hands if (slot, person.worker) in solution.given]
        lacking = [skill for skill in slot.skills if not any(skill in person.skills for person in there)]
        assert (slot in said) == bool(len(there) < slot.people or lacking), "no gap is silent"
        if slot in said:
            assert (said[slot].missing, list(said[slot].skills)) == (slot.people - len(there), lacking)
            # Whom nothing keeps from a turn that lacks people is on it: else the plan is not the fullest.
            if solution.proven and not lacking:
                assert "free" not in said[slot].reasons


@settings(max_examples=60, deadline=None)
@given(turns, st.integers(1, 3), st.integers(8, 14))
def test_turns_that_exclude_each_other_are_the_same_in_pairs_and_in_groups(asked, days, rest):
    rules = Rules(rest=timedelta(hours=rest))
    slots = slots_of(asked, MONDAY, MONDAY + timedelta(days=days - 1))
    in_pairs = {
        (one, other)
        for one, other in combinations(range(len(slots)), 2)
        if clash(slots[one].stretch, slots[other].stretch, rules.rest)
    }
    in_groups = {pair for group in _groups(slots, rules) for pair in combinations(sorted(group), 2)}
    assert in_groups == in_pairs


def test_the_same_question_has_the_same_answer():
    slots = slots_of([(GATE, 7, 8, 1, ()), (GATE, 15, 8, 1, ()), (GATE, 23, 8, 1, ())], MONDAY, at(4, 0).date())
    hands = [hand(number) for number in range(6)]
    one, other = (solve(slots, hands, RULES, seed=7, work=2) for _time in range(2))
    assert one == other


def test_nights_and_weekends_are_spread_evenly():
    slots = slots_of([(GATE, 7, 8, 1, ()), (GATE, 15, 8, 1, ()), (GATE, 23, 8, 1, ())], MONDAY, at(6, 0).date())
    hands = [hand(number, most_a_week=5) for number in range(7)]
    solution = solve(slots, hands, RULES, seed=1, work=6)
    assert solution.proven
    assert not uncovered(slots, hands, solution.given, RULES)
    all_, nights, weekends = zip(*shares(hands, solution.given, RULES).values(), strict=True)
    assert set(all_) == {3}
    assert max(nights) - min(nights) <= 1, "seven evenings that end at 23:00 and seven nights for seven people"
    assert max(weekends) - min(weekends) <= 1


def test_staff_who_wish_no_nights_have_none_while_others_can():
    slots = [turn(day, 23) for day in range(4)]
    hands = [hand(0, no_nights=True), hand(1), hand(2)]
    solution = solve(slots, hands, RULES, seed=1, work=2)
    assert len(solution.given) == 4
    assert not taken_by(solution, hands[0])


def test_a_wish_of_staff_gives_way_before_a_turn_is_left_bare_and_that_of_a_volunteer_does_not():
    slots = [turn(0, 23)]
    assert solve(slots, [hand(0, no_nights=True)], RULES, seed=1).given
    assert not solve(slots, [hand(0, no_nights=True, volunteers=True)], RULES, seed=1).given


def test_what_stays_uncovered_says_who_could_and_what_keeps_them():
    slots = [turn(0, 7, skills=("first-aid",)), turn(0, 15, people=2)]
    hands = [
        hand(0),
        hand(1, weekdays=frozenset({1, 2, 3}), volunteers=True, skills=frozenset({"first-aid"})),
        hand(2, taken=((at(0, 0), at(0, 6)),)),
    ]
    solution = solve(slots, hands, RULES, seed=1, work=2)
    first, second = uncovered(slots, hands, solution.given, RULES)
    assert first.skills == ("first-aid",)
    assert first.reasons == {"weekday": ("虚构1",)}, "whoever has the skill, and no one else"
    assert second.missing in (1, 2)
    assert first.missing + second.missing == 2
    assert (
        second.reasons["second"] == ("虚构0", "虚构2")
        if second.missing == 2
        else "虚构2" in second.reasons["second"]
    )


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (at(1, 7), 8, Broken.OVERLAP),
        (at(1, 16), 4, Broken.SECOND),
        (at(0, 20), 8, Broken.REST),
        (at(2, 0), 6, Broken.REST),
    ],
)
def test_a_shift_too_near_another_breaks_a_rule(start, hours, expected):
    theirs = [(at(1, 7), at(1, 15))]
    assert broken(hand(0), (start, start + timedelta(hours=hours)), theirs, RULES)[0] == expected


def test_after_ten_hours_one_may_stand_again():
    theirs = [(at(1, 7), at(1, 15))]
    assert not broken(hand(0), (at(2, 1), at(2, 6)), theirs, RULES)
    assert broken(hand(0), (at(2, 0), at(2, 6)), theirs, RULES)


@pytest.mark.parametrize(
    ("hour", "hours", "night"),
    [(6, 12, False), (14, 8, False), (14, 9, True), (5, 3, True), (0, 2, True), (23, 8, True)],
)
def test_a_shift_that_touches_the_night_is_a_night_shift(hour, hours, night):
    assert is_night(turn(0, hour, hours).stretch, RULES) is night


def test_a_shift_over_midnight_belongs_to_the_day_it_begins():
    assert day_of(turn(0, 23).starts_at) == MONDAY

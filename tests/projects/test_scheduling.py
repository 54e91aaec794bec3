"""The arithmetic of a plan, against a slow reference that tries every path and every delay."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.projects.scheduling import CONCLUDING, Task, in_order, lag, schedule

TODAY = 100


@st.composite
def plans(draw) -> dict[str, Task]:
    """Up to seven tasks, each waiting for some of those before it, some begun, some ended."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 7)))]
    tasks: dict[str, Task] = {}
    for place, name in enumerate(names):
        after = draw(st.sets(st.sampled_from(names[:place]), max_size=3)) if place else set()
        begun = draw(st.none() | st.integers(60, TODAY))
        ended = None if begun is None else draw(st.none() | st.integers(begun, TODAY))
        ahead = draw(st.booleans())
        floor = draw(st.none() | st.integers(80, 160))
        tasks[name] = Task(draw(st.integers(0, 30)), frozenset(after), begun, ended, ahead, floor)
    return tasks


def ends(tasks: dict[str, Task], name: str) -> int:
    """When a task ends, the slow way: the longest of all paths that lead to it."""
    task = tasks[name]
    if task.ended is not None:
        return task.ended
    earliest = max(TODAY, task.floor or 0)
    alone = max(TODAY, (earliest if task.begun is None else task.begun) + task.days)
    paths = [ends(tasks, one) for one in task.after]
    return max([alone, *(path + lag(task) for path in paths)])


def whole(tasks: dict[str, Task]) -> int:
    return max(ends(tasks, name) for name in tasks)


def delayed(tasks: dict[str, Task], name: str, days: int) -> int:
    """When the whole ends if this task ends so many days later than it would."""
    late = ends(tasks, name) + days
    return max(late, whole({**tasks, name: replace(tasks[name], begun=None, ended=late, after=frozenset())}))


@given(plans())
def test_every_task_ends_when_the_longest_path_to_it_does(tasks):
    assert {name: span.finish for name, span in schedule(tasks, TODAY).items()} == {
        name: ends(tasks, name) for name in tasks
    }


@given(plans())
def test_slack_is_the_longest_delay_that_delays_nothing(tasks):
    end = whole(tasks)
    for name, span in schedule(tasks, TODAY).items():
        if tasks[name].ended is None:
            assert delayed(tasks, name, span.slack) == end
            assert delayed(tasks, name, span.slack + 1) > end


@given(plans())
def test_what_is_critical_delays_the_whole_and_what_has_ended_never_is(tasks):
    for name, span in schedule(tasks, TODAY).items():
        assert span.critical == (tasks[name].ended is None and delayed(tasks, name, 1) > whole(tasks))


@given(plans(), st.data())
def test_a_finished_permit_never_makes_the_end_later(tasks, data):
    left = [name for name, task in tasks.items() if task.ended is None]
    if not left:
        return
    name = data.draw(st.sampled_from(left))
    begun = tasks[name].begun or TODAY
    done = {**tasks, name: replace(tasks[name], begun=begun, ended=data.draw(st.integers(begun, TODAY)))}
    assert max(s.finish for s in schedule(done, TODAY).values()) <= max(
        s.finish for s in schedule(tasks, TODAY).values()
    )


@given(plans())
def test_a_review_that_runs_ahead_never_makes_the_end_later_by_more_than_its_conclusion(tasks):
    ahead = {name: replace(task, ahead=True) for name, task in tasks.items()}
    sooner = max(s.finish for s in schedule(ahead, TODAY).values())
    assert sooner <= max(s.finish for s in schedule(tasks, TODAY).values()) + CONCLUDING * len(tasks)


@given(plans())
def test_nothing_begins_before_what_it_waits_for_has_ended_unless_it_runs_ahead(tasks):
    spans = schedule(tasks, TODAY)
    for name, task in tasks.items():
        if task.begun is None and not task.ahead:
            assert all(spans[one].finish <= spans[name].start for one in task.after)


def test_order_puts_each_after_all_it_waits_for():
    tasks = {"c": Task(1, frozenset({"a", "b"})), "a": Task(1), "b": Task(1, frozenset({"a"}))}
    assert in_order(tasks) == ["a", "b", "c"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_circle_is_an_error_and_not_an_endless_loop(size):
    names = [f"t{number}" for number in range(size)]
    tasks = {name: Task(1, frozenset({names[place - 1]})) for place, name in enumerate(names)}
    with pytest.raises(ValueError, match="wait for one another"):
        schedule(tasks, TODAY)


def test_waiting_for_what_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        schedule({"a": Task(1, frozenset({"gone"}))}, TODAY)


def test_two_that_come_after_the_same_run_side_by_side():
    spans = schedule({"a": Task(2), "b": Task(5, frozenset({"a"})), "c": Task(3, frozenset({"a"}))}, TODAY)
    assert (spans["b"].start, spans["c"].start) == (102, 102)
    assert [name for name in spans if spans[name].critical] == ["a", "b"]
    assert spans["c"].slack == 2


def test_every_pair_of_the_chain_is_critical():
    chain = {"a": Task(1), "b": Task(1, frozenset({"a"})), "c": Task(1, frozenset({"b"}))}
    spans = schedule(chain, TODAY)
    assert all(spans[one].finish < spans[two].finish for one, two in combinations("abc", 2))

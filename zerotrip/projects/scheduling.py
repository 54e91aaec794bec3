"""The arithmetic of a plan: when each of several tasks ends that wait for one another. Pure, in whole days.

The critical path method (J. E. Kelley and M. R. Walker, 1959) with three ways of waiting: a task that has not
begun begins when the last it waits for has ended; one whose review may run ahead, and one under way already,
only have to be concluded after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CONCLUDING = 1
"""Days from the last prerequisite to the grant, where the review was done ahead of it. Ours: the formal case only
confirms what was reviewed."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that takes a number of days and may wait for others. Days are numbered, working days only."""

    days: int
    after: frozenset[str] = frozenset()
    begun: int | None = None
    ended: int | None = None
    ahead: bool = False
    """Its review runs, or may run, before what it waits for has ended."""
    floor: int | None = None
    """The day before which it cannot begin, whatever it waits for."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a task begins and ends, and by how many days it may end later without delaying the whole."""

    start: int
    finish: int
    slack: int
    critical: bool


def schedule(tasks: Mapping[str, Task], today: int) -> dict[str, Span]:
    """The span of every task, seen from ``today``: what has not ended ends today at the earliest.

    What has ended waits for nothing and is on no critical path. Raises ValueError when tasks wait for one
    another in a circle, KeyError when one waits for a task there is not.
    """
    order = in_order(tasks)
    finish: dict[str, int] = {}
    for name in order:
        task = tasks[name]
        waits = [finish[one] + lag(task) for one in task.after]
        finish[name] = task.ended if task.ended is not None else max([_alone(task, today), *waits])
    end = max(finish.values(), default=today)
    latest = dict.fromkeys(tasks, end)
    for name in reversed(order):
        task = tasks[name]
        if task.ended is None:
            for one in task.after:
                latest[one] = min(latest[one], latest[name] - lag(task))
    return {name: _span(tasks, name, finish, latest[name], today) for name in order}


def lag(task: Task) -> int:
    """How many days after the last it waits for a task ends, at the earliest."""
    if task.ahead:
        return CONCLUDING
    return task.days if task.begun is None else 0


def _alone(task: Task, today: int) -> int:
    """When a task that has not ended would end if it waited for nothing."""
    return max(today, (_earliest(task, today) if task.begun is None else task.begun) + task.days)


def _earliest(task: Task, today: int) -> int:
    return today if task.floor is None else max(today, task.floor)


def _span(tasks: Mapping[str, Task], name: str, finish: Mapping[str, int], latest: int, today: int) -> Span:
    task = tasks[name]
    if task.begun is not None:
        start = task.begun
    elif task.ended is not None:
        start = task.ended
    elif task.ahead:
        start = _earliest(task, today)
    else:
        start = max([_earliest(task, today), *(finish[one] for one in task.after)])
    slack = latest - finish[name]
    return Span(start, finish[name], slack, task.ended is None and slack == 0)


def in_order(tasks: Mapping[str, Task]) -> list[str]:
    """The tasks, each after all it waits for, otherwise as given. Raises ValueError for a circle."""
    order: list[str] = []
    done: set[str] = set()
    waiting = list(tasks)
    while waiting:
        ready = [name for name in waiting if done.issuperset(tasks[name].after)]
        if not ready:
            missing = {one for name in waiting for one in tasks[name].after if one not in tasks}
            if missing:
                raise KeyError(min(missing))
            raise ValueError("tasks wait for one another: " + ", ".join(waiting))
        order += ready
        done.update(ready)
        waiting = [name for name in waiting if name not in done]
    return order

"""The plan with the fewest hours uncovered, and of those the fairest: Google OR-Tools, CP-SAT.

First as much as can be is covered; then, with that held fast, nights, weekends and shifts are spread evenly and
the wishes of staff kept. One search thread, a seed and a limit in the solver's own measure of work make the same
question give the same plan; the limit in seconds only keeps a slow machine from being held up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from zerotrip.prevention.posts.planning import (
    Hand,
    Rules,
    Slot,
    Stretch,
    broken,
    day_of,
    is_night,
    is_weekend,
    unwilling,
)

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, CpSolver, IntVar, LinearExprT

Progress = Callable[[int], None]
"""Told how many per cent are done."""
A_PERSON, A_SKILL = 3, 2
"""What a missing person and a missing skill weigh against each other."""
A_WISH, A_SPREAD, A_SHARE = 2, 4, 3
"""What a wish of staff that is not kept, a night or weekend of difference, and a shift of it weigh."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Who was given which turn, and whether it is proven that no plan covers more."""

    given: tuple[tuple[Slot, UUID], ...]
    proven: bool


@dataclass(slots=True)
class _Question:
    """The turns and people as variables of the solver."""

    model: CpModel
    slots: Sequence[Slot]
    hands: Sequence[Hand]
    given: dict[tuple[int, int], IntVar] = field(default_factory=dict)
    """By number of the turn and of the person; only what no rule excludes by itself."""
    lacking: list[LinearExprT] = field(default_factory=list)


def solve(
    slots: Sequence[Slot],
    hands: Sequence[Hand],
    rules: Rules,
    *,
    seed: int,
    work: float = 15.0,
    seconds: float = 120.0,
    progress: Progress = lambda _done: None,
) -> Solution:
    """The plan. ``work`` is the limit in the solver's deterministic time, ``seconds`` in everybody's.

    To spread evenly takes as long as it is given: a third of it.
    """
    from ortools.sat.python import cp_model

    asked = _asked(cp_model.CpModel(), slots, hands, rules)
    progress(20)
    solver = _solver(cp_model.CpSolver(), seed=seed, work=work, seconds=seconds)
    asked.model.minimize(sum(asked.lacking))
    _hint(asked, _at_hand(asked, rules))
    status = solver.solve(asked.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solution((), proven=False)
    proven = status == cp_model.OPTIMAL
    progress(60)
    first = {key: solver.value(variable) for key, variable in asked.given.items()}
    asked.model.add(sum(asked.lacking) <= round(solver.objective_value))
    _hint(asked, {key for key, value in first.items() if value})
    _fair(asked, rules)
    solver = _solver(cp_model.CpSolver(), seed=seed, work=work / 3, seconds=seconds / 3)
    if solver.solve(asked.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        first = {key: solver.value(variable) for key, variable in asked.given.items()}
    progress(95)
    chosen = sorted(key for key, value in first.items() if value)
    return Solution(tuple((slots[slot], hands[hand].worker) for slot, hand in chosen), proven)


def _hint(asked: _Question, chosen: set[tuple[int, int]]) -> None:
    asked.model.clear_hints()  # type: ignore[no-untyped-call]
    for key, variable in asked.given.items():
        asked.model.add_hint(variable, key in chosen)


def _at_hand(asked: _Question, rules: Rules) -> set[tuple[int, int]]:
    """A plan as somebody makes it in a hurry: turn by turn, whoever has had least. Where the search begins."""
    chosen: set[tuple[int, int]] = set()
    theirs: dict[int, list[Stretch]] = defaultdict(list)
    for number, slot in enumerate(asked.slots):
        lacking, places = set(slot.skills), slot.people
        while places:
            free = [
                person
                for person, hand in enumerate(asked.hands)
                if (number, person) in asked.given
                and (number, person) not in chosen
                and not broken(hand, slot.stretch, theirs[person], rules)
            ]
            if not free:
                break
            person = min(free, key=lambda one: (-len(lacking & asked.hands[one].skills), len(theirs[one]), one))
            chosen.add((number, person))
            theirs[person].append(slot.stretch)
            lacking -= asked.hands[person].skills
            places -= 1
    return chosen


def _solver(solver: CpSolver, *, seed: int, work: float, seconds: float) -> CpSolver:
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2  # without it a tight week of 60 people was not proven in minutes
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = work
    solver.parameters.max_time_in_seconds = seconds
    return solver


def _asked(model: CpModel, slots: Sequence[Slot], hands: Sequence[Hand], rules: Rules) -> _Question:
    """Rules that hold whatever the plan: who can have which turn, which turns exclude each other, the week."""
    asked = _Question(model, slots, hands)
    for number, slot in enumerate(slots):
        for person, hand in enumerate(hands):
            if not broken(hand, slot.stretch, (), rules):
                asked.given[number, person] = model.new_bool_var(f"{number}.{person}")
    groups = _groups(slots, rules)
    for person, hand in enumerate(hands):
        theirs = {number for number in range(len(slots)) if (number, person) in asked.given}
        for group in groups:
            if len(both := group & theirs) > 1:
                model.add_at_most_one(asked.given[number, person] for number in sorted(both))
        _weeks(asked, person, hand, theirs)
    for number, slot in enumerate(slots):
        _covered(asked, number, slot)
    return asked


def _groups(slots: Sequence[Slot], rules: Rules) -> list[set[int]]:
    """Turns of which one person has at most one: those of a day, and those without the rest between them.

    With the rest behind it a turn is a stretch; those that overlap are found together at the beginning of one.
    That says the same as ``planning.clash`` of every two, in far fewer conditions.
    """
    days: dict[date, set[int]] = defaultdict(set)
    for number, slot in enumerate(slots):
        days[day_of(slot.starts_at)].add(number)
    found = list(days.values())
    for moment in sorted({slot.starts_at for slot in slots}):
        under_way = {
            number for number, slot in enumerate(slots) if slot.starts_at <= moment < slot.ends_at + rules.rest
        }
        if not any(under_way <= group for group in found):
            found.append(under_way)
    return found


def _weeks(asked: _Question, person: int, hand: Hand, theirs: set[int]) -> None:
    """No more shifts in a week than somebody wishes, with those they have from other plans."""
    weeks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in sorted(theirs):
        weeks[day_of(asked.slots[number].starts_at).isocalendar()[:2]].append(number)
    for week, numbers in weeks.items():
        before = sum(day_of(taken[0]).isocalendar()[:2] == week for taken in hand.taken)
        asked.model.add(sum(asked.given[number, person] for number in numbers) <= hand.most_a_week - before)


def _covered(asked: _Question, number: int, slot: Slot) -> None:
    """As many as the turn takes and each skill, or so much is lacking."""
    there = [
        (hand, asked.given[number, person])
        for person, hand in enumerate(asked.hands)
        if (number, person) in asked.given
    ]
    short = asked.model.new_int_var(0, slot.people, f"short.{number}")
    asked.model.add(sum(variable for _hand, variable in there) + short == slot.people)
    asked.lacking.append(A_PERSON * short)
    for skill in slot.skills:
        lack = asked.model.new_bool_var(f"lack.{number}.{skill}")
        asked.model.add_bool_or([*(variable for hand, variable in there if skill in hand.skills), lack])
        asked.lacking.append(A_SKILL * lack)


def _fair(asked: _Question, rules: Rules) -> None:
    """Spread nights, weekends and shifts; keep the wishes of staff.

    Even among those whom no wish keeps from any turn; of all, nobody has more than must be.
    """
    nights = [is_night(slot.stretch, rules) for slot in asked.slots]
    weekends = [is_weekend(slot.stretch) for slot in asked.slots]
    whole = [True] * len(asked.slots)
    costs: list[LinearExprT] = []
    for counts, weight in ((nights, A_SPREAD), (weekends, A_SPREAD), (whole, A_SHARE)):
        loads = _loads(asked, counts)
        if not loads:
            continue
        most = asked.model.new_int_var(0, len(asked.slots), "most")
        least = asked.model.new_int_var(0, len(asked.slots), "least")
        for person, load in loads.items():
            asked.model.add(load <= most)
            if _free(asked.hands[person]):
                asked.model.add(load >= least)
        if not any(_free(asked.hands[person]) for person in loads):
            asked.model.add(least == 0)
        costs += [2 * weight * most, -weight * least]
    for (number, person), variable in asked.given.items():
        if against := len(unwilling(asked.hands[person], asked.slots[number].stretch, rules)):
            costs.append(A_WISH * against * variable)
    asked.model.minimize(sum(costs))


def _loads(asked: _Question, counts: Sequence[bool]) -> dict[int, LinearExprT]:
    found: dict[int, list[IntVar]] = defaultdict(list)
    for (number, person), variable in asked.given.items():
        if counts[number]:
            found[person].append(variable)
    return {person: sum(variables) for person, variables in found.items()}


def _free(hand: Hand) -> bool:
    return len(hand.weekdays) == 7 and not hand.no_nights and not hand.taken

"""The whole grid of steps and statuses, the forbidden moves too."""

from __future__ import annotations

from pathlib import Path

import pytest

from zerotrip.cases.states import RESULTS, TRANSITIONS, Status, Step, allowed, diagram

EXPECTED = """
submit              draft
request_correction        submitted
correct                             correcting
accept                    submitted
decline                   submitted
review                                         reviewing
grant                                                    deciding
refuse                                                   deciding
issue                                                             granted
deliver                                                                   issued
withdraw            draft submitted correcting reviewing deciding
"""
GRID = {line.split()[0]: set(line.split()[1:]) for line in EXPECTED.strip().splitlines()}


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.OPEN])
@pytest.mark.parametrize("status", list(Status))
def test_a_step_is_allowed_from_exactly_these_statuses(step: Step, status: Status) -> None:
    assert allowed(step, status) == (status.value in GRID[step.value])


def test_nothing_leaves_a_closed_case() -> None:
    assert not any(allowed(step, Status.CLOSED) for step in TRANSITIONS)


def test_every_status_can_be_reached_and_left() -> None:
    reached = {target for moves in TRANSITIONS.values() for targets in moves.values() for target in targets}
    left = {source for moves in TRANSITIONS.values() for source in moves}
    assert reached | {Status.DRAFT} == set(Status)
    assert left | {Status.CLOSED} == set(Status)


def test_every_step_that_closes_a_case_before_a_grant_fixes_its_result() -> None:
    for step, moves in TRANSITIONS.items():
        closes = any(Status.CLOSED in targets for targets in moves.values())
        assert closes == (step in RESULTS and step is not Step.GRANT) or step is Step.DELIVER


def test_the_drawn_diagram_is_the_table() -> None:
    drawn = (Path(__file__).parents[2] / "docs/states/case.md").read_text(encoding="utf-8")
    assert diagram() in drawn, "run `zerotrip states` and commit docs/states/case.md"

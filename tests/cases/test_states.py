"""The whole grid of steps and statuses, the forbidden moves too."""

from __future__ import annotations

from pathlib import Path

import pytest

from zerotrip.cases.states import RESULTS, TRANSITIONS, Status, Step, allowed, diagram

EXPECTED = """
submit              draft
request_correction        submitted
take_back                           correcting
correct                             correcting
lapse                               correcting
reopen                                                                                      closed
accept                    submitted
decline                   submitted
review                                         reviewing
confirm_review                                 reviewing
send_back                                      reviewing
suspend                                        reviewing deciding
resume                                         reviewing deciding
hear                                           reviewing deciding
ask_extension                                  reviewing deciding
extend                                         reviewing deciding
deny_extension                                 reviewing deciding
draft                                                    deciding
approve                                                  deciding
return                                                   deciding
conclude                                                 deciding
formalise                                      reviewing deciding rehearsed
grant                                                    deciding
deem                      submitted            reviewing deciding
refuse                                                   deciding
terminate                                      reviewing deciding rehearsed
make_up                                        reviewing deciding           granted issued  closed
check_make_up                                  reviewing deciding           granted issued  closed
miss                                           reviewing deciding           granted issued  closed
check                                                                       granted issued  closed
call_back                                                                                   closed
issue                                                                       granted
deliver                                                                             issued
withdraw            draft submitted correcting reviewing deciding rehearsed helping confirming
raise               draft
route               helping
answer              helping
plan                helping
report              helping
ask_helper          helping
hand_on             helping
move                helping
split               helping
add                 helping
decline_help        helping
resolve             helping
cannot              helping
confirm             confirming
dissatisfied        confirming closed
"""
GRID = {line.split()[0]: set(line.split()[1:]) for line in EXPECTED.strip().splitlines()}


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.OPEN])
@pytest.mark.parametrize("status", list(Status))
def test_a_step_is_allowed_from_exactly_these_statuses(step: Step, status: Status) -> None:
    assert allowed(step, status) == (status.value in GRID[step.value])


def test_only_a_reopening_or_a_firm_that_is_not_content_leaves_a_closed_case() -> None:
    leaving = {
        step for step, moves in TRANSITIONS.items() if moves.get(Status.CLOSED, frozenset()) - {Status.CLOSED}
    }
    assert leaving == {Step.REOPEN, Step.DISSATISFIED}


def test_every_status_can_be_reached_and_left() -> None:
    reached = {target for moves in TRANSITIONS.values() for targets in moves.values() for target in targets}
    left = {source for moves in TRANSITIONS.values() for source in moves}
    assert reached | {Status.DRAFT} == set(Status)
    assert left | {Status.CLOSED} == set(Status)


def test_every_step_that_closes_a_case_before_a_grant_fixes_its_result() -> None:
    for step, moves in TRANSITIONS.items():
        closes = any(Status.CLOSED in targets - {source} for source, targets in moves.items())
        fixes = step in RESULTS and step not in (Step.GRANT, Step.DEEM, Step.REOPEN, Step.DISSATISFIED)
        assert closes == fixes or step is Step.DELIVER


def test_the_drawn_diagram_is_the_table() -> None:
    drawn = (Path(__file__).parents[2] / "docs/states/case.md").read_text(encoding="utf-8")
    assert diagram() in drawn, "put what `zerotrip.cases.states.diagram()` says into docs/states/case.md"

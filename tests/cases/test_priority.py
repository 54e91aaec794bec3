"""The green channel: who may, what it changes, what stays written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import lawful, world
from tests.world import MORNING
from zerotrip.cases import actions, queries
from zerotrip.cases.models import Assignment, Case, Clock, Priority, Verdict
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Role

HOUR = timedelta(hours=1)
WHY = "重大项目，区里要求加快"


def permit(district, at=MORNING) -> Case:
    """A construction permit handed in: its service has a green limit."""
    return actions.submit(
        world.draft("construction-permit", district.firm, district.applicant, at), by=district.applicant, at=at
    )


def accepted(district) -> Case:
    case = permit(district)
    (intake,) = world.open_work(case)
    return actions.accept(intake, by=district.clerk, at=MORNING)


def promised(case: Case) -> Clock:
    return Clock.objects.get(case=case, name="promised")


def put(case: Case, district, **changes) -> Case:
    given = {"contact": district.leader, "reason": WHY, "by": district.leader, "at": MORNING + HOUR, **changes}
    return actions.put_in_green(case, **given)


@pytest.mark.parametrize("who", ["leader", "supervisor"])
def test_a_leader_or_a_supervisor_of_the_department_puts_a_case_in(district, who):
    put(permit(district), district, by=getattr(district, who), contact=district.clerk)
    assert Case.objects.get().priority == Priority.GREEN


@pytest.mark.parametrize("who", ["clerk", "housing", "agriculture", "applicant", "stranger"])
def test_nobody_else_puts_a_case_in(district, who):
    with pytest.raises(NotAllowed):
        put(permit(district), district, by=getattr(district, who))
    assert Case.objects.get().priority == Priority.NORMAL


def test_it_needs_a_reason_which_the_journal_keeps(district):
    case = permit(district)
    with pytest.raises(Invalid):
        put(case, district, reason="  ")
    put(case, district)
    entry = history(case.pk).last()
    assert (entry.action, entry.reason, entry.details["name"]) == ("green", WHY, district.leader.name)
    assert first_break(Case.objects.get()) is None


def test_the_named_person_works_in_the_department_and_is_not_on_the_applicants_side(district):
    case = permit(district)
    for other in (district.agriculture, district.stranger, district.supervisor):
        with pytest.raises(Refused):
            put(case, district, contact=other)
    world.agent(world.User.objects.get(pk=district.clerk.user_id), district.firm)
    with pytest.raises(Refused, match="回避"):
        put(case, district, contact=world.acting(world.User.objects.get(pk=district.clerk.user_id)))


def test_the_named_person_gets_the_open_work_they_may_do_and_what_opens_later(district):
    case = put(permit(district), district, contact=district.clerk, by=district.supervisor)
    (intake,) = world.open_work(case)
    assert intake.assignee_id == district.clerk.user_id
    actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    reviews = world.open_work(case)
    assert {work.assignee_id for work in reviews} == {None}, "other departments do their own"
    assert {work.priority for work in reviews} == {Priority.GREEN}


def test_the_named_person_gets_the_decision_when_they_decide(district):
    case = put(permit(district), district)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    for work, by in zip(world.open_work(case), (district.defence, district.fire, district.housing), strict=True):
        actions.review(work, verdict=Verdict.PASS, by=by, at=MORNING + HOUR)
    (decision,) = world.open_work(case)
    assert decision.assignee_id == district.leader.user_id


def test_a_promise_that_runs_becomes_the_green_one_and_the_journal_has_both_dates(district):
    case = accepted(district)
    before = promised(case)
    green = case.version.spec.green.promised
    after = put(case, district)
    clock = promised(case)
    assert (float(clock.amount), clock.unit) == (green.amount, green.unit)
    assert clock.started_at == before.started_at, "from its start, not from now"
    assert clock.due_at < before.due_at
    assert after.due_at == clock.due_at
    assert {work.due_at for work in world.open_work(case) if not hasattr(work, "clock")} <= {clock.due_at}
    assert history(case.pk).last().details["due"] == [before.due_at.isoformat(), clock.due_at.isoformat()]


def test_the_promise_begins_as_the_green_one_when_the_case_was_green_before(district):
    case = put(permit(district), district)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    assert float(promised(case).amount) == case.version.spec.green.promised.amount


def test_the_limit_of_the_law_is_never_moved(district):
    case = accepted(district)
    before = Clock.objects.get(case=case, name="statutory").due_at
    put(case, district)
    assert Clock.objects.get(case=case, name="statutory").due_at == before


def test_a_service_without_a_green_limit_keeps_its_promise(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=MORNING)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=MORNING)
    before = promised(case).due_at
    put(case, district)
    assert promised(case).due_at == before
    assert "due" not in history(case.pk).last().details


def test_out_again_the_usual_promise_holds_from_its_start(district):
    case = accepted(district)
    before = promised(case).due_at
    put(case, district)
    actions.take_out_of_green(case, reason="情况已变化", by=district.leader, at=MORNING + 2 * HOUR)
    case.refresh_from_db()
    assert promised(case).due_at == case.due_at == before
    assert (case.priority, case.contact_id) == (Priority.NORMAL, None)
    assert {work.priority for work in world.open_work(case)} == {Priority.NORMAL}
    assert history(case.pk).last().reason == "情况已变化"
    with pytest.raises(Stale):
        actions.take_out_of_green(case, reason="再来一次", by=district.leader, at=MORNING + 3 * HOUR)


def test_in_twice_is_told_and_the_same_press_twice_is_once(district):
    case = permit(district)
    put(case, district, key="press")
    put(case, district, key="press")
    assert [entry.action for entry in history(case.pk)].count("green") == 1
    with pytest.raises(Stale):
        put(case, district, key="another")


def test_what_is_decided_is_in_no_hurry(district):
    case = permit(district)
    (intake,) = world.open_work(case)
    actions.decline(intake, reasons="不属于本机关职权", by=district.clerk, at=MORNING)
    with pytest.raises(Stale):
        put(case, district)


def test_the_database_has_no_green_case_without_a_named_person(district):
    case = permit(district)
    with pytest.raises(IntegrityError, match="green_channel_has_a_named_person"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(priority=Priority.GREEN)


def test_green_cases_come_first_in_every_list_and_are_counted_apart(district):
    early, late = permit(district), permit(district, MORNING + HOUR)
    put(late, district, contact=district.clerk)
    assert [work.case_id for work in queries.worklist(district.clerk)] == [late.pk, early.pk]
    assert [case.pk for case in queries.find(district.clerk)] == [late.pk, early.pk]
    third = permit(district, MORNING + 2 * HOUR)
    assert [case.pk for case in queries.find(district.clerk)] == [late.pk, third.pk, early.pk]
    counted = queries.counts(district.clerk, at=MORNING)
    assert (counted["all"], counted["green"], counted["mine"], counted["free"]) == (3, 1, 1, 2)
    only = queries.worklist(district.clerk, queries.Wish(green=True))
    assert [work.case_id for work in only] == [late.pk]


def test_a_green_case_that_is_closed_no_longer_comes_first(district):
    case = put(permit(district), district, contact=district.clerk)
    other = permit(district, MORNING + HOUR)
    actions.withdraw(case, by=district.applicant, at=MORNING + 2 * HOUR)
    assert [found.pk for found in queries.find(district.clerk)] == [other.pk, case.pk]
    assert [found.pk for found in queries.find(district.clerk, queries.Search(green=True))] == [case.pk]


def test_the_named_person_is_not_bound_to_one_department_by_the_seat_alone(district, tmp_path):
    """Somebody with both seats is named, and does both the intake and the decision."""
    lawful.declare(tmp_path, base="investment-filing")
    both = world.acting(world.staff("both", "approval-bureau", Role.CLERK, Role.LEADER))
    case = world.draft("test-permit", district.firm, district.applicant, like="investment-filing")
    actions.submit(case, by=district.applicant, at=MORNING)
    put(case, district, contact=both)
    (intake,) = world.open_work(case)
    with pytest.raises(NotAllowed, match="专人"):
        actions.accept(intake, by=district.clerk, at=MORNING + HOUR)
    actions.accept(intake, by=both, at=MORNING + HOUR)
    assert Assignment.objects.get(case=case, status="open").assignee_id == both.user_id

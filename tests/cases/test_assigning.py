"""Who does a piece of work: given, taken, given back, stood in for, handed over by whoever leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import lawful, world
from tests.cases.test_two_hands import together
from tests.world import MORNING
from zerotrip.cases import actions, queries
from zerotrip.cases.models import Assignment, Case
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.queries import history
from zerotrip.parties import actions as parties
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Absence, Party, Role, User

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def intake_of(district, at=MORNING) -> Assignment:
    """The intake of a filing just handed in."""
    case = world.draft("investment-filing", district.firm, district.applicant, at)
    actions.submit(case, by=district.applicant, at=at)
    (work,) = world.open_work(case)
    return work


def account(actor) -> User:
    return User.objects.get(pk=actor.user_id)


def person(actor) -> Party:
    return Party.objects.get(pk=actor.person_id)


@pytest.fixture
def second(district):
    """Another clerk of the same office."""
    return world.acting(world.staff("second", "approval-bureau", Role.CLERK))


def assignee(work: Assignment):
    return Assignment.objects.get(pk=work.pk).assignee_id


# Giving, taking, giving back


@pytest.mark.parametrize("who", ["leader", "supervisor"])
def test_whoever_answers_for_the_department_gives_work_to_one_who_may_do_it(district, second, who):
    work = intake_of(district)
    actions.assign(work, to=second, by=getattr(district, who), at=MORNING)
    assert assignee(work) == second.user_id
    assert list(queries.worklist(district.clerk)) == []
    with pytest.raises(NotAllowed, match="专人"):
        actions.accept(work, by=district.clerk, at=MORNING)
    actions.accept(work, by=second, at=MORNING)


@pytest.mark.parametrize("who", ["clerk", "housing", "applicant", "stranger"])
def test_nobody_else_gives_work(district, second, who):
    work = intake_of(district)
    with pytest.raises(NotAllowed):
        actions.assign(work, to=second, by=getattr(district, who), at=MORNING)
    assert assignee(work) is None


def test_work_is_given_only_to_who_has_the_role_and_is_not_on_the_applicants_side(district, second):
    work = intake_of(district)
    for other in (district.leader, district.housing, district.stranger):
        with pytest.raises(Refused, match="岗位"):
            actions.assign(work, to=other, by=district.leader, at=MORNING)
    world.agent(account(second), district.firm)
    with pytest.raises(Refused, match="回避"):
        actions.assign(work, to=world.acting(account(second)), by=district.leader, at=MORNING)


def test_work_that_is_done_is_given_to_nobody(district, second):
    work = intake_of(district)
    actions.accept(work, by=district.clerk, at=MORNING)
    with pytest.raises(Stale):
        actions.assign(work, to=second, by=district.leader, at=MORNING)


def test_taken_work_is_ones_own_until_it_is_given_back(district, second):
    work = intake_of(district)
    actions.take(work, by=district.clerk, at=MORNING)
    with pytest.raises(Stale):
        actions.take(work, by=second, at=MORNING)
    with pytest.raises(NotAllowed):
        actions.give_back(work, by=second, at=MORNING)
    actions.give_back(work, by=district.clerk, at=MORNING)
    actions.take(work, by=second, at=MORNING)
    assert [e.action for e in history(work.case_id)][-3:] == ["take", "give_back", "take"]


def test_the_same_press_twice_is_one_entry(district):
    work = intake_of(district)
    for _press in range(2):
        actions.take(work, by=district.clerk, at=MORNING, key="press")
    assert [e.action for e in history(work.case_id)].count("take") == 1


def test_several_are_given_at_once_with_an_answer_for_each(district, second):
    free, done = intake_of(district), intake_of(district)
    actions.accept(done, by=district.clerk, at=MORNING)
    answers = actions.assign_all([free, done], to=second, by=district.leader, at=MORNING)
    assert [answer.done for answer in answers] == [True, False]
    assert "办理完毕" in answers[1].said
    assert assignee(free) == second.user_id


@pytest.mark.django_db(transaction=True)
def test_two_take_the_same_work_at_once_and_one_is_told(district, second):
    work = intake_of(district)
    got = together(
        lambda: actions.take(work, by=district.clerk, at=MORNING),
        lambda: actions.take(work, by=second, at=MORNING),
    )
    assert sorted(isinstance(found, Stale) for found in got) == [False, True]


# Like decisions together


def decision_of(district, service="investment-filing", like="") -> Assignment:
    case = world.draft(service, district.firm, district.applicant, like=like)
    actions.submit(case, by=district.applicant, at=MORNING)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=MORNING)
    (work,) = world.open_work(case)
    return work


def test_like_decisions_are_granted_together_each_by_itself(district):
    works = [decision_of(district) for _number in range(3)]
    actions.withdraw(works[1].case, by=district.applicant, at=MORNING)
    answers = actions.grant_together(works, by=district.leader, at=MORNING + HOUR)
    assert [answer.done for answer in answers] == [True, False, True]
    assert answers[1].said
    results = {work.pk: Case.objects.get(pk=work.case_id).result for work in works}
    assert [results[work.pk] for work in works] == ["granted", "withdrawn", "granted"]


def test_decisions_of_two_services_or_other_work_are_not_alike(district, tmp_path):
    lawful.declare(tmp_path, base="investment-filing")
    other = decision_of(district, "test-permit", like="investment-filing")
    for works in ([decision_of(district), other], [intake_of(district)], []):
        with pytest.raises(Invalid):
            actions.grant_together(works, by=district.leader, at=MORNING)


def test_together_grants_what_was_drafted_as_a_grant_and_nothing_else(district, tmp_path):
    lawful.declare(tmp_path, base="investment-filing", approval={"draft": "clerk", "levels": ["leader"]})
    granted, refused, undrafted = (
        decision_of(district, "test-permit", like="investment-filing") for _number in range(3)
    )
    for work, verdict in ((granted, "granted"), (refused, "refused")):
        actions.draft_decision(
            work, verdict=actions.decisions.Result(verdict), reasons="理由", by=district.clerk, at=MORNING
        )
    works = [Assignment.objects.get(pk=work.pk) for work in (granted, refused, undrafted)]
    answers = actions.grant_together(works, by=district.leader, at=MORNING + HOUR, key="press")
    assert [answer.done for answer in answers] == [True, False, False]
    assert Case.objects.get(pk=granted.case_id).result == "granted"
    assert Case.objects.get(pk=refused.case_id).result == ""


# Absence


def away(district, second, **changes) -> Absence:
    given = {"since": MORNING - HOUR, "until": MORNING + 3 * DAY, "by": district.leader, "at": MORNING, **changes}
    return parties.record_absence(person(district.clerk), stand_in=person(second), **given)


def now_acting(actor, at=MORNING + HOUR):
    return world.acting(account(actor), at)


def test_a_stand_in_sees_and_does_what_is_assigned_to_the_absent_while_they_are_away(district, second):
    work = intake_of(district)
    actions.take(work, by=district.clerk, at=MORNING)
    assert list(queries.worklist(now_acting(second))) == []
    away(district, second)
    during = now_acting(second)
    assert [cover.user_id for cover in during.covers] == [district.clerk.user_id]
    assert [found.pk for found in queries.worklist(during)] == [work.pk]
    after = now_acting(second, MORNING + 4 * DAY)
    assert after.covers == ()
    with pytest.raises(NotAllowed):
        actions.accept(work, by=after, at=MORNING + 4 * DAY)
    actions.accept(work, by=during, at=MORNING + HOUR)
    assert Assignment.objects.get(pk=work.pk).done_by_id == second.user_id, "under their own name"


def test_a_stand_in_of_another_role_does_the_assigned_work_and_no_other_of_that_role(district):
    """A deputy of the office stands in for the clerk, without becoming one."""
    deputy = world.acting(world.staff("deputy", "approval-bureau", Role.REVIEWER))
    mine, free = intake_of(district), intake_of(district)
    actions.take(mine, by=district.clerk, at=MORNING)
    away(district, deputy)
    during = now_acting(deputy)
    assert [found.pk for found in queries.worklist(during)] == [mine.pk]
    with pytest.raises(NotAllowed):
        actions.accept(free, by=during, at=MORNING + HOUR)
    actions.accept(mine, by=during, at=MORNING + HOUR)


def test_a_stand_in_on_the_applicants_side_keeps_out(district, second):
    work = intake_of(district)
    actions.take(work, by=district.clerk, at=MORNING)
    world.agent(account(second), district.firm)
    away(district, second)
    during = now_acting(second)
    assert list(queries.worklist(during)) == []
    with pytest.raises(NotAllowed, match="回避"):
        actions.accept(work, by=during, at=MORNING + HOUR)


def test_an_absence_is_recorded_by_oneself_or_a_leader_of_ones_department(district, second):
    for other in (second, district.housing, district.applicant, district.supervisor):
        with pytest.raises(NotAllowed):
            away(district, second, by=other)
    away(district, second, by=district.clerk)
    assert history(district.clerk.person_id).last().action == "absence"


def test_a_stand_in_works_in_the_same_department_and_is_there(district, second):
    third = world.acting(world.staff("third", "approval-bureau", Role.CLERK))
    for other in (district.housing, district.supervisor, district.stranger, district.clerk):
        with pytest.raises(Refused, match="代班人"):
            away(district, other)
    parties.record_absence(
        person(second), stand_in=person(third), since=MORNING, until=MORNING + DAY, by=SYSTEM, at=MORNING
    )
    with pytest.raises(Refused, match="也外出"):
        away(district, second)
    with pytest.raises(Refused, match="正为别人代班"):
        parties.record_absence(
            person(third),
            stand_in=person(district.clerk),
            since=MORNING,
            until=MORNING + DAY,
            by=SYSTEM,
            at=MORNING,
        )


def test_absences_end_last_at_most_a_year_and_do_not_overlap(district, second):
    for wrong in ({"until": MORNING - 2 * HOUR}, {"until": MORNING + 400 * DAY}, {"until": MORNING}):
        with pytest.raises(Invalid):
            away(district, second, **wrong)
    away(district, second)
    with pytest.raises(Refused, match="登记过"):
        away(district, second, since=MORNING + DAY, until=MORNING + 9 * DAY)
    with pytest.raises(IntegrityError, match="absences_do_not_overlap"), transaction.atomic():
        Absence.objects.create(
            person=person(district.clerk),
            stand_in=person(second),
            during=DateTimeTZRange(MORNING, MORNING + DAY),
            recorded_at=MORNING,
        )


def test_back_earlier_the_stand_in_is_one_no_more(district, second):
    absence = away(district, second)
    parties.end_absence(absence, by=district.clerk, at=MORNING + HOUR)
    assert now_acting(second, MORNING + 2 * HOUR).covers == ()
    with pytest.raises(Refused):
        parties.end_absence(absence, by=district.clerk, at=MORNING + 2 * HOUR)
    to_come = away(district, second, since=MORNING + DAY, until=MORNING + 2 * DAY)
    parties.end_absence(to_come, by=district.leader, at=MORNING + 2 * HOUR)
    assert not Absence.objects.filter(pk=to_come.pk).exists()


def test_a_stand_in_who_leaves_stands_in_no_more(district, second):
    away(district, second)
    parties.end_staff(account(second), by=SYSTEM, at=MORNING + HOUR)
    assert now_acting(second, MORNING + 2 * HOUR).covers == ()


def test_who_acts_is_known_by_one_query(district, second, django_assert_num_queries):
    away(district, second)
    user = account(second)
    with django_assert_num_queries(1):
        world.acting(user)


# Leaving


def test_whoever_leaves_hands_everything_over_in_one_action(district, second):
    works = [intake_of(district) for _number in range(4)]
    for work in works:
        actions.take(work, by=district.clerk, at=MORNING)
    answers = actions.hand_over(account(district.clerk), to=second, by=district.leader, at=MORNING, key="press")
    assert [answer.done for answer in answers] == [True] * 4
    assert {assignee(work) for work in works} == {second.user_id}
    again = actions.hand_over(account(district.clerk), to=second, by=district.leader, at=MORNING, key="press")
    assert again == []


def test_what_the_other_may_not_do_goes_back_to_its_department(district):
    both = world.acting(world.staff("both", "approval-bureau", Role.CLERK, Role.LEADER))
    intake, decision = intake_of(district), decision_of(district)
    for work in (intake, decision):
        actions.assign(work, to=both, by=district.leader, at=MORNING)
    answers = actions.hand_over(account(both), to=district.clerk, by=district.leader, at=MORNING)
    assert sorted("退回部门" in answer.said for answer in answers) == [False, True]
    assert assignee(intake) == district.clerk.user_id
    assert assignee(decision) is None


def test_the_green_cases_somebody_looks_after_are_handed_over_too(district, second):
    work = intake_of(district)
    actions.put_in_green(work.case, contact=district.clerk, reason="重大项目", by=district.leader, at=MORNING)
    actions.hand_over(account(district.clerk), to=second, by=district.leader, at=MORNING)
    case = Case.objects.get()
    assert (case.contact_id, assignee(work)) == (second.user_id, second.user_id)


def test_handing_over_is_for_oneself_and_ones_leaders(district, second):
    work = intake_of(district)
    actions.take(work, by=district.clerk, at=MORNING)
    for other in (second, district.housing, district.supervisor):
        answers = actions.hand_over(account(district.clerk), to=second, by=other, at=MORNING)
        assert [answer.done for answer in answers] == [False]
    with pytest.raises(Invalid):
        actions.hand_over(account(district.clerk), to=district.clerk, by=district.leader, at=MORNING)
    actions.hand_over(account(district.clerk), to=second, by=district.clerk, at=MORNING)
    assert assignee(work) == second.user_id


def test_given_back_everything_is_anybodys_again(district):
    work = intake_of(district)
    actions.take(work, by=district.clerk, at=MORNING)
    assert actions.give_back_everything(account(district.clerk), by=SYSTEM, at=MORNING) == 1
    assert assignee(work) is None

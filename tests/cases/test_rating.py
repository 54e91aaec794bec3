"""Rating (好差评): once, from any door, supplemented in time; a bad grade is called back on, by somebody above."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from tests import world
from zerotrip.cases import actions
from zerotrip.cases.actions.rating import case_of_token, rating_token
from zerotrip.cases.actions.sweeping import sweep
from zerotrip.cases.models import Assignment, Case, Grade, Rating, RatingDoor, Settled
from zerotrip.cases.published import Published, published_ratings
from zerotrip.cases.queries import worklist
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import NOBODY, SYSTEM
from zerotrip.parties.models import Party, Role

AT = world.MORNING
LATER = AT + timedelta(hours=1)


@pytest.fixture
def case(district) -> Case:
    """A filing the leader granted, delivered."""
    return granted(district)


def granted(district, at: datetime = AT) -> Case:
    case = world.draft("investment-filing", district.firm, district.applicant, at)
    actions.submit(case, by=district.applicant, at=at)
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=at)
    (decision,) = world.open_work(case)
    case = actions.grant(decision, by=district.leader, at=at)
    case = actions.issue(case, by=SYSTEM, at=at)
    return actions.deliver(case, by=SYSTEM, at=at)


def rate(
    case: Case, by, grade: int = Grade.GOOD, *, at: datetime = LATER, door=RatingDoor.PORTAL, **more
) -> Rating:
    return actions.rate(case.pk, grade=grade, door=door, by=by, at=at, **more)


def call(case: Case) -> Assignment:
    (work,) = world.open_work(case, "call_back")
    return work


def head(at: datetime = AT):
    return world.acting(world.staff("head", "approval-bureau", Role.HEAD))


def test_a_closed_case_is_rated_once(district, case):
    rate(case, district.applicant, tags=["fast", "nonsense"], comment="很快 ")
    rating = Rating.objects.get()
    assert (rating.grade, rating.tags, rating.comment, rating.door) == (4, ["fast"], "很快", "portal")
    assert (rating.service, rating.department_id) == ("investment-filing", case.department_id)
    with pytest.raises(Stale):
        rate(case, district.applicant, Grade.VERY_GOOD)
    assert Rating.objects.get().grade == 4
    assert not world.open_work(case)


def test_the_same_press_again_is_the_same_rating(district, case):
    first = rate(case, district.applicant, Grade.BAD, key="k1")
    assert rate(case, district.applicant, Grade.BAD, key="k1").pk == first.pk
    assert Assignment.objects.filter(kind="call_back").count() == 1


def test_the_journal_says_that_it_was_rated_and_not_what_was_said(district, case):
    rate(case, district.applicant, Grade.FAIR, comment="不公开的话")
    entry = history(case.pk).last()
    assert (entry.action, entry.details["grade"]) == ("rate", 3)
    assert "不公开" not in str(entry.details) + entry.reason
    assert first_break(Case.objects.get(pk=case.pk)) is None


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_nothing_is_rated_before_its_end(district, status):
    case = world.draft("investment-filing", district.firm, district.applicant)
    if status == "submitted":
        actions.submit(case, by=district.applicant, at=AT)
    with pytest.raises(Stale):
        rate(case, district.applicant)
    actions.withdraw(case, by=district.applicant, at=AT)
    if status == "draft":
        with pytest.raises(Stale):
            rate(case, district.applicant)
    else:
        rate(case, district.applicant)


@pytest.mark.parametrize("grade", [0, 6, -1])
def test_there_are_five_grades(district, case, grade):
    with pytest.raises(Invalid) as refused:
        rate(case, district.applicant, grade, comment="字" * 501)
    assert set(refused.value.problems) == {"grade", "comment"}
    assert not Rating.objects.exists()


def test_only_the_applicants_side_rates_as_such(district, case):
    for other in (district.stranger, district.clerk, NOBODY):
        with pytest.raises(NotAllowed):
            rate(case, other)
    rate(case, NOBODY, door=RatingDoor.LINK)
    assert Rating.objects.get().by_id is None


def test_at_the_counter_it_is_kept_whose_screen_it_was(district, case):
    rate(case, district.clerk, door=RatingDoor.DESK)
    assert Rating.objects.get().by_id == district.clerk.user_id


def test_a_link_is_worth_something_only_as_it_was_sent(case):
    token = rating_token(case.pk)
    assert case_of_token(token) == case.pk
    for forged in (token[:-1], str(case.pk), f"{case.pk}:x", "", token.replace(str(case.pk)[:4], "0000")):
        with pytest.raises(NotFound):
            case_of_token(forged)


def test_who_is_told_of_the_end_is_asked_for_a_rating_once(district, case):
    world.tell_queued()
    asked = Notice.objects.filter(template="rate")
    assert [notice.link for notice in asked] == [f"/rate/{rating_token(case.pk)}/"]
    assert asked.get().user_id == district.applicant.user_id


@pytest.mark.parametrize("grade", Grade.values)
def test_the_last_two_grades_open_a_call_back_within_one_working_day(district, case, grade):
    rate(case, district.applicant, grade)
    works = world.open_work(case, "call_back")
    assert len(works) == (grade <= Grade.BAD)
    for work in works:
        assert work.stage == "call-back.1"
        assert work.due_at == datetime.fromisoformat("2026-03-04T17:00:00+08:00")


def test_what_the_leader_decided_is_called_back_by_the_head(district, case):
    boss = head()
    rate(case, district.applicant, Grade.VERY_BAD)
    assert call(case).role == Role.HEAD
    assert list(worklist(boss)) == [call(case)]


def test_what_was_not_decided_by_the_leader_is_called_back_by_the_leader(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.submit(case, by=district.applicant, at=AT)
    (intake,) = world.open_work(case)
    case = actions.decline(intake, reasons="不属于本机关职权", by=district.clerk, at=AT)
    rate(case, district.applicant, Grade.BAD)
    assert call(case).role == Role.LEADER
    assert [work.pk for work in worklist(district.leader)] == [call(case).pk]


def test_where_the_head_has_no_seat_it_goes_to_the_department_above(district, case):
    office = Party.objects.get(pk=case.department_id)
    above = Party.objects.get(code="housing")
    office.parent = above
    office.save(update_fields=["parent"])
    world.staff("above", "housing", Role.LEADER)
    rate(case, district.applicant, Grade.BAD)
    assert (call(case).department_id, call(case).role) == (above.pk, Role.LEADER)


def test_where_nobody_is_above_another_leader_calls(district, case):
    other = world.acting(world.staff("leader2", "approval-bureau", Role.LEADER))
    rate(case, district.applicant, Grade.BAD)
    work = call(case)
    assert work.role == Role.LEADER
    with pytest.raises(NotAllowed):
        record(work, district.leader)
    record(work, other)


def record(work: Assignment, by, **more) -> Case:
    said = {"finding": "窗口漏看了材料", "put_right": "已补培训", "settled": Settled.YES, **more}
    return actions.call_back(work, by=by, at=LATER, **said)


def test_a_call_back_keeps_what_was_found_put_right_and_whether_they_are_content(district, case):
    boss = head()
    rate(case, district.applicant, Grade.BAD)
    record(call(case), boss)
    rating = Rating.objects.get()
    assert (rating.finding, rating.put_right, rating.settled) == ("窗口漏看了材料", "已补培训", "yes")
    assert (rating.called_back_by_id, rating.called_back_at) == (boss.user_id, LATER)
    assert not world.open_work(case)
    assert not case.clocks.filter(ended_at=None).exists()
    world.tell_queued()
    assert Notice.objects.filter(template="called_back").count() == 1
    assert first_break(Case.objects.get(pk=case.pk)) is None


@pytest.mark.parametrize("missing", ["finding", "settled"])
def test_a_call_back_says_what_it_found(district, case, missing):
    boss = head()
    rate(case, district.applicant, Grade.BAD)
    with pytest.raises(Invalid) as refused:
        record(call(case), boss, **{missing: Settled.NONE if missing == "settled" else " "})
    assert set(refused.value.problems) == {missing}
    assert call(case).status == "open"


def test_whoever_handled_the_case_does_not_call_back_on_it(district, case):
    user = world.staff("both", "approval-bureau", Role.HEAD)
    rate(case, district.applicant, Grade.BAD)
    work = call(case)
    Assignment.objects.filter(case=case, kind="intake").update(done_by=user.pk)
    with pytest.raises(NotAllowed):
        record(work, world.acting(user))
    for other in (district.clerk, district.leader, district.supervisor, district.applicant):
        with pytest.raises(NotAllowed):
            record(work, other)


def test_a_call_back_is_done_once(district, case):
    boss, other = head(), world.acting(world.staff("head2", "approval-bureau", Role.HEAD))
    rate(case, district.applicant, Grade.BAD)
    work = call(case)
    record(work, boss, key="k")
    record(work, boss, key="k")
    with pytest.raises(Stale):
        record(work, other)


def test_a_call_back_that_is_late_goes_red_and_is_escalated(district, case):
    head()
    rate(case, district.applicant, Grade.BAD)
    sweep(at=call(case).due_at + timedelta(minutes=1))
    world.tell_queued()
    told = Notice.objects.filter(template="staff_late", link__endswith=f"{case.number}/")
    assert set(told.values_list("user__person__name", flat=True)) == {"head", "leader"}


def test_something_can_be_added_once_within_five_working_days(district, case):
    rate(case, district.applicant)
    actions.supplement(case.pk, text="后来又问了一次", by=district.applicant, at=AT + timedelta(days=7))
    actions.supplement(case.pk, text="后来又问了一次", by=district.applicant, at=AT + timedelta(days=7))
    with pytest.raises(Stale):
        actions.supplement(case.pk, text="再补充", by=district.applicant, at=AT + timedelta(days=7))
    assert Rating.objects.get().supplement == "后来又问了一次"


def test_after_five_working_days_nothing_can_be_added(district, case):
    with pytest.raises(Stale):
        actions.supplement(case.pk, text="早了", by=NOBODY, at=LATER)
    rate(case, district.applicant)
    for text in (" ", "字" * 501):
        with pytest.raises(Invalid):
            actions.supplement(case.pk, text=text, by=NOBODY, at=LATER)
    with pytest.raises(Stale):
        actions.supplement(case.pk, text="晚了", by=NOBODY, at=AT + timedelta(days=8))


def test_ratings_are_read_above_and_not_by_those_who_are_rated(district, case):
    rate(case, district.applicant, Grade.BAD, comment="慢")
    readers = ("applicant", "clerk", "housing", "leader", "supervisor", "stranger")
    seen = {name for name in readers if Rating.objects.visible_to(getattr(district, name)).exists()}
    assert seen == {"applicant", "leader", "supervisor"}


def test_averages_are_published_of_five_and_more(district):
    assert Published({5: 4}).average is None
    assert Published({5: 4}).shares == []
    assert Published({5: 4, 1: 1}).average == 4.2
    assert [share for _label, _count, share in Published({5: 4, 1: 1}).shares] == [80, 0, 0, 0, 20]
    for grade in (5, 5, 4, 3, 3):
        rate(granted(district), NOBODY, grade, door=RatingDoor.LINK)
    (found,) = published_ratings("service", service="investment-filing").values()
    assert (found.count, found.average) == (5, 4.0)


def test_the_database_keeps_ratings_whole(district, case):
    rate(case, district.applicant)
    for changes in ({"grade": 6}, {"supplement": "x"}, {"settled": "yes"}, {"finding": "x", "called_back_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.update(**changes)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_rating_and_one_call_back(district, case):
    start, answers = Barrier(2), []

    def press(grade: int) -> None:
        try:
            start.wait()
            answers.append(rate(case, NOBODY, grade, door=RatingDoor.LINK))
        except Stale as late:
            answers.append(late)
        finally:
            connection.close()

    threads = [Thread(target=press, args=(grade,)) for grade in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Rating", "Stale"]
    assert Rating.objects.count() == Assignment.objects.filter(kind="call_back").count() == 1

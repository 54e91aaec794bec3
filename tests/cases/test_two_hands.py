"""Two hands at the same moment: one step happens, the other hand is told, and nothing happens twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection

from tests import world
from tests.world import MORNING, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.models import Assignment, Case, Concerned, Consultation, Hearing, Submission, Verdict
from zerotrip.cases.states import Result, Status
from zerotrip.cases.tasks import produce
from zerotrip.errors import Refusal, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.licences.models import Licence
from zerotrip.parties.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)


def together(*hands: Callable[[], Any]) -> list[Any]:
    """What each hand got, or the refusal it met; all start at once, each with a connection of its own."""
    start, got = Barrier(len(hands)), [None] * len(hands)

    def use(number: int, hand: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            got[number] = hand()
        except Exception as error:
            got[number] = error
        finally:
            connection.close()

    threads = [Thread(target=use, args=pair) for pair in enumerate(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    unexpected = [found for found in got if isinstance(found, Exception) and not isinstance(found, Refusal)]
    assert unexpected == []
    return got


def submitted(district, service: str = "investment-filing") -> tuple[Case, Assignment]:
    case = actions.submit(draft(service, district.firm, district.applicant), by=district.applicant, at=MORNING)
    (work,) = open_work(case)
    return case, work


def steps(case: Case) -> list[str]:
    assert first_break(Case.objects.get(pk=case.pk)) is None
    return [entry.action for entry in history(case.pk)]


def test_of_two_clerks_one_decides_and_the_other_reads_why_not(district):
    case, work = submitted(district)
    other = world.acting(world.staff("second-clerk", "approval-bureau", Role.CLERK))
    got = together(
        lambda: actions.accept(work, by=district.clerk, at=MORNING),
        lambda: actions.decline(work, reasons="不属于本机关职权", by=other, at=MORNING),
    )
    (late,) = [found for found in got if isinstance(found, Exception)]
    assert isinstance(late, Stale)
    assert "已经办理完毕" in late.message
    assert len(steps(case)) == 3
    assert steps(case)[-1] in ("accept", "decline")


def test_three_departments_at_once_open_one_decision(district):
    case, work = submitted(district, "construction-permit")
    actions.accept(work, by=district.clerk, at=MORNING)
    hands = []
    for actor in (district.housing, district.fire, district.defence):
        (mine,) = Assignment.objects.for_hands_of(actor).filter(case=case)
        hands.append(lambda mine=mine, by=actor: actions.review(mine, verdict=Verdict.PASS, by=by, at=MORNING))
    got = together(*hands)
    assert not [found for found in got if isinstance(found, Exception)]
    assert Case.objects.get(pk=case.pk).status == Status.DECIDING
    assert [found.kind for found in open_work(case)] == ["decision"]
    assert steps(case).count("review") == 3


def test_submitting_twice_at_once_is_one_submission(district):
    case = draft("investment-filing", district.firm, district.applicant)
    got = together(*[lambda: actions.submit(case, by=district.applicant, at=MORNING, key="one-press")] * 2)
    assert [found.status for found in got] == [Status.SUBMITTED, Status.SUBMITTED]
    assert steps(case) == ["open", "submit"]
    assert Submission.objects.filter(case=case).count() == 1
    assert len(open_work(case)) == 1


def test_withdrawing_against_accepting_leaves_one_story(district):
    case, work = submitted(district)
    got = together(
        lambda: actions.withdraw(case, by=district.applicant, at=MORNING),
        lambda: actions.accept(work, by=district.clerk, at=MORNING),
    )
    case.refresh_from_db()
    assert not isinstance(got[0], Exception)  # also an accepted application can be withdrawn
    assert (case.status, case.result) == (Status.CLOSED, Result.WITHDRAWN)
    assert open_work(case) == []
    assert not case.clocks.filter(ended_at=None).exists()
    assert steps(case) in (["open", "submit", "withdraw"], ["open", "submit", "accept", "withdraw"])
    assert isinstance(got[1], Stale) == ("accept" not in steps(case))


def test_two_windows_saving_one_draft_lose_nothing_unseen(district):
    case = draft("investment-filing", district.firm, district.applicant)
    edit = Submission.objects.get(case=case).edit

    def save(name: str) -> Callable[[], Any]:
        given = {"project_name": name}
        return lambda: actions.save_draft(case, given, edit=edit, by=district.applicant, at=MORNING, keep=True)

    got = together(save("甲窗口"), save("乙窗口"))
    (kept,) = [found for found in got if not isinstance(found, Exception)]
    assert Submission.objects.get(case=case).answers["project_name"] == kept.answers["project_name"]
    assert [type(found) for found in got if isinstance(found, Exception)] == [Stale]


def granted(district) -> Case:
    case, work = submitted(district)
    actions.accept(work, by=district.clerk, at=MORNING)
    return actions.grant(open_work(case)[0], by=district.leader, at=MORNING)


def test_a_worker_killed_after_the_grant_leaves_one_licence(district):
    case = granted(district)
    assert not Licence.objects.filter(case=case).exists()
    for _run in range(2):
        produce(case=str(case.pk))
    assert Licence.objects.filter(case=case).count() == 1
    assert steps(case)[-3:] == ["grant", "issue", "deliver"]


def test_two_workers_on_one_job_make_one_licence(district):
    case = granted(district)
    together(*[lambda: produce(case=str(case.pk))] * 2)
    produce(case=str(case.pk))
    assert Licence.objects.filter(case=case).count() == 1
    assert steps(case)[-3:] == ["grant", "issue", "deliver"]


def test_a_call_kept_by_two_presses_at_once_is_one(district):
    call = {"question": "要什么材料？", "minutes": 3, "key": uuid4(), "by": district.clerk, "at": MORNING}
    together(*[lambda: actions.record_consultation(**call)] * 3)
    assert Consultation.objects.count() == 1


def heard(district) -> tuple[Case, Assignment, Concerned]:
    """A review in which a neighbour and the applicant were told that they may ask for a hearing."""
    case, work = submitted(district, "construction-permit")
    actions.accept(work, by=district.clerk, at=MORNING)
    (mine,) = Assignment.objects.for_hands_of(district.housing).filter(case=case)
    who = {"by": district.housing, "at": MORNING}
    said = {"name": "邻居甲", "contact": "虚构路 2 号", "interest": "采光"}
    one = actions.record_concerned(mine, concerned=new_id(), **said, **who)
    actions.tell_right(mine, ways={one.pk: "post"}, **who)
    return case, mine, one


def test_two_requests_for_a_hearing_at_once_are_one_hearing(district):
    case, work, _one = heard(district)
    mine, theirs = (case.tellings.get(what="right", to_applicant=to) for to in (True, False))
    today = MORNING.date()
    got = together(
        lambda: actions.answer(case, mine.pk, answer="asked", by=district.applicant, at=MORNING),
        lambda: actions.note_answer(work, theirs.pk, answer="asked", on=today, by=district.housing, at=MORNING),
    )
    assert not [found for found in got if isinstance(found, Exception)]
    assert Hearing.objects.filter(case=case).count() == 1
    assert case.clocks.filter(name="hearing").count() == 1
    assert steps(case).count("hear") == 4


def test_a_hearing_notified_by_two_at_once_is_notified_once(district):
    case, work, one = heard(district)
    mine = case.tellings.get(what="right", to_applicant=True)
    actions.answer(case, mine.pk, answer="asked", by=district.applicant, at=MORNING)
    chair = world.staff("chair", "approval-bureau", Role.CLERK)

    def call() -> Case:
        return actions.call_hearing(
            work,
            begins_at=MORNING + timedelta(days=15),
            place="政务大厅",
            presider=chair.pk,
            amount=15,
            ways={one.pk: "post"},
            calls=0,
            by=district.housing,
            at=MORNING,
        )

    got = together(call, call)
    (late,) = [found for found in got if isinstance(found, Exception)]
    assert isinstance(late, Stale)
    assert case.suspensions.count() == 1
    assert case.tellings.filter(what="hearing").count() == 2
    assert steps(case).count("suspend") == 1

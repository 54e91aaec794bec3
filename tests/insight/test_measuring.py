"""What a closed case counts as, told by stories whose hours can be counted on fingers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.web.browsing import submitted
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Door, Procedure, Verdict
from zerotrip.insight.actions import fold
from zerotrip.insight.models import Facts, Hand, Mark, MarkKind
from zerotrip.insight.ranking import places, wilson
from zerotrip.licences.post.models import Delivery
from zerotrip.parties.access import SYSTEM

HOUR = timedelta(hours=1)
TEN = world.MORNING + HOUR / 2
"""Tuesday, 10:00 in China. Offices are open from 8:30 to 12 and from 13:30 to 17."""


def at(hours: float, *, days: int = 0) -> datetime:
    return TEN + days * timedelta(days=1) + hours * HOUR


def granted(district, *, accepted: datetime, decided: datetime, delivered: datetime | None = None) -> Case:
    """A filing handed in at ten and followed to its end."""
    case, intake = submitted("investment-filing", district.firm, district.applicant, at=TEN)
    actions.accept(intake, by=district.clerk, at=accepted)
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=decided)
    return closed(case, delivered or decided)


def closed(case: Case, when: datetime) -> Case:
    case = actions.issue(Case.objects.get(pk=case.pk), by=SYSTEM, at=when)
    case = actions.deliver(case, by=SYSTEM, at=when)
    fold(at=when)
    return case


def facts(case: Case) -> Facts:
    return Facts.objects.get(case=case)


def test_time_in_our_hands_is_office_time_from_receipt_to_decision(district):
    row = facts(granted(district, accepted=at(1), decided=at(5)))  # 10–12 and 13:30–15
    assert (row.hands, row.applicant, row.paused) == (210, 0, 0)
    assert (row.judged, row.on_time, row.bound, row.lawful) == (1, 1, 1, 1)
    assert (row.granted, row.corrections, row.zero_trip) == (1, 0, 1)


def test_the_way_of_the_licence_to_its_holder_is_no_time_of_deciding(district):
    row = facts(granted(district, accepted=at(1), decided=at(2), delivered=at(2, days=6)))
    assert row.hands == 120
    assert row.lawful == 1


def test_ten_days_to_deliver_are_a_limit_of_the_law(district):
    row = facts(granted(district, accepted=at(1), decided=at(2), delivered=at(2, days=30)))
    assert (row.on_time, row.lawful) == (1, 0)


def test_what_waits_for_a_correction_is_the_applicants_time(district):
    case, intake = submitted("investment-filing", district.firm, district.applicant, at=TEN)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=at(1))
    actions.correct(case, by=district.applicant, at=at(1, days=1), keep=world.asked(case))
    (intake,) = world.open_work(case)
    actions.accept(intake, by=district.clerk, at=at(2, days=1))
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=at(2, days=1))
    row = facts(closed(case, at(2, days=1)))
    assert (row.hands, row.applicant) == (120, 420)
    assert (row.corrections, row.again, row.taken_back) == (1, 0, 0)
    assert list(Mark.objects.values_list("kind", "account")) == [(MarkKind.CORRECTION, district.clerk.user_id)]
    assert Hand.objects.get(case=case, stage=intake.stage).minutes == 120


def test_a_notice_that_is_taken_back_never_left_our_hands(district):
    case, intake = submitted("investment-filing", district.firm, district.applicant, at=TEN)
    actions.request_correction(intake, items={"project_name": "请核对"}, by=district.clerk, at=at(1))
    actions.take_back(intake, reason="看错了", by=district.clerk, at=at(1, days=1))
    actions.accept(intake, by=district.clerk, at=at(1, days=1))
    (decision,) = world.open_work(case)
    actions.grant(decision, by=district.leader, at=at(1, days=1))
    row = facts(closed(case, at(1, days=1)))
    assert (row.hands, row.applicant) == (480, 0)
    assert (row.corrections, row.taken_back) == (0, 1)


def paused(district, *, resumed: datetime, decided: datetime) -> Case:
    """A permit with an expert review from Tuesday noon to ``resumed``."""
    case, intake = submitted("construction-permit", district.firm, district.applicant, at=TEN)
    actions.accept(intake, by=district.clerk, at=at(1))
    work = world.open_work(case)[0]
    kind = next(iter(case.version.spec.procedures))
    by = {"civil-defence": district.defence, "fire": district.fire, "housing": district.housing}
    staff = by[work.department.code]
    actions.suspend(work, kind=Procedure(kind.kind), reason="需要论证", amount=5, by=staff, at=at(1))
    actions.resume(work, kind=Procedure(kind.kind), outcome="通过", by=staff, at=resumed)
    for one in world.open_work(case):
        actions.review(one, verdict=Verdict.PASS, by=by[one.department.code], at=resumed)
    (decision,) = world.open_work(case)
    return actions.grant(decision, by=district.leader, at=decided)


def test_a_pause_is_told_apart_and_judged_as_if_it_had_not_been(district):
    promised = 3
    case = paused(district, resumed=at(1, days=2), decided=at(1, days=promised + 1))
    row = facts(closed(case, at(1, days=promised + 1)))
    clock = case.clocks.get(name="promised")
    assert row.paused == 2 * 420
    assert row.pauses == 1
    assert row.on_time == int(clock.ended_at <= clock.due_at)
    (mark,) = Mark.objects.filter(kind=MarkKind.PAUSE)
    assert (mark.reason, mark.minutes) == ("需要论证", 840)


def test_a_promise_kept_only_by_a_pause_counts_as_missed_without_it(district):
    case = paused(district, resumed=at(1, days=3), decided=at(1, days=3))
    clock = case.clocks.get(name="promised")
    type(clock).objects.filter(pk=clock.pk).update(due_at=clock.ended_at, amount="0.5")
    row = facts(closed(case, at(1, days=3)))
    assert (row.on_time, row.on_time_unpaused) == (1, 0)


def test_a_promise_missed_says_by_how_much(district):
    row = facts(granted(district, accepted=at(1), decided=at(1, days=30)))
    assert (row.judged, row.on_time) == (1, 0)
    assert row.late_minutes > 420


@pytest.mark.parametrize("end", ["withdrawn", "declined"])
def test_who_withdraws_is_not_judged_and_who_is_declined_is_by_the_five_days(district, end):
    case, intake = submitted("investment-filing", district.firm, district.applicant, at=TEN)
    if end == "withdrawn":
        actions.withdraw(case, by=district.applicant, at=at(1))
    else:
        actions.decline(intake, reasons="不属于本机关职权", by=district.clerk, at=at(1))
    fold(at=at(2))
    row = facts(case)
    assert getattr(row, end) == 1
    assert (row.judged, row.on_time) == ((0, 0) if end == "withdrawn" else (1, 1))


def test_a_draft_that_is_given_up_counts_as_nothing(district):
    case = world.draft("investment-filing", district.firm, district.applicant)
    actions.withdraw(case, by=district.applicant, at=at(1))
    fold(at=at(2))
    assert not Facts.objects.filter(case=case).exists()


def test_the_counter_is_a_trip_whether_to_hand_in_or_to_collect(district):
    case = granted(district, accepted=at(1), decided=at(2))
    Delivery.objects.create(
        case=case, way="counter", chosen_by_id=district.applicant.user_id, chosen_at=timezone.now()
    )
    refold(case)
    assert facts(case).zero_trip == 0
    Delivery.objects.all().delete()
    Case.objects.filter(pk=case.pk).update(door=Door.DESK)
    refold(case)
    assert facts(case).zero_trip == 0


def refold(case: Case) -> None:
    Facts.objects.filter(case=case).delete()
    fold(at=at(9, days=9), whole=True)


def test_one_case_of_one_does_not_lead():
    assert wilson(1, 1) < wilson(95, 100)
    assert wilson(0, 0) == 0
    assert 0 <= wilson(0, 5) < wilson(5, 5) < 1
    assert wilson(90, 100) == pytest.approx(0.8256, abs=1e-4)
    assert places([0.5, 0.9, 0.5]) == [2, 1, 2]

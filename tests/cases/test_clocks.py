"""The limits of cases: what they promise, and what a new holiday notice moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tests.world import MORNING, asked, draft, open_work
from zerotrip.cases import actions
from zerotrip.cases.models import Case, Clock, ClockName
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import announce


def submitted(district, service: str, at: datetime = MORNING) -> Case:
    return actions.submit(draft(service, district.firm, district.applicant), by=district.applicant, at=at)


def accepted(district, service: str, at: datetime = MORNING) -> Case:
    return actions.accept(open_work(submitted(district, service, at))[0], by=district.clerk, at=at)


def clock(case: Case, name: ClockName) -> Clock:
    return Clock.objects.get(case=case, name=name)


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("service", "promised", "stages"),
    [
        # Accepted on Tuesday 3 March at 09:30; seven office hours a day, 08:30–12:00 and 13:30–17:00.
        ("investment-filing", "03-03 14:30", {"03-03 14:30"}),
        ("construction-permit", "03-04 17:00", {"03-03 14:30"}),
        ("pesticide-change", "03-03 14:30", {"03-03 11:30"}),
    ],
)
def test_each_service_keeps_what_it_promises(district, service, promised, stages):
    case = accepted(district, service)
    assert local(clock(case, ClockName.PROMISED).due_at) == promised == local(case.due_at)
    assert {local(work.due_at) for work in open_work(case)} == stages


def close(*days: int) -> None:
    """A notice for 2026 that closes these days of March and nothing else."""
    announce(
        2026,
        off={date(2026, 3, day): "测试假" for day in days},
        worked={},
        source="测试通知",
        by=SYSTEM,
        at=MORNING,
    )


def test_a_new_notice_moves_open_cases_and_leaves_closed_ones(district):
    running = submitted(district, "investment-filing")
    ended = actions.withdraw(submitted(district, "pesticide-change"), by=district.applicant, at=MORNING)
    before, fixed = clock(running, ClockName.NOTICE).due_at, clock(ended, ClockName.NOTICE).due_at
    close(5, 6)
    moved = actions.recompute(by=SYSTEM, at=MORNING + timedelta(hours=1), reason="测试通知")
    running.refresh_from_db()
    after = clock(running, ClockName.NOTICE).due_at
    assert (after.date() - before.date()).days == 2  # Tuesday the 10th to Thursday the 12th
    assert running.due_at == after == open_work(running)[0].due_at
    assert [(change.case, change.clock) for change in moved] == [(running.number, "notice")]
    last = list(history(running.pk))[-1]
    assert (last.action, last.reason) == ("recompute", "测试通知")
    assert last.details["moved"] == [["notice", before.isoformat(), after.isoformat()]]
    assert first_break(running) is None
    assert clock(ended, ClockName.NOTICE).due_at == fixed
    assert [entry.action for entry in history(ended.pk)][-1] == "withdraw"


def test_a_notice_that_moves_nothing_is_no_step(district):
    case = submitted(district, "investment-filing")
    announced = len(history(case.pk))
    assert actions.recompute(by=SYSTEM, at=MORNING, reason="没有变化") == []
    assert len(history(case.pk)) == announced


def test_a_case_goes_with_its_promise_where_the_statutory_limit_was_where_the_promise_now_is(district):
    case = accepted(district, "construction-permit")
    statutory = clock(case, ClockName.STATUTORY)
    assert local(statutory.due_at) == "03-06 17:00"
    close(4, 5)
    actions.recompute(by=SYSTEM, at=MORNING, reason="测试通知")
    case.refresh_from_db()
    assert local(case.due_at) == local(clock(case, ClockName.PROMISED).due_at) == "03-06 17:00"
    assert local(clock(case, ClockName.STATUTORY).due_at) == "03-10 17:00"


def test_a_stage_with_a_limit_of_its_own_moves_too(district):
    late = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)  # 16:30: half a day reaches into the morning after
    case = accepted(district, "construction-permit", late)
    assert {local(work.due_at) for work in open_work(case)} == {"03-04 11:30"}
    close(4)
    moved = actions.recompute(by=SYSTEM, at=late, reason="测试通知")
    assert {local(work.due_at) for work in open_work(case)} == {"03-05 11:30"}
    assert {"housing-review", "fire-review", "civil-defence-review"} < {change.clock for change in moved}


def test_a_corrected_case_is_due_anew_and_its_work_with_it(district):
    case = submitted(district, "investment-filing")
    (work,) = open_work(case)
    actions.request_correction(work, items={"project_name": "请核对"}, by=district.clerk, at=MORNING)
    (work,) = open_work(case)
    assert (work.waiting, work.due_at) == (True, None)
    later = MORNING + timedelta(days=14)
    case = actions.correct(case, by=district.applicant, at=later, keep=asked(case))
    (work,) = open_work(case)
    assert work.due_at == case.due_at > later


def test_a_limit_that_reaches_into_a_year_without_a_notice_is_provisional(district):
    december = datetime(2026, 12, 30, 2, tzinfo=UTC)
    case = submitted(district, "investment-filing", december)
    assert clock(case, ClockName.NOTICE).provisional
    holiday = {date(2027, 1, 1): "元旦"}
    announce(2027, off=holiday, worked={}, source="测试通知", by=SYSTEM, at=december)
    actions.recompute(by=SYSTEM, at=december, reason="测试通知")
    assert not clock(case, ClockName.NOTICE).provisional

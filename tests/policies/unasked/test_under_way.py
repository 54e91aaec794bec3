"""Runs and lists while the worker is at them: how far they are, given up, killed, taken up again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.policies.unasked.conftest import AT, POLICY, after_notice, announced
from zerotrip.errors import Stale
from zerotrip.policies import tasks
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions import drafting, paying
from zerotrip.policies.unasked.models import Grant, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(firms, firm_of, district, monkeypatch):
    """A run over seven enterprises, two of them in a part."""
    for serial in range(980, 983):
        firm_of(f"示范{serial}有限公司", serial)
    monkeypatch.setattr(drafting, "PART", 2)
    return actions.draft(POLICY, by=district.clerk, at=AT, key=uuid4())


@pytest.fixture
def closed(firms, pack, district, monkeypatch):
    """A run of which two enterprises are to be paid, one in a batch."""
    pack.policy(unasked={"consent": "silence"})
    run = announced(district.clerk)
    actions.close(run.pk, by=district.clerk, at=after_notice(run))
    monkeypatch.setattr(paying, "BATCH", 1)
    run.refresh_from_db()
    return run


def test_a_run_says_how_far_it_is(begun):
    assert (begun.to_look, begun.looked, begun.listed_at) == (7, 0, None)
    assert drafting._look_further(begun.pk, at=AT)
    begun.refresh_from_db()
    assert (begun.looked, begun.listed_at) == (2, None)
    run = actions.go_on(begun.pk, at=AT)
    assert (run.looked, run.listed_at, run.ready_at) == (7, AT, AT)
    assert run.unknown == {"count": 1, "facts": {"blacklisted": 1}}
    assert Grant.objects.filter(run=run).count() == 5


@pytest.mark.parametrize("deadly", range(1, 5))
def test_killed_at_any_part_it_goes_on_and_everybody_stands_in_it_once(begun, monkeypatch, deadly):
    passed, real = [], drafting._who

    def dying(*part):
        real(*part)
        passed.append(part)
        if len(passed) == deadly:
            raise KeyboardInterrupt

    monkeypatch.setattr(drafting, "_who", dying)
    with pytest.raises(KeyboardInterrupt):
        actions.go_on(begun.pk, at=AT)
    run = actions.go_on(begun.pk, at=AT)
    assert (run.looked, run.unknown["count"]) == (7, 1)
    parties = Grant.objects.filter(run=run).values_list("party", flat=True)
    assert len(parties) == len(set(parties)) == 5


def test_given_up_while_it_is_drafted_nobody_has_anything_of_it(begun, district):
    drafting._look_further(begun.pk, at=AT)
    actions.abandon(begun.pk, reason="选错了政策", by=district.clerk, at=AT)
    run = actions.go_on(begun.pk, at=AT)
    assert (run.status, run.looked, run.ready_at) == ("abandoned", 2, None)
    assert not Grant.objects.live().exists()


def test_a_policy_that_can_not_be_asked_any_more_ends_the_run_and_says_why(begun, monkeypatch):
    monkeypatch.setattr(drafting, "parsed", lambda *_asked: None)
    run = actions.go_on(begun.pk, at=AT)
    assert run.status == "abandoned"
    assert "已经不在事实表里" in run.reason


def test_a_list_says_how_far_it_is(closed, district):
    payment = actions.make_list(closed.pk, by=district.clerk, at=closed.closed_at, key=uuid4())
    assert (payment.to_check, payment.checked) == (2, 0)
    paying._check_some(payment.pk)
    payment.refresh_from_db()
    assert (payment.checked, payment.ready_at) == (1, None)
    done = actions.check_list(payment.pk, at=closed.closed_at)
    assert (done.checked, done.count) == (2, 2)


def test_a_list_given_up_while_it_is_made_leaves_everybody_to_the_next(closed, district):
    at = closed.closed_at
    payment = actions.make_list(closed.pk, by=district.clerk, at=at, key=uuid4())
    paying._check_some(payment.pk)
    actions.send_back(payment.pk, reason="", by=district.clerk, at=at)
    given_up = actions.check_list(payment.pk, at=at)
    assert (given_up.ready_at, given_up.reason) == (None, "编制时放弃")
    with pytest.raises(Stale):
        actions.send_back(payment.pk, reason="再退", by=district.clerk, at=at)
    again = actions.make_list(closed.pk, by=district.clerk, at=at, key=uuid4())
    assert actions.check_list(again.pk, at=at).count == 2


def test_a_list_whose_policy_can_not_be_asked_any_more_is_sent_back_and_says_why(closed, district, monkeypatch):
    payment = actions.make_list(closed.pk, by=district.clerk, at=closed.closed_at, key=uuid4())
    monkeypatch.setattr(paying, "parsed", lambda *_asked: None)
    sent_back = actions.check_list(payment.pk, at=closed.closed_at)
    assert sent_back.sent_back_at == closed.closed_at
    assert "已经不在事实表里" in sent_back.reason


def test_what_nobody_is_at_is_queued_again_once_and_under_its_lock(begun):
    ProcrastinateJob.objects.filter(task_name="policies.work_out").delete()
    for _minute in range(2):
        tasks.sweep(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name="policies.work_out")
    assert job.lock == f"policies.run:{begun.pk}"
    tasks.work_out(**job.args)
    assert Run.objects.get(pk=begun.pk).ready_at is not None

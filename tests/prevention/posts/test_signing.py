"""Signing on and off by the code of the post, swaps, gaps named a day before, and what goes with an event."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.posts import duty
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import User
from zerotrip.prevention.events import purging
from zerotrip.prevention.models import Plan, Shift, Swap, WorkerKind
from zerotrip.prevention.posts import actions, queries
from zerotrip.prevention.posts.codes import STEP, code_of, is_good
from zerotrip.prevention.posts.rules import minutes_late
from zerotrip.prevention.posts.spec import rules

pytestmark = pytest.mark.django_db
NOW = world.MORNING
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ready(district):
    declared(district, days=3)
    return district


@pytest.fixture
def plan(ready):
    for number in range(4):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    return duty.published(ready, duty.post(ready), days=2)


def code(shift, at):
    return code_of(shift.post.secret, at)


def test_a_code_is_good_for_a_minute_and_the_one_after_and_at_its_post_alone():
    secret, other = b"a" * 20, b"b" * 20
    now = code_of(secret, NOW)
    assert is_good(secret, now, NOW + timedelta(seconds=STEP))
    assert not is_good(secret, now, NOW + timedelta(seconds=2 * STEP))
    assert not is_good(secret, code_of(secret, NOW + timedelta(seconds=STEP)), NOW)
    assert not is_good(other, now, NOW)
    assert len(now) == 6


def test_who_stands_there_signs_on_and_off_and_the_time_within_the_shift_is_credited(plan):
    shift = duty.first_shift(plan)
    by = duty.owner(shift)
    early, on, off = shift.starts_at - 61 * MINUTE, shift.starts_at - 5 * MINUTE, shift.ends_at + 30 * MINUTE
    with pytest.raises(Refused, match="60"):
        actions.sign_on(shift.pk, code=code(shift, early), by=by, at=early)
    with pytest.raises(Invalid) as refused:
        actions.sign_on(shift.pk, code="000000", by=by, at=on)
    assert set(refused.value.problems) == {"code"}
    for _time in range(2):
        actions.sign_on(shift.pk, code=code(shift, on), by=by, at=on)
    for _time in range(2):
        actions.sign_off(shift.pk, code=code(shift, off), by=by, at=off)
    shift.refresh_from_db()
    assert (shift.signed_on_at, shift.signed_off_at, shift.credited) == (on, off, 480)
    assert minutes_late(shift, rules()) == 0
    assert queries.credited(shift.worker) == 480
    assert first_break(shift) is None


def test_nobody_signs_on_for_somebody_else(plan, ready):
    shift = duty.first_shift(plan)
    with pytest.raises(NotFound):
        actions.sign_on(shift.pk, code=code(shift, shift.starts_at), by=ready.clerk, at=shift.starts_at)


def test_who_comes_late_is_late_and_only_the_time_there_counts(plan):
    shift = duty.first_shift(plan)
    by, on = duty.owner(shift), shift.starts_at + 20 * MINUTE
    shift = actions.sign_on(shift.pk, code=code(shift, on), by=by, at=on)
    assert minutes_late(shift, rules()) == 20
    off = shift.ends_at - 60 * MINUTE
    assert actions.sign_off(shift.pk, code=code(shift, off), by=by, at=off).credited == 400
    with pytest.raises(NotFound):
        actions.sign_off(plan.pk, code="", by=by, at=off)


def test_who_is_not_there_is_named_to_the_lead_once(plan, ready):
    shift = duty.first_shift(plan)
    lead = User.objects.get(pk=ready.clerk.user_id)
    assert actions.name_absent(at=shift.starts_at + 29 * MINUTE) == 0
    assert actions.name_absent(at=shift.starts_at + 30 * MINUTE) == 1
    assert actions.name_absent(at=shift.starts_at + 40 * MINUTE) == 0
    world.tell_queued()
    notice = Notice.objects.get(user=lead, template="post_missed")
    assert notice.context["who"] == shift.worker.person.name


def test_the_lead_enters_by_hand_who_has_no_phone_and_says_why(plan, ready):
    shift = duty.first_shift(plan)
    at = shift.ends_at + 60 * MINUTE
    told = {"on": shift.starts_at, "off": shift.ends_at}
    with pytest.raises(Invalid) as refused:
        actions.enter_by_hand(shift.pk, **told, reason="", by=ready.clerk, at=at)
    assert set(refused.value.problems) == {"reason"}
    with pytest.raises(NotAllowed):
        actions.enter_by_hand(shift.pk, **told, reason="虚构：没有手机", by=ready.supervisor, at=at)
    assert actions.enter_by_hand(shift.pk, **told, reason="虚构：没有手机", by=ready.clerk, at=at).credited == 480
    with pytest.raises(Invalid) as refused:
        actions.enter_by_hand(shift.pk, on=at + MINUTE, off=shift.starts_at, reason="虚构", by=ready.clerk, at=at)
    assert set(refused.value.problems) == {"on", "off"}


def test_nobody_enters_their_own_hours_by_hand(ready):
    worker, user = duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.published(ready, duty.post(ready, lead=user.pk, turns=((8, 8, 1),), gaps_meant=True), days=1)
    shift = duty.first_shift(plan)
    told = {"on": shift.starts_at, "off": shift.ends_at, "reason": "虚构", "at": shift.ends_at + 60 * MINUTE}
    with pytest.raises(NotAllowed, match="自己"):
        actions.enter_by_hand(shift.pk, **told, by=world.acting(user, at=told["at"]))
    assert queries.credited(worker) == 0
    assert actions.enter_by_hand(shift.pk, **told, by=ready.clerk).credited == 480


def two(plan):
    """Two shifts of two people on different days that can be swapped without breaking a rule, if there are."""
    shifts = list(plan.shifts.standing().select_related("worker__person", "post"))
    return shifts[0], next(one for one in shifts[1:] if one.worker_id != shifts[0].worker_id)


def test_two_agree_and_their_shifts_change_hands_at_once(ready):
    for number in range(2):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    mine, theirs = two(duty.published(ready, duty.post(ready, turns=((8, 8, 1),), gaps_meant=True), days=2))
    swap = actions.ask_swap(
        mine.pk, other=theirs.worker_id, returned=theirs.pk, reason="虚构", by=duty.owner(mine, at=NOW), at=NOW
    )
    with pytest.raises(NotFound):
        actions.agree(swap.pk, by=duty.owner(mine, at=NOW), at=NOW)
    asked = history(mine.pk).get(action="ask-swap")
    assert asked.details == {"other": str(theirs.worker_id)}, "the journal outlives names"
    other = duty.owner(theirs, at=NOW)
    for _time in range(2):
        assert actions.agree(swap.pk, by=other, at=NOW).done
    assert Shift.objects.get(pk=mine.pk).worker_id == theirs.worker_id
    assert Shift.objects.get(pk=theirs.pk).worker_id == mine.worker_id


def test_two_who_stand_at_the_same_time_swap_their_posts(ready):
    posts = [duty.post(ready, name, turns=((8, 8, 1),), gaps_meant=True) for name in ("虚构东门", "虚构西门")]
    for number in range(2):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    mine, theirs = two(duty.published(ready, *posts, days=1))
    swap = actions.ask_swap(
        mine.pk, other=theirs.worker_id, returned=theirs.pk, reason="", by=duty.owner(mine, at=NOW), at=NOW
    )
    assert actions.agree(swap.pk, by=duty.owner(theirs, at=NOW), at=NOW).done
    assert Shift.objects.get(pk=mine.pk).worker_id == theirs.worker_id
    assert Shift.objects.get(pk=theirs.pk).worker_id == mine.worker_id


def test_a_stand_in_who_would_break_a_rule_waits_for_the_lead_who_says_why(ready):
    post = duty.post(ready, turns=((7, 8, 1), (15, 8, 1)), gaps_meant=True)
    for number in range(2):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    mine, theirs = two(duty.published(ready, post, days=1))
    swap = actions.ask_swap(mine.pk, other=theirs.worker_id, returned=None, reason="", by=duty.owner(mine), at=NOW)
    with pytest.raises(Refused):
        actions.confirm(swap.pk, reason="虚构", by=ready.clerk, at=NOW)
    swap = actions.agree(swap.pk, by=duty.owner(theirs), at=NOW)
    assert (swap.done, swap.settled_at) == (False, None)
    assert actions.words_against([swap]) == ["当天已有一个班"]
    with pytest.raises(Invalid):
        actions.confirm(swap.pk, reason="", by=ready.clerk, at=NOW)
    with pytest.raises((NotAllowed, NotFound)):
        actions.confirm(swap.pk, reason="虚构", by=duty.owner(theirs), at=NOW)
    swap = actions.confirm(swap.pk, reason="虚构：没有别人", by=ready.clerk, at=NOW)
    assert swap.done
    shift = Shift.objects.get(pk=mine.pk)
    assert (shift.worker_id, shift.override) == (theirs.worker_id, "虚构：没有别人")


def test_a_swap_that_is_refused_changes_nothing_and_another_may_be_asked(plan):
    mine, theirs = two(plan)
    by = duty.owner(mine, at=NOW)
    swap = actions.ask_swap(mine.pk, other=theirs.worker_id, returned=None, reason="", by=by, at=NOW)
    with pytest.raises(Refused):
        actions.ask_swap(mine.pk, other=theirs.worker_id, returned=None, reason="", by=by, at=NOW)
    actions.refuse(swap.pk, by=duty.owner(theirs, at=NOW), at=NOW)
    assert Shift.objects.get(pk=mine.pk).worker_id == mine.worker_id
    actions.ask_swap(mine.pk, other=theirs.worker_id, returned=None, reason="", by=by, at=NOW)
    assert Swap.objects.count() == 2


def test_who_has_shifts_to_come_does_not_leave_before_somebody_else_has_them(plan, ready):
    shift = duty.first_shift(plan)
    with pytest.raises(Refused):
        actions.leave(shift.worker_id, reason="", by=duty.owner(shift, at=NOW), at=NOW)


def test_who_stood_where_goes_with_the_event_and_what_is_credited_stays(plan, ready):
    from zerotrip.prevention.models import Event

    shift = duty.first_shift(plan)
    told = {"on": shift.starts_at, "off": shift.ends_at}
    actions.enter_by_hand(shift.pk, **told, reason="虚构", by=ready.clerk, at=shift.ends_at + 60 * MINUTE)
    worker, count = shift.worker, plan.shifts.count()
    gone = purging.purge(Event.objects.get().pk, at=NOW + timedelta(days=34))
    assert gone is not None
    assert gone["shifts"] == count
    assert not Shift.objects.exists()
    assert not Plan.objects.exists()
    worker.refresh_from_db()
    assert queries.credited(worker) == 480

"""What nobody covers is told a day before, ends when it is filled, and is told again when it comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.posts import duty
from zerotrip.channels.models import Notice
from zerotrip.ids import new_id
from zerotrip.prevention.models import Gap, Shift, WorkerKind
from zerotrip.prevention.posts import actions

pytestmark = pytest.mark.django_db
NOW = world.MORNING
HOUR = timedelta(hours=1)
EVENING = NOW + 14 * HOUR
"""23:30 in China, the day before ``duty.TOMORROW``."""
MORNING = {"turns": ((8, 8, 1),), "gaps_meant": True}
"""One person from eight to four."""


@pytest.fixture
def ready(district):
    declared(district, days=3)
    return district


def told(template: str = "post_gap") -> int:
    """How many notices the lead got."""
    world.tell_queued()
    return Notice.objects.filter(template=template).count()


def given(ready, plan, worker, at=NOW) -> Shift:
    """Somebody put by hand on the first turn of a plan."""
    slot = duty.gaps_of(plan)[0].slot
    return actions.give(
        plan.pk,
        post=slot.post,
        starts_at=slot.starts_at,
        worker=worker.pk,
        reason="虚构：没有别人",
        by=ready.clerk,
        at=at,
        key=new_id(),
    )


def test_what_is_not_staffed_is_told_a_day_before_and_once(ready):
    duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    duty.published(ready, duty.post(ready), days=2)
    assert actions.flag_gaps(at=EVENING) == 3, (
        "of the turn under way and the three of the next 24 hours one is staffed"
    )
    assert actions.flag_gaps(at=EVENING) == 0
    assert actions.flag_gaps(at=EVENING + 24 * HOUR) >= 1
    assert told() == Gap.objects.count()


def test_a_post_nobody_planned_is_not_covered(ready):
    duty.post(ready)
    assert actions.flag_gaps(at=NOW) == 4, "the turn under way and the three of the next 24 hours"
    assert told() == 4


def test_a_post_that_is_closed_or_not_asked_for_any_more_has_no_gaps(ready):
    post = duty.post(ready)
    actions.flag_gaps(at=NOW)
    actions.close_post(post.pk, reason="虚构", by=ready.clerk, at=NOW)
    assert actions.flag_gaps(at=NOW) == 0
    assert not Gap.objects.exists()
    duty.post(ready, "虚构西门")
    assert actions.flag_gaps(at=NOW + 3 * 24 * HOUR) == 0, "the event was of three days"


def test_whoever_is_only_on_a_draft_covers_nothing(ready):
    duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.planned(ready, duty.post(ready, **MORNING), days=1)
    assert plan.shifts.count() == 1
    assert actions.flag_gaps(at=EVENING) == 1
    actions.publish(plan.pk, by=ready.clerk, at=EVENING)
    assert not Gap.objects.exists()
    assert actions.flag_gaps(at=EVENING) == 0


def test_the_draft_of_another_plan_staffs_nothing_in_this_one(ready):
    post = duty.post(ready, **MORNING)
    first = duty.planned(ready, post, days=1)
    duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    other = duty.planned(ready, post, days=1)
    assert (len(duty.gaps_of(first)), duty.gaps_of(other)) == (1, [])
    actions.publish(other.pk, by=ready.clerk, at=NOW)
    assert duty.gaps_of(first) == []


def test_a_gap_ends_when_it_is_filled_and_is_told_again_when_it_comes_back(ready):
    people = [duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)[0] for number in range(2)]
    plan = duty.published(ready, duty.post(ready, **MORNING), days=1)
    shift = duty.first_shift(plan)
    actions.take(shift.pk, reason="虚构", by=ready.clerk, at=NOW)
    assert actions.flag_gaps(at=EVENING) == 1
    filled = given(ready, plan, people[0], at=EVENING)
    assert not Gap.objects.exists()
    assert actions.flag_gaps(at=EVENING) == 0
    late = shift.starts_at - 5 * HOUR
    actions.take(filled.pk, reason="虚构", by=ready.clerk, at=late)
    assert actions.flag_gaps(at=late) == 1
    assert actions.flag_gaps(at=late + HOUR) == 0
    assert told() == 2


def test_a_turn_that_began_without_anybody_is_filled_all_the_same(ready):
    worker, _user = duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.published(ready, duty.post(ready, **MORNING), days=1)
    shift = duty.first_shift(plan)
    begun = shift.starts_at + HOUR
    actions.take(shift.pk, reason="虚构", by=ready.clerk, at=begun)
    assert actions.flag_gaps(at=begun) == 2, "it, and that of the next day, which nobody planned"
    given(ready, plan, worker, at=begun)
    assert [gap.starts_at for gap in Gap.objects.all()] == [shift.starts_at + 24 * HOUR]


def test_who_is_missing_after_a_skill_was_is_told_and_fewer_missing_are_not(ready):
    post = duty.post(ready, turns=((8, 8, 2),), gaps_meant=True)
    for number in range(2):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    plan = duty.published(ready, post, days=1)
    described = duty.described(by=ready.clerk, turns=((8, 8, 2),), gaps_meant=True, skills=("first-aid",))
    actions.put_post(described, area="370199000000", key=post.pk, by=ready.clerk, at=NOW)
    assert actions.flag_gaps(at=EVENING) == 1
    assert (told("post_gap_skill"), told()) == (1, 0)
    for count, shift in enumerate(plan.shifts.standing(), start=1):
        actions.take(shift.pk, reason="虚构", by=ready.clerk, at=EVENING)
        assert actions.flag_gaps(at=EVENING + count * HOUR) == 1
        assert Gap.objects.get().missing == count
    given(ready, plan, shift.worker, at=EVENING + 3 * HOUR)
    assert actions.flag_gaps(at=EVENING + 3 * HOUR) == 0
    assert (Gap.objects.get().missing, told()) == (1, 2)

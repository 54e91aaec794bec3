"""A plan is made by the worker, changed by hand under the same rules, and published once to everybody on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from tests.prevention.emergency import AREA, declared
from tests.prevention.posts import duty
from zerotrip.channels.models import Notice
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.prevention.models import Measure, Plan, PlanStatus, Post, Shift, WorkerKind
from zerotrip.prevention.posts import actions, queries
from zerotrip.prevention.posts.planning import clash

pytestmark = pytest.mark.django_db
NOW = world.MORNING


@pytest.fixture
def ready(district):
    declared(district)
    return district


def test_there_are_no_posts_before_they_are_asked_for(district):
    with pytest.raises(Refused):
        duty.post(district)
    declared(district, Measure.GATES)
    with pytest.raises(Refused):
        actions.enlist(duty.wishes(), area=AREA, key=new_id(), by=district.stranger, at=NOW)


def test_a_post_is_set_up_once_and_by_whoever_works_there(ready):
    key, typed = new_id(), duty.described(by=ready.clerk, skills=("first-aid",))
    for _time in range(2):
        actions.put_post(typed, area=AREA, key=key, by=ready.clerk, at=NOW)
    post = Post.objects.get()
    assert [str(turn) for turn in post.turns.all()] == ["07:00–15:00 ×1", "15:00–23:00 ×1", "23:00–07:00 ×1"]
    assert history(post.pk).count() == 2
    for actor in (ready.supervisor, ready.stranger):
        with pytest.raises((NotAllowed, Invalid)):
            actions.put_post(duty.described("虚构西门", by=ready.clerk), area=AREA, key=new_id(), by=actor, at=NOW)
    assert not Post.objects.visible_to(ready.stranger).exists()


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": " "}, "name"),
        ({"place": ""}, "place"),
        ({"turns": ()}, "turns"),
        ({"turns": ((7, 8, 1), (15, 8, 1))}, "turns"),
        ({"turns": ((0, 12, 1), (0, 12, 1))}, "turns"),
        ({"turns": ((0, 13, 1), (12, 12, 1))}, "turns"),
        ({"turns": ((0, 12, 0), (12, 12, 1))}, "turns"),
        ({"skills": ("flying",)}, "skills"),
        ({"lead": None}, "lead"),
        ({"site": new_id()}, "site"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_what_is_wrong_with_a_post_is_said_at_its_place(ready, changed, place):
    typed = duty.described(by=ready.clerk, **{"name": "虚构南门", **changed}) if "name" not in changed else None
    typed = typed or duty.described(changed["name"], by=ready.clerk)
    with pytest.raises(Invalid) as refused:
        actions.put_post(typed, area=AREA, key=new_id(), by=ready.clerk, at=NOW)
    assert set(refused.value.problems) == {place}
    assert not Post.objects.exists()


def test_a_post_that_is_not_manned_at_night_says_so(ready):
    post = duty.post(ready, turns=((8, 10, 2),), gaps_meant=True)
    assert post.turns.count() == 1


def test_whoever_enlists_waits_to_be_accepted_and_colleagues_do_not(ready):
    user = world.person("虚构志愿者")
    found = actions.enlist(duty.wishes(), area=AREA, key=new_id(), by=world.acting(user), at=NOW)
    assert actions.enlist(duty.wishes(), area=AREA, key=new_id(), by=world.acting(user), at=NOW) == found
    assert found.accepted_at is None
    with pytest.raises(NotFound):
        actions.accept(found.pk, by=ready.stranger, at=NOW)
    actions.accept(found.pk, by=ready.clerk, at=NOW)
    world.tell_queued()
    assert Notice.objects.filter(user=user, template="post_accepted").count() == 1
    colleague, _user = duty.worker(ready, "虚构同事", kind=WorkerKind.STAFF)
    assert colleague.accepted_at == NOW
    with pytest.raises(Invalid):
        actions.enlist(duty.wishes(WorkerKind.STAFF), area=AREA, key=new_id(), by=ready.stranger, at=NOW)


def test_a_new_skill_is_looked_at_again_before_it_counts(ready):
    found, user = duty.worker(ready, "虚构甲")
    by = world.acting(user)
    assert actions.change_worker(found.pk, duty.wishes(no_nights=True), by=by, at=NOW).accepted_at is not None
    assert actions.change_worker(found.pk, duty.wishes(skills=("traffic",)), by=by, at=NOW).accepted_at is None


def test_the_worker_makes_the_plan_and_nobody_is_told_before_it_is_published(ready):
    post = duty.post(ready)
    users = [duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)[1] for number in range(5)]
    plan = duty.asked(ready, post)
    assert (plan.status, plan.shifts.count()) == (PlanStatus.ASKED, 0)
    seen: list[int] = []
    made = actions.solve_plan(plan.pk, at=NOW, work=2, progress=seen.append)
    assert (made.status, made.shifts.count(), made.proven) == (PlanStatus.DRAFTED, 6, True)
    assert seen == sorted(seen)
    assert seen[-1] < 100
    assert actions.solve_plan(plan.pk, at=NOW) is None, "made once"
    assert not Shift.objects.visible_to(world.acting(users[0])).exists()
    for _time in range(2):
        actions.publish(plan.pk, by=ready.clerk, at=NOW)
    world.tell_queued()
    told = Notice.objects.filter(template="post_shifts")
    assert told.count() == len({shift.worker_id for shift in made.shifts.all()})
    assert sum(notice.context["count"] for notice in told) == 6
    assert [entry.action for entry in history(plan.pk)] == ["ask", "make", "publish"]
    assert first_break(Plan.objects.get(pk=plan.pk)) is None


def test_a_plan_without_enough_people_names_every_hour_and_why(ready):
    post = duty.post(ready, skills=("first-aid",))
    duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.planned(ready, post, days=1)
    gaps = duty.gaps_of(plan)
    assert len(gaps) == 3
    assert sum(gap.missing for gap in gaps) == 2
    assert all(gap.skills == ("first-aid",) for gap in gaps)
    assert all(gap.reasons == {} for gap in gaps), "nobody has the skill"


def test_what_another_plan_gave_is_kept_and_a_turn_is_not_staffed_twice(ready):
    east = duty.post(ready)
    for number in range(4):
        duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)
    duty.published(ready, east, days=1)
    again = duty.planned(ready, east, days=1)
    assert again.shifts.count() == 0
    west = duty.post(ready, "虚构西门", turns=((7, 8, 4),), gaps_meant=True)
    beside = duty.planned(ready, west, days=1)
    assert beside.shifts.count() == 1, "three of the four stand at the other post that day"


def give(district, plan, slot, worker, **extra):
    return actions.give(
        plan.pk,
        **{
            **{"post": slot.post, "starts_at": slot.starts_at, "worker": worker.pk, "reason": "", "key": new_id()},
            **{"by": district.clerk, "at": NOW},
            **extra,
        },
    )


def test_a_change_by_hand_is_held_to_the_rules_unless_a_reason_sets_them_aside(ready):
    post = duty.post(ready)
    worker, user = duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.published(ready, post, days=1)
    taken = duty.first_shift(plan)
    free = [gap.slot for gap in duty.gaps_of(plan)]
    with pytest.raises(Invalid) as refused:
        give(ready, plan, free[0], worker)
    assert set(refused.value.problems) == {"reason"}
    key = new_id()
    for _time in range(2):
        shift = give(ready, plan, free[0], worker, reason="虚构：没有别人", key=key)
    assert (shift.override, plan.shifts.count()) == ("虚构：没有别人", 2)
    world.tell_queued()
    assert Notice.objects.filter(user=user, template="post_shift_given").count() == 1
    with pytest.raises(Invalid):
        actions.take(taken.pk, reason="", by=ready.clerk, at=NOW)
    for _time in range(2):
        actions.take(taken.pk, reason="虚构：病了", by=ready.clerk, at=NOW)
    world.tell_queued()
    assert Notice.objects.filter(user=user, template="post_shift_taken").count() == 1
    assert plan.shifts.standing().count() == 1


def test_no_reason_puts_anybody_at_two_posts_at_a_time(ready):
    posts = [duty.post(ready, name, turns=((8, 8, 1),), gaps_meant=True) for name in ("虚构东门", "虚构西门")]
    worker, _user = duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.planned(ready, *posts, days=1)
    (gap,) = duty.gaps_of(plan)
    with pytest.raises(Refused):
        give(ready, plan, gap.slot, worker, reason="虚构：必须")


def test_a_draft_is_dropped_and_its_people_are_free(ready):
    post = duty.post(ready)
    duty.worker(ready, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.planned(ready, post, days=1)
    for _time in range(2):
        actions.drop_plan(plan.pk, by=ready.clerk, at=NOW)
    assert duty.planned(ready, post, days=1).shifts.count() == 1
    with pytest.raises(Refused):
        actions.publish(plan.pk, by=ready.clerk, at=NOW)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 11), st.booleans()), max_size=14))
def test_however_a_plan_is_changed_by_hand_it_keeps_the_rules(ready, steps):
    """Whatever is tried without a reason, nobody has two shifts a day or less than ten hours between two."""
    with transaction.atomic():
        posts = [duty.post(ready, f"虚构{name}", turns=((7, 8, 1), (15, 8, 1), (23, 8, 1))) for name in "甲乙"]
        workers = [duty.worker(ready, f"虚构{number}", kind=WorkerKind.STAFF)[0] for number in range(3)]
        plan = duty.asked(ready, *posts)
        Plan.objects.filter(pk=plan.pk).update(status=PlanStatus.DRAFTED)
        slots = queries.slots(list(plan.posts.prefetch_related("turns")), plan.starts_on, plan.ends_on)
        for who, where, put in steps:
            shifts = list(plan.shifts.standing())
            if put:
                try:
                    give(ready, plan, slots[where], workers[who])
                except (Refused, Invalid):
                    continue
            elif shifts:
                actions.take(shifts[where % len(shifts)].pk, reason="", by=ready.clerk, at=NOW)
        for worker in workers:
            theirs = [(one.starts_at, one.ends_at) for one in worker.shifts.standing()]
            assert not any(
                clash(one, other, timedelta(hours=10))
                for place, one in enumerate(theirs)
                for other in theirs[:place]
            )
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_who_give_one_person_a_shift_at_once_do_not_both_succeed(district):
    """Two real connections: the second waits for the first, and the database refuses it."""
    declared(district)
    posts = [duty.post(district, name, turns=((8, 8, 1),), gaps_meant=True) for name in ("虚构东门", "虚构西门")]
    worker, _user = duty.worker(district, "虚构甲", kind=WorkerKind.STAFF)
    plan = duty.asked(district, *posts, days=1)
    slots = queries.slots(list(plan.posts.prefetch_related("turns")), plan.starts_on, plan.ends_on)
    rows = [
        Shift(
            pk=new_id(), plan=plan, post_id=slot.post, worker=worker, area_path=plan.area_path, during=slot.stretch
        )
        for slot in slots
    ]
    second = connections.create_connection("default")
    connections["second"] = second
    try:
        with transaction.atomic():
            rows[0].save(force_insert=True)
            with second.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
                with pytest.raises(Exception, match="lock timeout"):
                    _insert(cursor, rows[1])
        with second.cursor() as cursor, pytest.raises(IntegrityError, match="nobody_stands_at_two_posts"):
            _insert(cursor, rows[1])
    finally:
        second.close()
        del connections["second"]
    assert worker.shifts.count() == 1


def _insert(cursor, shift):
    names = "id, plan_id, post_id, worker_id, area_path, during, override, credited, ledger_length, ledger_head"
    cursor.execute(
        f"INSERT INTO {Shift._meta.db_table} ({names})"
        " VALUES (%s, %s, %s, %s, %s, tstzrange(%s, %s), '', 0, 0, '')",
        [shift.pk, shift.plan_id, shift.post_id, shift.worker_id, shift.area_path, *shift.during],
    )


def test_swapping_is_one_statement_the_constraint_allows():
    """The constraint is asked at the end of a statement: the table says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT condeferrable FROM pg_constraint WHERE conname = 'nobody_stands_at_two_posts'")
        assert cursor.fetchone() == (True,)

"""Posts, people and plans for tests: fictitious, and made by the actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests import world
from tests.prevention.emergency import AREA
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.parties.models import User
from zerotrip.prevention.models import Plan, Post, Shift, Swap, Worker, WorkerKind
from zerotrip.prevention.posts import actions, queries
from zerotrip.prevention.posts.actions.people import Wishes
from zerotrip.prevention.posts.planning import Rules, Uncovered, uncovered

if TYPE_CHECKING:
    from tests.district import District

TOMORROW = date(2026, 3, 4)
THREE = ((7, 8, 1), (15, 8, 1), (23, 8, 1))
"""Day and night with one person."""


def described(name: str = "虚构东门", *, by: Actor, **extra) -> actions.Described:
    """A post as it is typed in."""
    typed = {"place": "虚构路一号", "outside": False, "skills": (), "turns": THREE, "lead": by.user_id}
    return actions.Described(name=name, **{**typed, **extra})


def post(district: District, name: str = "虚构东门", **extra) -> Post:
    """A post the clerk of the bureau set up, and leads."""
    by = district.clerk
    return actions.put_post(described(name, by=by, **extra), area=AREA, key=new_id(), by=by, at=world.MORNING)


def wishes(kind: str = WorkerKind.VOLUNTEER, **extra) -> Wishes:
    """What somebody brings."""
    return Wishes(**{"kind": kind, "phone": "13900000000", "most_a_week": 5, **extra})


def worker(district: District, name: str, *, kind: str = WorkerKind.VOLUNTEER, **extra) -> tuple[Worker, User]:
    """Somebody who enlisted and was accepted."""
    user = world.person(name)
    if kind == WorkerKind.STAFF:
        found = actions.enlist(
            wishes(kind, **extra),
            area=AREA,
            key=new_id(),
            by=district.clerk,
            at=world.MORNING,
            person=user.person_id,
        )
        return found, user
    found = actions.enlist(wishes(kind, **extra), area=AREA, key=new_id(), by=world.acting(user), at=world.MORNING)
    return actions.accept(found.pk, by=district.clerk, at=world.MORNING), user


def asked(district: District, *posts: Post, days: int = 2, first: date = TOMORROW) -> Plan:
    """A plan that is asked for."""
    return actions.ask_plan(
        area=AREA,
        posts=[one.pk for one in posts],
        starts_on=first,
        days=days,
        key=new_id(),
        by=district.clerk,
        at=world.MORNING,
    )


def planned(district: District, *posts: Post, days: int = 2, first: date = TOMORROW) -> Plan:
    """A plan the solver made."""
    plan = actions.solve_plan(asked(district, *posts, days=days, first=first).pk, at=world.MORNING, work=2)
    assert plan is not None
    return plan


def published(district: District, *posts: Post, days: int = 2) -> Plan:
    """A plan everybody was told of."""
    return actions.publish(planned(district, *posts, days=days).pk, by=district.clerk, at=world.MORNING)


def gaps_of(plan: Plan) -> list[Uncovered]:
    """The turns of a plan that are not staffed as they should be."""
    posts = list(plan.posts.prefetch_related("turns"))
    asked = queries.slots(posts, plan.starts_on, plan.ends_on)
    people = queries.hands(plan.area_path, plan.starts_on, plan.ends_on, without=plan.pk)
    return uncovered(asked, people, queries.given_to(asked, queries.told_at(posts, asked, of=plan)), Rules())


def first_shift(plan: Plan) -> Shift:
    """The shift that begins first."""
    found = plan.shifts.standing().select_related("post", "worker__person").first()
    assert found is not None
    return found


def swap_to_decide(shift: Shift, other: Shift) -> Swap:
    """A swap both want, of somebody who would have two shifts on a day: whoever leads the post decides."""
    mine, theirs, at = owner(shift, world.MORNING), owner(other, world.MORNING), world.MORNING
    asked = actions.ask_swap(shift.pk, other=other.worker_id, returned=None, reason="虚构", by=mine, at=at)
    swap = actions.agree(asked.pk, by=theirs, at=at)
    assert actions.words_against([swap]) == ["当天已有一个班"]
    return swap


def owner(shift: Shift, at: datetime | None = None) -> Actor:
    """Whoever has a shift, as they act a little before it."""
    user = User.objects.get(person=shift.worker.person)
    return world.acting(user, at=at or shift.starts_at - timedelta(minutes=10))

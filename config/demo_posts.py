"""The demo's posts and gates: a published plan around today, volunteers, a day of vehicles. All fictitious."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Site

DISTRICT = "370199000000"
LEAD = "leader@demo.test"
VOLUNTEERS = (
    ("13800000001", "pioneer", "虚构科技党支部", ("registration", "traffic")),
    ("13800000002", "volunteer", "", ("first-aid",)),
    ("13800000003", "volunteer", "", ("disinfection",)),
    ("13800000009", "pioneer", "虚构便民商店党支部", ("first-aid", "protection")),
)
"""Phone, in what quality, unit, skills: of the demo's applicants."""
STAFF = ("clerk@demo.test", "review@demo.test", "housing@demo.test", "fire@demo.test", "agriculture@demo.test")
POSTS = (
    ("示范园区东门", "示范园区东门岗亭", False, ("registration",), ((7, 8, 1), (15, 8, 1), (23, 8, 1))),
    ("示范高速出口", "虚构高速示范出口", True, (), ((8, 8, 1),)),
)
VEHICLES = 60
"""Of the story's 1,700 a day: enough to see the lists, little enough to start at once."""
FIRMS, TOWNS = ("示范材料公司", "示范食品公司", "示范快运公司"), ("虚构东市", "虚构西市", "虚构南县")


def load(*, at: datetime) -> None:
    """Posts with a plan of three days from today, and the vehicles of the last fifteen hours."""
    from zerotrip.errors import Refused
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.parties.queries import area_path_of
    from zerotrip.prevention.events.rules import require_in_force
    from zerotrip.prevention.models import Measure, SiteKind
    from zerotrip.workdays.calendar import CHINA

    path, leader = area_path_of(DISTRICT), User.objects.filter(email=LEAD).first()
    if leader is None or not path or not SiteKind.objects.filter(pk="gate").exists():  # another pack was loaded
        return
    lead = actor_for(leader, at=at)
    try:
        for measure in (Measure.POSTS, Measure.GATES):
            require_in_force(measure, path, on=at.astimezone(CHINA).date())
    except Refused:
        _declare(lead, at=at)
    gate = _gate(path, at=at)
    _posts(lead, gate, at=at)
    _vehicles(lead, gate, at=at)


def _declare(lead: Actor, *, at: datetime) -> None:
    from zerotrip.ids import new_id
    from zerotrip.prevention.events.actions import Declared, declare
    from zerotrip.prevention.models import Measure
    from zerotrip.workdays.calendar import CHINA

    first = at.astimezone(CHINA).date() - timedelta(days=7)
    told = Declared("示范值守和卡口防控", "虚构通知〔2026〕2 号", (Measure.POSTS, Measure.GATES), first, None, 30)
    declare(told, area=DISTRICT, department=lead.seats[0].department_id, key=new_id(), by=lead, at=at)


def _gate(path: str, *, at: datetime) -> Site:
    from zerotrip.prevention.models import Site
    from zerotrip.workdays.calendar import CHINA

    found = Site.objects.filter(kind="gate", area_path__startswith=path, closed_on=None).order_by("name").first()
    if found is not None:
        return found
    opened = at.astimezone(CHINA).date() - timedelta(days=30)
    return Site.objects.create(
        kind_id="gate",
        name="示范园区东卡口",
        area_path=path,
        risk="medium",
        address="虚构路 1 号",
        opened_on=opened,
    )


def _posts(lead: Actor, gate: Site, *, at: datetime) -> None:
    from zerotrip.ids import new_id
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.posts import actions
    from zerotrip.prevention.posts.actions.people import Wishes
    from zerotrip.workdays.calendar import CHINA

    posts: list[UUID] = []
    for name, place, outside, skills, turns in POSTS:
        site = None if outside else gate.pk
        told = actions.Described(name, place, outside, skills, turns, lead.account, site, gaps_meant=len(turns) < 3)
        posts.append(actions.put_post(told, area=DISTRICT, key=new_id(), by=lead, at=at).pk)
    for email in STAFF:
        user = User.objects.filter(email=email).first()
        if user is not None:
            wishes = Wishes("staff", "13800009999", skills=("registration",))
            actions.enlist(wishes, key=new_id(), area=DISTRICT, person=user.person_id, by=lead, at=at)
    for phone, kind, unit, brings in VOLUNTEERS:
        user = User.objects.filter(phone=phone).first()
        if user is not None:
            wishes = Wishes(kind, phone, unit, brings, no_nights=True, most_a_week=2)
            worker = actions.enlist(wishes, area=DISTRICT, key=new_id(), by=actor_for(user, at=at), at=at)
            if phone != VOLUNTEERS[2][0]:
                actions.accept(worker.pk, by=lead, at=at)
    first = at.astimezone(CHINA).date()
    plan = actions.ask_plan(posts=posts, starts_on=first, days=3, area=DISTRICT, key=new_id(), by=lead, at=at)
    # Solved here, so that a first visitor sees it; the worker finds it made.
    actions.solve_plan(plan.pk, at=datetime.combine(first, time(), CHINA) - timedelta(hours=1), work=0.5)
    actions.publish(plan.pk, by=lead, at=at)


def _vehicles(lead: Actor, gate: Site, *, at: datetime) -> None:
    from zerotrip.ids import new_id
    from zerotrip.prevention.gates import actions

    goods = ("building", "food", "parcels", "production", "none")
    for number in range(VEHICLES):
        ago = timedelta(minutes=15 * (VEHICLES - number))
        logged = actions.Logged(
            plate=f"鲁{'ABCDE'[number % 5]}{10000 + number * 137 % 90000}",
            driver=f"虚构司机{number % 20 + 1}",
            phone=f"1380000{2000 + number % 20}",
            origin=TOWNS[number % 3],
            goods=goods[number % 5],
            temperature=Decimal("38.1") if number == 7 else Decimal("36.2") + Decimal(number % 6) / 10,
            colour="green",
            to_name=FIRMS[number % 3],
            disinfected=goods[number % 5] == "parcels",
            refused="体温高，劝返并通知社区" if number == 7 else "",
        )
        came = actions.log_in(new_id(), logged, gate=gate.pk, by=lead, at=at, device_at=at - ago, device_now=at)
        if number % 4 and not came.refused and number < VEHICLES - 5:
            actions.log_out(came.pk, by=lead, at=at, device_at=at - ago + timedelta(minutes=12), device_now=at)

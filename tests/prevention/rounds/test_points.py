"""A plan is made of who still owes it, door by door, for the hours each point is open; hands at it take turns."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta

import pytest
from django.db import connections, transaction

from tests.duties.standing.roster import MIDNIGHT
from tests.prevention.rounds.screened import NOON, opened, person, sampled
from tests.prevention.screening.sampling import point
from tests.prevention.test_population import GRID, enrolled, site, somebody
from zerotrip.errors import Invalid, Refused
from zerotrip.prevention.models import GridSlot, Opening, Point, PointPlan
from zerotrip.prevention.rounds import points, queries
from zerotrip.prevention.rounds.planning import Door
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

EIGHT, TWENTY = time(8), time(20)


def planned(row, district, *, at: datetime = MIDNIGHT, opens: time = EIGHT) -> PointPlan:
    return points.plan(row.window_id, opens, TWENTY, by=district.leader, at=at)


def test_it_is_made_of_those_who_still_owe_it_household_by_household(district):
    came, _other = person("甲", household="2-101"), person("乙", household="2-101")
    person("丙", household="10-101"), person("丁")
    enrolled(somebody("戊", phone="13700000001"), "lodger", site=site(), household="301")
    enrolled(somebody("己", phone="13700000002"), "worker", employer=district.firm)
    row = opened(district)
    sampled(row.window, came.pk)
    (grid,) = queries.doors_of(row.window, at=NOON + timedelta(minutes=1))
    assert grid.area_path == GRID
    found = sorted(grid.doors, key=lambda door: door.name)
    names = ["", "10-101", "2-101", "虚构宿舍 301", district.firm.name]
    assert found == [Door(name, 1, whole=name == district.firm.name) for name in sorted(names)]


def test_a_point_is_sent_people_within_its_own_hours(district):
    person("甲")
    row, place = opened(district, at=MIDNIGHT), point()
    held = Point.objects.create(site=place, windows=2)
    Opening.objects.create(point=held, weekday=MIDNIGHT.weekday(), opens=time(14), closes=time(16))
    planned(row, district)
    assert GridSlot.objects.get().starts == datetime.combine(MIDNIGHT.date(), time(14), CHINA)
    held.openings.update(weekday=(MIDNIGHT.weekday() + 1) % 7)
    with pytest.raises(Invalid) as refused:
        planned(row, district)
    assert "没有采样点开门" in refused.value.problems["closes"][0]


def test_it_says_what_a_point_lacks_and_when_a_door_is_to_come(district):
    for number in range(12):
        for one in range(10):
            person(f"甲{one}", household=f"{number + 1}-101")
    row, place = opened(district, at=MIDNIGHT, ends=MIDNIGHT + timedelta(hours=9)), point()
    Point.objects.create(site=place, samplers=0)
    planned(row, district)
    (slot,) = GridSlot.objects.select_related("plan__window")
    eight = MIDNIGHT + timedelta(hours=8)
    assert points.time_of(slot, "7-101") == eight + timedelta(minutes=30)
    load = points.loads_of(slot.plan, GridSlot.objects.all())[place.pk]
    assert (load.people, load.ends) == (120, slot.ends)
    assert (load.lacking.windows, load.lacking.samplers, load.lacking.late) == (1, 1, True)
    moved = eight + timedelta(hours=4), eight + timedelta(hours=7)
    more = {"by": district.leader, "at": NOON}
    points.put_right(slot.pk, point=place.pk, starts=moved[0], ends=moved[1], **more)
    slot.refresh_from_db()
    assert points.time_of(slot, "7-101") == moved[0] + timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_first_plans_at_once_the_second_replaces_the_first(district):
    person("甲")
    row = opened(district, at=MIDNIGHT)
    point()
    failed: list[Exception] = []

    def plan() -> None:
        try:
            planned(row, district)
        except Exception as error:
            failed.append(error)
        connections.close_all()

    second = threading.Thread(target=plan)
    with transaction.atomic():
        planned(row, district)
        second.start()
        second.join(timeout=2)
        assert second.is_alive(), "it waits"
    second.join(timeout=30)
    assert failed == []
    assert GridSlot.objects.filter(plan=PointPlan.objects.get()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_being_confirmed_is_not_put_right_meanwhile(district):
    person("甲")
    row = opened(district, at=MIDNIGHT)
    place = point()
    planned(row, district)
    slot = GridSlot.objects.get()
    more = {"by": district.leader, "at": NOON}
    refused: list[Exception] = []

    def put_right() -> None:
        try:
            points.put_right(slot.pk, point=place.pk, starts=NOON, ends=NOON + timedelta(hours=1), **more)
        except Refused as refusal:
            refused.append(refusal)
        connections.close_all()

    other = threading.Thread(target=put_right)
    with transaction.atomic():
        points.confirm(row.window_id, confirmed=True, **more)
        other.start()
        other.join(timeout=2)
        assert other.is_alive(), "it waits"
    other.join(timeout=30)
    assert [str(one) for one in refused] == ["安排已经确认，请先撤回确认。"]
    assert GridSlot.objects.get().starts == slot.starts

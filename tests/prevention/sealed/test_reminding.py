"""Carriers are told of stops that are not confirmed in time, and the offices of the area see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.duties.standing.roster import declared, spec
from tests.prevention import emergency
from tests.prevention.sealed.shut import MEALS, NOON, point, sealed
from zerotrip.channels.models import Notice
from zerotrip.duties.models import Due
from zerotrip.duties.standing.turning import turn
from zerotrip.prevention.sealed import actions
from zerotrip.prevention.sealed.reminding import remind

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
END = NOON + 90 * MINUTE
"""13:30 in China, by which lunch is confirmed."""


@pytest.fixture
def area(district):
    """Two points, served by the firm, with lunch under way and a reminder 45 minutes before its end."""
    emergency.declared(district)
    declared(spec("meal-run", **MEALS, remind=[45]))
    found = sealed(district.clerk, point(), point("虚构另一收发点"), carrier=district.firm.uscc)
    turn(at=NOON)
    return found


def told(district, template: str) -> list[int]:
    world.tell_queued()
    rows = Notice.objects.filter(template=template).order_by("user", "at")
    return [row.context["count"] for row in rows]


def confirmed(number: int) -> None:
    for due in Due.objects.filter(kept_at=None)[:number]:
        Due.objects.filter(day=due.day, window=due.window_id, subject=due.subject).update(done=1, kept_at=NOON)


def test_the_carrier_is_told_once_before_the_end_how_many_stops_are_left(district, area):
    assert remind(at=END - 46 * MINUTE) == 0
    confirmed(1)
    assert remind(at=END - 45 * MINUTE) == 1
    assert told(district, "sealed_run_due") == [1]
    assert remind(at=END - 44 * MINUTE) == 0
    assert told(district, "staff_sealed_run_late") == []


def test_once_it_is_over_the_carrier_and_the_offices_are_told_once(district, area):
    assert remind(at=END + MINUTE) == 1
    assert told(district, "sealed_run_late") == [2]
    assert set(told(district, "staff_sealed_run_late")) == {2}
    assert Notice.objects.filter(user=district.clerk.user_id, template="staff_sealed_run_late").count() == 1
    assert remind(at=END + 2 * MINUTE) == 0


def test_the_offices_are_told_where_there_is_no_carrier(district):
    emergency.declared(district)
    declared(spec("meal-run", **MEALS))
    sealed(district.clerk, point())
    turn(at=NOON)
    assert remind(at=END + MINUTE) == 1
    assert set(told(district, "staff_sealed_run_late")) == {1}


def test_nothing_is_said_of_what_was_confirmed_or_is_not_owed_any_more(district, area):
    confirmed(2)
    assert remind(at=END - MINUTE) == remind(at=END + MINUTE) == 0
    Due.objects.update(done=0, kept_at=None)
    actions.lift(area.pk, reason="转为低风险", by=district.clerk, at=NOON + MINUTE)
    assert remind(at=END + MINUTE) == 0


def test_what_was_over_long_ago_is_not_told_of(district, area):
    assert remind(at=END + timedelta(hours=2)) == 0


def test_a_run_of_the_whole_day_is_told_of_after_midnight(district):
    emergency.declared(district)
    declared(spec("waste-run", **{**MEALS, "times": []}))
    sealed(district.clerk, point(), carrier=district.firm.uscc)
    turn(at=NOON)
    midnight = NOON + timedelta(hours=12)
    assert remind(at=midnight + 5 * MINUTE) == 1
    assert told(district, "sealed_run_late") == [1]

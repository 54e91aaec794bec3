"""Prevention lies dormant until it is declared, comes up where it is, and what it held goes by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import world
from tests.prevention.emergency import AREA, declared, typed
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import Role
from zerotrip.parties.paths import around
from zerotrip.prevention.events import actions, purging
from zerotrip.prevention.events.rules import measures_for, require_held, require_in_force
from zerotrip.prevention.models import Event, Measure

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)
STREET, GRID = "/370100000000/370199000000/370199001000/", "/370100000000/370199000000/370199001000/370199001001/"
OTHER = "/370100000000/370199000000/370199002000/"


def test_nothing_is_there_before_an_event(district):
    assert measures_for(district.clerk, on=TODAY) == {}
    with pytest.raises(NotFound):
        require_held(district.clerk, Measure.GATES, on=TODAY)
    with pytest.raises(Refused, match="卡口登记"):
        require_in_force(Measure.GATES, STREET, on=TODAY)


def test_what_is_declared_comes_up_and_nothing_else(district):
    event = declared(district, Measure.GATES, Measure.POSTS)
    assert measures_for(district.clerk, on=TODAY) == {"gates": True, "posts": True}
    assert require_in_force(Measure.GATES, GRID, on=TODAY) == event
    with pytest.raises(Refused):
        require_in_force(Measure.SCREENING, GRID, on=TODAY)


def test_an_event_of_one_street_is_none_of_the_next(district):
    declared(district, area="370199001000")
    require_in_force(Measure.GATES, GRID, on=TODAY)
    with pytest.raises(Refused):
        require_in_force(Measure.GATES, OTHER, on=TODAY)
    here = world.acting(world.staff("here", "subdistrict-office", Role.CLERK, area_path=STREET))
    there = world.acting(world.staff("there", "subdistrict-office", Role.CLERK, area_path=OTHER))
    assert Measure.GATES in measures_for(here, on=TODAY)
    assert Measure.GATES in measures_for(district.clerk, on=TODAY), "the district looks after its streets"
    assert measures_for(there, on=TODAY) == {}
    assert not Event.objects.visible_to(district.applicant).exists()


def test_an_event_that_is_over_can_be_read_and_not_written(district):
    declared(district, Measure.GATES, days=2)
    after = TODAY + timedelta(days=2)
    assert measures_for(district.clerk, on=after) == {"gates": False}
    require_held(district.clerk, Measure.GATES, on=after)
    with pytest.raises(Refused):
        require_in_force(Measure.GATES, STREET, on=after)


def test_an_event_to_come_is_not_there_yet(district):
    office = district.leader.seats[0].department_id
    to_come = replace(typed(), starts_on=TODAY + timedelta(days=1))
    actions.declare(to_come, area=AREA, department=office, key=uuid4(), by=district.leader, at=world.MORNING)
    assert measures_for(district.clerk, on=TODAY) == {}


def test_only_whoever_leads_an_office_declares_and_only_in_its_area(district):
    office = district.clerk.seats[0].department_id
    with pytest.raises(NotAllowed):
        actions.declare(typed(), area=AREA, department=office, key=uuid4(), by=district.clerk, at=world.MORNING)
    with pytest.raises(Invalid) as refused:
        actions.declare(
            typed(), area="370100000000", department=office, key=uuid4(), by=district.leader, at=world.MORNING
        )
    assert set(refused.value.problems) == {"area"}


def test_declared_twice_is_once(district):
    key, office = uuid4(), district.leader.seats[0].department_id
    for _time in range(2):
        actions.declare(typed(), area=AREA, department=office, key=key, by=district.leader, at=world.MORNING)
    assert Event.objects.count() == 1
    assert history(key).count() == 1


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": " "}, "name"),
        ({"basis": ""}, "basis"),
        ({"measures": ()}, "measures"),
        ({"measures": ("gates", "nothing")}, "measures"),
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": TODAY - timedelta(days=31)}, "starts_on"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"keep_days": None}, "keep_days"),
        ({"keep_days": 366}, "keep_days"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_kept(district, changed, place):
    office = district.leader.seats[0].department_id
    with pytest.raises(Invalid) as refused:
        actions.declare(
            replace(typed(), **changed),
            area=AREA,
            department=office,
            key=uuid4(),
            by=district.leader,
            at=world.MORNING,
        )
    assert set(refused.value.problems) == {place}
    assert not Event.objects.exists()


def test_a_change_says_why_and_is_journalled(district):
    event = declared(district)
    ended = replace(typed(Measure.GATES), ends_on=TODAY)
    with pytest.raises(Invalid) as refused:
        actions.change(event.pk, ended, reason=" ", by=district.leader, at=world.MORNING)
    assert set(refused.value.problems) == {"reason"}
    with pytest.raises(NotAllowed):
        actions.change(event.pk, ended, reason="结束", by=district.clerk, at=world.MORNING)
    with pytest.raises(NotFound):
        actions.change(event.pk, ended, reason="结束", by=district.applicant, at=world.MORNING)
    changed = actions.change(event.pk, ended, reason="结束", by=district.leader, at=world.MORNING)
    assert changed.measures == ["gates"]
    assert [entry.reason for entry in history(event.pk)] == ["", "结束"]
    assert first_break(Event.objects.get(pk=event.pk)) is None
    assert measures_for(district.clerk, on=TODAY + timedelta(days=1)) == {"gates": False}


def test_what_an_event_held_goes_when_its_days_are_over_and_once(district, monkeypatch):
    seen: list[purging.Ended] = []
    monkeypatch.setattr(purging, "_PURGES", {})
    purging.register("tests", lambda ended: len(seen.append(ended) or seen))
    event = declared(district, days=2)
    early, late = (world.MORNING + timedelta(days=days) for days in (31, 32))
    assert purging.due(on=early.date()) == []
    assert purging.purge(event.pk, at=early) is None
    assert purging.due(on=late.date()) == [event.pk]
    assert purging.purge(event.pk, at=late) == {"tests": 1}
    assert purging.purge(event.pk, at=late) is None
    assert len(seen) == 1
    assert history(event.pk).last().details == {"tests": 1}
    assert measures_for(district.clerk, on=late.date()) == {}
    with pytest.raises(Refused):
        actions.change(event.pk, typed(), reason="改", by=district.leader, at=late)


def test_an_event_without_a_last_day_is_never_purged(district):
    event = declared(district)
    at = world.MORNING + timedelta(days=4000)
    assert purging.due(on=at.date()) == []
    assert purging.purge(event.pk, at=at) is None


def test_what_is_written_after_the_last_day_of_an_event_goes_with_it(district):
    event = declared(district, days=3)
    ended = purging._ended(event, on=event.purge_on)
    Event.objects.filter(pk=event.pk).update(declared_at=world.MORNING + (event.purge_on - TODAY))
    assert Event.objects.filter(ended.rows(at="declared_at")).count() == 1


def test_what_another_event_still_holds_stays(district):
    """Told with the events themselves as rows: they too have an area and a moment."""
    ended = purging._ended(declared(district, days=3), on=TODAY)
    declared(district, area="370199001000", at=world.MORNING + timedelta(days=1))
    held = purging._ended(Event.objects.get(area_path="/370100000000/370199000000/"), on=TODAY)
    inside = Event.objects.filter(area_path=STREET)
    assert inside.filter(ended.rows(at="declared_at")).count() == 1
    assert inside.filter(held.rows(at="declared_at")).count() == 0
    assert Event.objects.filter(held.rows(at="declared_at")).count() == 1


def test_a_kind_is_purged_one_way(monkeypatch):
    monkeypatch.setattr(purging, "_PURGES", {})
    purging.register("one", len)
    purging.register("one", len)
    with pytest.raises(ImproperlyConfigured):
        purging.register("one", sum)


@pytest.mark.parametrize("number", range(3))
def test_the_areas_around_one_are_those_its_path_names(number):
    codes = ["370100000000", "370199000000", "370199001000"][: number + 1]
    path = "/" + "/".join(codes) + "/"
    assert around(path)[-1] == path
    assert [one.count("/") - 1 for one in around(path)] == list(range(1, number + 2))

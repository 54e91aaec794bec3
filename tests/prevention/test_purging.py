"""People go with the event that brought them, and no table of prevention is forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID, number, row, taken
from zerotrip.prevention.events import purging
from zerotrip.prevention.models import Enrolment, Exclusion, Person, RosterFile, RosterRow

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)
NOT_OF_PEOPLE = {
    "Exporter": "who of the staff may export, for the record",
    "Event": "the event itself: which measures, where, by which office",
    "SiteKind": "what a pack declares",
    "Site": "places: they stay between events, with a contact for work",
    "RosterFile": "counts of a file; its name, its faults and its rows go",
    "ResultFile": "counts of a file of results; of a tube it has the code at most",
    "Item": "what a pack declares",
    "Holder": "where goods lie",
    "Recall": "about goods",
    "Lot": "goods",
    "Balance": "goods",
    "Level": "goods",
    "SupplyRequest": "what a site or an office asks for",
    "GoodsSheet": "counts of a file of goods",
    "Declared": "what a pack declares",
    "Phone": "a browser somebody works in; what it was given lies on it and expires",
    "Taking": "how many people went along for what, without saying who",
    "Draw": "which sites and inspectors were drawn",
    "Inspection": "the state of a place",
    "InspectionItem": "the state of a place",
    "Post": "where somebody has to stand",
    "SealedArea": "that a place was sealed, by whom and why; its doors go",
    "Turn": "how many people a post takes at which hours",
    "Round": "what a round is called, and who opened it",
    "Point": "what a sampling point has, and how many are waiting",
    "Opening": "when a point is open",
    "Tally": "figures",
    "TallyLine": "figures",
    "Worker": "who enlisted, until they leave; of where they stood only the sum of their hours is kept",
}
"""Tables without anybody's health or movements, and why."""
TOGETHER = {
    "lots": {"Movement", "Arrival", "LotFile"},
    "shifts": {"Shift", "Swap", "Gap", "Plan"},
    "passages": {"Passage"},
    "blocks": {"Block"},
    "tubes": {"Tube", "Sample", "Result", "Retest", "Box", "Mishap"},
    "calls": {"Caller", "Call"},
    "point plans": {"PointPlan", "GridSlot"},
    "leaflets": {"Leaflet", "Receipt"},
}
"""What is purged under one name."""


def test_every_table_of_prevention_is_purged_or_holds_nothing_of_people():
    tables = {model.__name__ for model in apps.get_app_config("prevention").get_models()}
    purged = {table for name in purging.registered() for table in TOGETHER.get(name, {name.rpartition(".")[2]})}
    assert tables - purged == set(NOT_OF_PEOPLE)


def enrolled(name: str, area: str = GRID, *, first: date = TODAY, after: date | None = None) -> Person:
    person = Person.objects.create(name=name, name_key=name, phone="13900000001", created_at=world.MORNING)
    Enrolment.objects.create(person=person, kind="resident", area_path=area, during=DateRange(first, after))
    return person


def purged(event) -> None:
    assert purging.purge(event.pk, at=world.MORNING + timedelta(days=400)) is not None


def test_people_go_with_the_only_event_and_their_exclusions_and_files_too(district):
    event = declared(district, days=2)
    taken([row("甲虚构", ric=number(1)), row("乙虚构", phone="13900000002")], district.clerk)
    Exclusion.objects.create(
        person=Person.objects.first(),
        reason="away",
        during=DateRange(TODAY, TODAY + timedelta(days=1)),
        recorded_by_id=district.clerk.account,
        recorded_at=world.MORNING,
    )
    purged(event)
    assert not any(model.objects.exists() for model in (Person, Enrolment, Exclusion, RosterRow))
    assert set(RosterFile.objects.values_list("purged", "name")) == {(True, "")}


def test_whoever_another_event_still_holds_stays(district):
    ended = declared(district, days=3)
    later = world.MORNING + timedelta(days=1)
    declared(district, area="370199001000", at=later)
    here = enrolled("甲")
    enrolled("乙", "/370100000000/370199000000/370199002000/")
    enrolled("丙", after=TODAY + timedelta(days=1))
    purged(ended)
    assert list(Person.objects.all()) == [here]


def test_whoever_is_on_a_roster_of_another_area_stays_with_that_alone(district):
    ended = declared(district, area="370199001000", days=3)
    declared(district, area="370199002000")
    person = enrolled("甲")
    away = Enrolment.objects.create(
        person=person,
        kind="lodger",
        area_path="/370100000000/370199000000/370199002000/",
        site=world_site(),
        during=DateRange(TODAY, None),
    )
    purged(ended)
    assert list(Enrolment.objects.all()) == [away]
    assert Person.objects.get() == person


def world_site():
    from zerotrip.prevention.models import Site

    return Site.objects.create(kind_id="dormitory", name="宿舍", area_path=GRID, risk="high", opened_on=TODAY)

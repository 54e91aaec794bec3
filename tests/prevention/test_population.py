"""Who is asked about on a day: those on a roster, once each, and not those who are left out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.duties.standing.roster import declared
from tests.duties.standing.roster import spec as duty
from zerotrip import criteria
from zerotrip.duties.standing.populations import Asked
from zerotrip.parties import seals
from zerotrip.prevention.models import Enrolment, Exclusion, Person, Risk, Site, SiteKind
from zerotrip.prevention.rosters import population

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)
STREET = "/370100000000/370199000000/370199001000/"
GRID = STREET + "370199001001/370199001001001/"


def somebody(name: str, *, phone: str = "13900000001", number: str = "", born: int | None = 1980) -> Person:
    more = {"ric_digest": seals.digest(number), "ric_sealed": seals.seal(number).encode()} if number else {}
    return Person.objects.create(
        name=name, name_key=name, phone=phone, birth_year=born, created_at=world.MORNING, **more
    )


def enrolled(person: Person, kind: str = "resident", *, first=TODAY, after=None, **more) -> Enrolment:
    return Enrolment.objects.create(
        person=person, kind=kind, area_path=GRID, during=DateRange(first, after), **more
    )


def site(kind: str = "dormitory", **more) -> Site:
    row = SiteKind.objects.get(pk=kind)
    told = {"name": "虚构宿舍", "area_path": GRID, "risk": row.risk, "opened_on": TODAY} | more
    return Site.objects.create(kind=row, **told)


def asked(rule: object | None = None, *, on: date = TODAY, area: str = STREET, requirement=None):
    """Of everybody a rule may be about: who they are, and why nothing is due of them."""
    parsed = criteria.parse(rule, vocabulary=population.people_facts()) if rule else None
    rows = population.owing_people(Asked(on, area, parsed, requirement))
    return {row["subject"]: row["why"] for row in rows}


def found(rule: object | None = None, **more):
    return {subject for subject, why in asked(rule, **more).items() if not why}


def left_out(person: Person, district, *, until: date = TODAY + timedelta(days=3), **more) -> Exclusion:
    said = {"reason": "away", "recorded_by_id": district.clerk.account, "recorded_at": world.MORNING} | more
    return Exclusion.objects.create(person=person, during=DateRange(TODAY, until), **said)


def test_those_on_a_roster_of_the_day_are_found(district):
    here, gone, to_come = somebody("甲"), somebody("乙"), somebody("丙")
    enrolled(here)
    enrolled(gone, first=TODAY - timedelta(days=9), after=TODAY)
    enrolled(to_come, first=TODAY + timedelta(days=1))
    assert found() == {here.pk}
    assert found(on=TODAY - timedelta(days=1)) == {gone.pk}
    assert found(area="/370100000000/370199000000/370199002000/") == set()


def test_somebody_on_two_rosters_is_told_once_at_home(district):
    person, dormitory = somebody("甲"), site()
    enrolled(person, "worker", site=dormitory)
    enrolled(person)
    (row,) = population.owing_people(Asked(TODAY, STREET))
    assert row == {"subject": person.pk, "area_path": GRID, "place": None, "why": ""}
    assert found({"fact": "kind", "is": "worker"}) == {person.pk}


def test_those_left_out_are_not_found_while_they_are(district):
    person, other = somebody("甲"), somebody("乙", phone="13900000002")
    enrolled(person)
    enrolled(other)
    left_out(person, district)
    assert found() == {other.pk}
    assert asked()[person.pk] == "away"
    assert found(on=TODAY + timedelta(days=3)) == {person.pk, other.pk}


def test_somebody_left_out_of_one_duty_owes_the_others_and_no_edition_of_it(district):
    person = somebody("甲")
    enrolled(person)
    before, other = declared(duty("seven", who="person", act="report"), duty("four", who="person"))
    left_out(person, district, requirement=before)
    now, _other = declared(duty("seven", who="person", records=2), duty("four", who="person"))
    assert now.pk != before.pk
    assert asked(requirement=before) == asked(requirement=now) == {person.pk: "away"}
    assert found(requirement=other) == found() == {person.pk}


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"fact": "kind", "is": "lodger"}, "乙"),
        ({"fact": "site_kind", "in": ["dormitory", "building-site"]}, "乙"),
        ({"fact": "site_risk", "is": "high"}, "乙"),
        ({"fact": "age", "at_least": 60}, "丙"),
        ({"fact": "age", "less_than": 60}, "甲乙"),
        ({"fact": "has_phone", "is": False}, "丙"),
        ({"fact": "document", "is": "ric"}, "丙"),
        ({"fact": "document", "is": "none"}, "甲乙"),
        ({"fact": "area", "within": ["370199001001"]}, "甲乙丙"),
        ({"fact": "area", "within": ["370199002000"]}, ""),
        ({"not": {"fact": "site_kind", "is": "dormitory"}}, "甲丙"),
    ],
)
def test_a_rule_asks_about_people(district, rule, names):
    enrolled(somebody("甲"))
    enrolled(somebody("乙", phone="13900000002"), "lodger", site=site())
    enrolled(somebody("丙", phone="", number="370199194001010018", born=1940))
    assert found(rule) == set(Person.objects.filter(name__in=list(names)).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"fact": "kind", "is": "dormitory"}, {"宿舍"}),
        ({"fact": "small", "is": True}, {"小店"}),
        ({"fact": "group", "is": "small"}, {"小店"}),
        ({"fact": "risk", "is": "high"}, {"宿舍"}),
        ({"fact": "area", "within": ["370199001000"]}, {"宿舍", "小店"}),
    ],
)
def test_a_rule_asks_about_sites(district, rule, names):
    site(name="宿舍")
    site("small-shop", name="小店", risk=Risk.LOW)
    site("small-shop", name="关了的", risk=Risk.HIGH, opened_on=TODAY - timedelta(days=9), closed_on=TODAY)
    parsed = criteria.parse(rule, vocabulary=population.site_facts())
    rows = population.owing_sites(Asked(TODAY, world.DISTRICT, parsed))
    assert {Site.objects.get(pk=row["subject"]).name for row in rows} == names


def test_a_person_is_on_one_roster_of_a_kind_a_day(district):
    person = somebody("甲")
    enrolled(person, after=TODAY + timedelta(days=2))
    enrolled(person, first=TODAY + timedelta(days=2))
    with pytest.raises(IntegrityError), transaction.atomic():
        enrolled(person, first=TODAY + timedelta(days=5), after=TODAY + timedelta(days=6))


def test_two_open_sites_of_one_kind_name_and_address_are_one(district):
    site(closed_on=TODAY)
    site()
    with pytest.raises(IntegrityError), transaction.atomic():
        site()

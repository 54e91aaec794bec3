"""People and sites owe what stands where an event is in force; who is left out is named with the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.duties.standing.roster import MIDNIGHT, declared, reported, spec
from tests.prevention.emergency import declared as event
from tests.prevention.emergency import typed
from tests.prevention.test_population import GRID, STREET, TODAY, enrolled, site, somebody
from zerotrip.duties.models import Due, Report
from zerotrip.duties.standing import reminding, turning
from zerotrip.duties.standing.queries import total
from zerotrip.errors import Invalid
from zerotrip.ids import new_id
from zerotrip.prevention.events import purging
from zerotrip.prevention.events.actions import change
from zerotrip.prevention.events.rules import scopes
from zerotrip.prevention.models import Exclusion, Measure
from zerotrip.prevention.rosters.actions import people
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

NOON = MIDNIGHT + timedelta(hours=12)


def person_duty(**more):
    return spec("test", who="person", measure="checks", **more)


def test_nothing_stands_without_an_event(district):
    declared(person_duty())
    enrolled(somebody("甲"))
    assert turning.turn(at=NOON) == []
    event(district, Measure.GATES)
    assert turning.turn(at=NOON) == [], "another measure brings something else up"
    event(district, Measure.CHECKS)
    assert len(turning.turn(at=NOON)) == 1


def test_an_event_inside_another_asks_nobody_twice(district):
    event(district, Measure.CHECKS, area="370199001000")
    event(district, Measure.CHECKS)
    assert [scope.area_path for scope in scopes("checks", world.MORNING)] == [world.DISTRICT]


def test_everybody_on_a_roster_owes_or_is_named_with_a_reason(district):
    event(district, Measure.CHECKS)
    declared(person_duty())
    here, away = somebody("甲"), somebody("乙", phone="13900000002")
    enrolled(here)
    enrolled(away)
    Exclusion.objects.create(
        person=away,
        reason="away",
        during=DateRange(TODAY, TODAY + timedelta(days=3)),
        recorded_by_id=district.clerk.user_id,
        recorded_at=world.MORNING,
    )
    (window,) = turning.turn(at=NOON)
    assert {due.subject: due.why for due in Due.objects.filter(window=window)} == {here.pk: "", away.pk: "away"}
    seen = total(window, district.supervisor, at=NOON)
    assert (seen.asked, seen.excused, seen.missing) == (2, 1, 1)


def test_somebody_a_rule_cannot_tell_of_owes_it(district):
    event(district, Measure.CHECKS)
    declared(person_duty(where={"fact": "age", "at_least": 60}))
    old, young, unknown = (
        somebody(name, phone=f"1390000000{number}", born=born)
        for number, (name, born) in enumerate([("甲", 1950), ("乙", 2000), ("丙", None)])
    )
    for each in (old, young, unknown):
        enrolled(each)
    turning.turn(at=NOON)
    assert set(Due.objects.values_list("subject", flat=True)) == {old.pk, unknown.pk}


def test_a_site_owes_through_whoever_it_belongs_to(district):
    event(district, Measure.CHECKS)
    declared(spec("clean", who="site", measure="checks", where={"fact": "kind", "is": "dormitory"}))
    owned = site(owner=district.firm)
    site("mall", name="虚构商场")
    turning.turn(at=NOON)
    due = Due.objects.get()
    assert (due.subject, due.place, due.area_path) == (owned.pk, district.firm.pk, GRID)
    assert Due.objects.visible_to(district.applicant).count() == 1
    assert not Due.objects.visible_to(district.stranger).exists()


def test_windows_are_counted_from_the_day_the_event_began(district):
    event(district, Measure.CHECKS, area="370199001000")
    declared(person_duty(days=7, records=7, spacing={"distinct_days": True}))
    enrolled(somebody("甲"))
    (first,) = turning.turn(at=NOON + timedelta(days=6))
    (second,) = turning.turn(at=NOON + timedelta(days=7))
    assert (first.day, second.day) == (TODAY, TODAY + timedelta(days=7))
    assert first.area_path == STREET
    assert first.ends.astimezone(CHINA).hour == 0


def test_what_people_owed_goes_with_the_event_and_what_sites_did_stays(district):
    under = event(district, Measure.CHECKS, days=2)
    duties = declared(person_duty(), spec("clean", who="site", measure="checks"))
    person, place = somebody("甲"), site(owner=district.firm)
    enrolled(person)
    turning.turn(at=NOON)
    for duty, subject in zip(duties, (person.pk, place.pk), strict=True):
        reported(duty, subject, NOON)
    at = NOON + timedelta(days=under.keep_days + 2)
    assert purging.purge(under.pk, at=at)["owed"] == 2
    assert {due.subject for due in Due.objects.all()} == {place.pk}
    assert {report.subject for report in Report.objects.all()} == {place.pk}


def test_somebody_left_out_of_one_duty_is_released_from_it_at_once_and_comes_back(district):
    event(district, Measure.CHECKS)
    seven, other = declared(person_duty(), spec("other", who="person", measure="checks"))
    person = somebody("甲")
    enrolled(person)
    turning.turn(at=NOON)
    days = {"first_day": TODAY, "last_day": TODAY + timedelta(days=2)}
    left = people.Left(reason="medical", requirement=seven.pk, **days)
    held = people.exclude(person.pk, left, key=new_id(), by=district.clerk, at=NOON)
    whys = dict(Due.objects.values_list("window__requirement", "why"))
    assert whys == {seven.pk: "medical", other.pk: ""}
    people.end_exclusion(held.pk, by=district.clerk, at=NOON + timedelta(minutes=5))
    assert set(Due.objects.values_list("why", "released_at")) == {("", None)}


def test_whoever_was_left_out_and_is_due_again_was_never_missing_meanwhile(district):
    event(district, Measure.CHECKS)
    declared(person_duty(days=7))
    person = somebody("甲")
    enrolled(person)
    (window,) = turning.turn(at=NOON)
    left = people.Left(reason="away", first_day=TODAY, last_day=TODAY + timedelta(days=2))
    held = people.exclude(person.pk, left, key=new_id(), by=district.clerk, at=NOON + timedelta(hours=1))
    tomorrow = NOON + timedelta(days=1)
    assert total(window, district.leader, at=tomorrow).excused == 1
    back = NOON + timedelta(days=2)
    people.end_exclusion(held.pk, by=district.clerk, at=back)
    assert [total(window, district.leader, at=at).missing for at in (tomorrow, back)] == [0, 1]


def changed(under, district, *measures, last=None, at=NOON):
    """What an event asks for, or its last day, is otherwise from now on."""
    change(under.pk, typed(*measures, last=last), reason="调整", by=district.leader, at=at)


def test_what_an_event_asks_for_no_more_is_owed_no_more_and_again_once_it_does(district):
    under = event(district, Measure.CHECKS, Measure.GATES)
    declared(person_duty(days=7, remind=[60]))
    person = somebody("甲")
    enrolled(person)
    (window,) = turning.turn(at=NOON)
    changed(under, district, Measure.GATES)
    later = NOON + timedelta(hours=1)
    assert turning.turn(at=later) == []
    window.refresh_from_db()
    due = Due.objects.get()
    assert (window.closed_at, window.closed_by, due.released_at, due.why) == (later, None, later, "withdrawn")
    assert turning.agree(at=later + timedelta(hours=2)) == 0
    assert reminding.remind(at=window.ends - timedelta(minutes=30)) == 0
    changed(under, district, Measure.CHECKS)
    assert turning.turn(at=later + timedelta(hours=3)) == [], "the same one goes on"
    window.refresh_from_db()
    assert (window.closed_at, Due.objects.get().released_at) == (None, None)


def test_a_week_does_not_outlive_its_event(district):
    under = event(district, Measure.CHECKS, days=2)
    declared(person_duty(days=7))
    person, done = somebody("甲"), somebody("乙", phone="13900000002")
    enrolled(person), enrolled(done)
    turning.turn(at=NOON)
    Due.objects.filter(subject=done.pk).update(done=1, kept_at=NOON)
    turning.turn(at=NOON + timedelta(days=1))
    assert Due.objects.filter(released_at=None).count() == 2
    turning.turn(at=NOON + timedelta(days=2))
    assert list(Due.objects.filter(released_at=None).values_list("subject", flat=True)) == [done.pk]
    changed(under, district, last=TODAY + timedelta(days=3), at=NOON + timedelta(days=2))
    turning.turn(at=NOON + timedelta(days=2, minutes=1))
    assert Due.objects.get(subject=person.pk).released_at is None, "it was prolonged after all"


def test_whoever_is_left_out_of_the_stricter_duty_alone_owes_the_next_of_the_family(district):
    event(district, Measure.CHECKS)
    lax = spec("lax", who="person", measure="checks", family="tests", days=7, records=3)
    strict = spec("strict", who="person", measure="checks", family="tests", days=7, records=7)
    _laxer, stricter = declared(lax, strict)
    person = somebody("甲")
    enrolled(person)
    turning.turn(at=NOON)
    left = people.Left(reason="away", first_day=TODAY, last_day=TODAY, requirement=stricter.pk)
    people.exclude(person.pk, left, key=new_id(), by=district.clerk, at=NOON)
    assert dict(Due.objects.values_list("window__needs", "why")) == {3: "", 7: "away"}


def test_nobody_is_left_out_of_a_duty_that_is_not_of_people(district):
    event(district, Measure.CHECKS)
    (of_sites,) = declared(spec("clean", who="site", measure="checks"))
    person = somebody("甲")
    enrolled(person)
    left = people.Left(reason="away", first_day=TODAY, last_day=TODAY, requirement=of_sites.pk)
    with pytest.raises(Invalid) as refused:
        people.exclude(person.pk, left, key=new_id(), by=district.clerk, at=NOON)
    assert set(refused.value.problems) == {"requirement"}

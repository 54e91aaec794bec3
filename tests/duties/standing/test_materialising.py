"""Whoever is on a roster owes what it asks, each once; who came, went or is excused is told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, CharField, F, UUIDField, Value, When
from django.utils import timezone

from tests import world
from tests.duties.standing.roster import DAY, GRIDS, MIDNIGHT, declared, firm, opened, reported, spec
from zerotrip.duties.models import Due, Why, Window
from zerotrip.duties.standing import populations, scopes, turning
from zerotrip.duties.standing.materialising import Agreed, open_window, reconcile
from zerotrip.duties.standing.queries import coverage, missing, total, under_way
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing

pytestmark = pytest.mark.django_db

NOON = MIDNIGHT + timedelta(hours=12)


def test_everybody_there_is_owes_it_once_however_often_it_is_opened():
    (duty,) = declared(spec())
    firms = [firm(1), firm(2, GRIDS[1])]
    window = opened(duty)
    assert opened(duty).pk == window.pk
    assert {due.subject for due in Due.objects.filter(window=window)} == {one.pk for one in firms}
    assert Window.objects.count() == 1


def test_only_those_of_the_area_owe_it():
    (duty,) = declared(spec())
    here, _there = firm(1), firm(2, GRIDS[1])
    opened(duty, area_path=GRIDS[0])
    assert list(Due.objects.values_list("subject", flat=True)) == [here.pk]


def test_whoever_comes_owes_it_and_whoever_goes_does_not_any_more():
    (duty,) = declared(spec())
    stays, goes = firm(1), firm(2)
    window = opened(duty)
    goes.ended_at = NOON
    goes.save(update_fields=["ended_at"])
    comes = firm(3)
    assert reconcile(window.pk, at=NOON) == Agreed(written=1, left=1, counted=0)
    assert reconcile(window.pk, at=NOON) == Agreed(written=0, left=0, counted=0)
    rows = {due.subject: due for due in Due.objects.filter(window=window)}
    assert rows[stays.pk].since == MIDNIGHT
    assert rows[comes.pk].since == NOON
    assert (rows[goes.pk].released_at, rows[goes.pk].why) == (NOON, Why.LEFT)
    goes.ended_at = None
    goes.save(update_fields=["ended_at"])
    reconcile(window.pk, at=NOON + timedelta(hours=1))
    assert Due.objects.get(window=window, subject=goes.pk).released_at is None


def test_whoever_had_done_it_before_going_has_done_it():
    (duty,) = declared(spec())
    goes = firm(1)
    window = opened(duty)
    reported(duty, goes.pk, MIDNIGHT + timedelta(hours=1))
    reconcile(window.pk, at=NOON)
    goes.ended_at = NOON
    goes.save(update_fields=["ended_at"])
    reconcile(window.pk, at=NOON)
    due = Due.objects.get(window=window)
    assert (due.kept_at, due.released_at) == (MIDNIGHT + timedelta(hours=1), None)


def test_what_was_done_before_one_came_onto_the_roster_counts():
    (duty,) = declared(spec())
    window = opened(duty)
    late = firm(1)
    reported(duty, late.pk, MIDNIGHT + timedelta(hours=1))
    assert reconcile(window.pk, at=NOON) == Agreed(written=1, left=0, counted=1)


def test_a_window_that_is_over_stays_as_it_was():
    (duty,) = declared(spec())
    firm(1)
    window = opened(duty)
    firm(2)
    assert reconcile(window.pk, at=window.ends) is None
    assert Due.objects.filter(window=window).count() == 1


@pytest.fixture
def excusing(monkeypatch):
    """A population that excuses whom it is told to."""
    excused: dict = {}
    whole = populations.ENTERPRISES

    def among(asked):
        cases = [When(party=subject, then=Value(why)) for subject, why in excused.items()]
        rows = Standing.objects.filter(area_path__startswith=asked.area_path)
        said = {"why": Case(*cases, default=Value(""), output_field=CharField())}
        owner = Value(None, UUIDField(null=True))
        return rows.annotate(subject=F("party_id"), place=owner, **said).values(*populations.COLUMNS)

    monkeypatch.setitem(populations._POPULATIONS, "enterprise", populations.Population(among, whole.words))
    return excused


def test_whoever_is_excused_is_counted_apart_and_with_the_reason(excusing, district):
    (duty,) = declared(spec())
    kept, away, silent = firm(1), firm(2), firm(3, GRIDS[1])
    excusing[away.pk] = "away"
    window = opened(duty)
    reported(duty, kept.pk, MIDNIGHT + timedelta(hours=1))
    reconcile(window.pk, at=NOON)
    seen = total(window, district.supervisor, at=NOON)
    assert (seen.asked, seen.kept, seen.excused, seen.missing) == (3, 1, 1, 1)
    assert [due.subject for due in missing(window, district.supervisor, at=NOON)] == [silent.pk]
    del excusing[away.pk]
    reconcile(window.pk, at=NOON)
    assert total(window, district.supervisor, at=NOON).missing == 2


def test_who_had_not_done_it_can_be_asked_of_any_past_moment(district):
    (duty,) = declared(spec())
    one = firm(1)
    window = opened(duty)
    reported(duty, one.pk, MIDNIGHT + timedelta(hours=9))
    reconcile(window.pk, at=NOON)
    assert total(window, district.supervisor, at=MIDNIGHT + timedelta(hours=8)).missing == 1
    assert total(window, district.supervisor, at=MIDNIGHT + timedelta(hours=9)).missing == 0


def test_coverage_is_told_area_by_area_and_only_of_ones_own(district):
    (duty,) = declared(spec())
    firm(1), firm(2), firm(3, GRIDS[1])
    window = opened(duty)
    streets = coverage(window, district.supervisor, at=NOON)
    assert [(row.key, row.asked) for row in streets] == [
        (GRIDS[0][: GRIDS[0].rstrip("/").rindex("/") + 1], 2),
        (GRIDS[1][: GRIDS[1].rstrip("/").rindex("/") + 1], 1),
    ]
    grids = coverage(window, district.supervisor, at=NOON, area_path=GRIDS[0], below=False)
    assert [(row.key, row.missing) for row in grids] == [(GRIDS[0], 2)]
    street = world.acting(world.staff("street", "subdistrict-office", world.Role.CLERK, area_path=streets[0].key))
    assert total(window, street, at=NOON).asked == 2
    assert total(window, district.stranger, at=NOON).asked == 0


def test_the_stricter_of_a_family_applies_alone(excusing):
    daily, often = declared(spec("daily", family="checks"), spec("often", family="checks", records=3, where=None))
    one = firm(1)
    lax = opened(daily)
    strict = opened(often)
    assert Due.objects.get(window=lax, subject=one.pk).why == Why.STRICTER
    assert Due.objects.get(window=strict, subject=one.pk).why == ""
    excusing[one.pk] = "away"
    reconcile(strict.pk, at=NOON)
    del excusing[one.pk]
    reconcile(lax.pk, at=NOON)
    assert Due.objects.get(window=lax, subject=one.pk).why == "", "nothing stricter is owed: this is"


def test_one_that_stands_beside_a_stricter_one_applies_too():
    daily, often = declared(spec("daily", family="checks", beside=True), spec("often", family="checks", records=3))
    firm(1)
    lax = opened(daily)
    opened(often)
    assert Due.objects.get(window=lax).why == ""


def test_what_somebody_owes_now_is_found_across_duties():
    first, second = declared(spec("first"), spec("second", records=2))
    one = firm(1)
    opened(first), opened(second)
    found = under_way(Due.objects.of([one.pk]), at=NOON)
    assert [due.window.requirement.slug.split(":")[2] for due in found] == ["first", "second"]
    assert not under_way(Due.objects.all(), at=MIDNIGHT + timedelta(days=1)).exists()


def test_the_database_keeps_one_due_for_each_subject_and_window():
    (duty,) = declared(spec())
    firm(1)
    window = opened(duty)
    due = Due.objects.get(window=window)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO duties_due (day, window_id, subject, area_path, since) VALUES (%s, %s, %s, '/', now())",
            [due.day, window.pk, due.subject],
        )


def test_windows_open_where_it_stands_and_follow_each_other(monkeypatch):
    monkeypatch.setattr(scopes, "_scopes", [lambda measure, on: [scopes.Scope(world.DISTRICT, DAY)]])
    declared(spec("daily"), spec("weekly", days=7, records=2), spec("round", by_hand=True))
    firm(1)
    assert [window.requirement.slug.split(":")[2] for window in turning.turn(at=NOON)] == ["daily", "weekly"]
    assert turning.turn(at=NOON) == []
    (tomorrow,) = turning.turn(at=NOON + timedelta(days=1))
    assert tomorrow.day == DAY + timedelta(days=1)
    assert len(turning.turn(at=NOON + timedelta(days=7))) == 2


def test_a_new_edition_waits_for_the_window_under_way_to_end(monkeypatch):
    monkeypatch.setattr(scopes, "_scopes", [lambda measure, on: [scopes.Scope(world.DISTRICT, DAY)]])
    declared(spec(records=1))
    firm(1)
    turning.turn(at=NOON)
    declared(spec(records=2))
    assert turning.turn(at=NOON) == []
    (next_one,) = turning.turn(at=NOON + timedelta(days=1))
    assert next_one.needs == 2


def test_each_hour_makes_windows_agree_and_not_twice():
    (duty,) = declared(spec(days=7, records=1))
    firm(1)
    opened(duty, days=7)
    assert turning.agree(at=MIDNIGHT + timedelta(minutes=49)) == 0
    assert turning.agree(at=MIDNIGHT + timedelta(hours=1)) == 1
    assert turning.agree(at=MIDNIGHT + timedelta(hours=1, minutes=30)) == 0


def test_a_window_belongs_to_the_day_it_begins_on_in_china():
    (duty,) = declared(spec(times=[{"start": "00:00", "end": "12:00"}]))
    window = open_window(duty, Span(MIDNIGHT, NOON), area_path=world.DISTRICT, at=timezone.now())
    assert window.day == DAY

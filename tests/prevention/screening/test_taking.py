"""People are put into tubes: no more than it holds, and the same in whatever order the records arrive."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.screening.sampling import people, point, put
from zerotrip.duties.models import Due
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.prevention.models import Measure, Sample, Tube
from zerotrip.prevention.screening.taking import Taken, take

pytestmark = pytest.mark.django_db

NOW = world.MORNING


def inside(code: str) -> list:
    rows = Sample.objects.filter(tube=code, counts=True).order_by("at", "person")
    return list(rows.values_list("person_id", flat=True))


def test_ten_people_fill_a_tube_of_ten(district, place):
    ten = people(10)
    told = put("JN0001", ten, at_point=place, by=district.leader, sealed=True)
    tube = Tube.objects.get(pk="JN0001")
    assert (told.taken, tube.taken, tube.over, tube.sealed_at) == (10, 10, 0, NOW)
    assert inside("JN0001") == [one.pk for one in ten]
    assert tube.is_full


def test_the_eleventh_stays_on_record_and_does_not_count_as_tested(district, place):
    eleven = people(11)
    told = put("JN0001", eleven, at_point=place, by=district.leader)
    assert told.over == {eleven[-1].pk}
    tube = Tube.objects.get(pk="JN0001")
    assert (tube.taken, tube.over) == (10, 1)
    assert eleven[-1].pk not in inside("JN0001")
    assert Sample.objects.filter(tube="JN0001").count() == 11


def test_whoever_was_beyond_counts_once_somebody_was_taken_out(district, place):
    eleven = people(11)
    put("JN0001", eleven, at_point=place, by=district.leader)
    later = NOW + timedelta(minutes=1)
    told = put("JN0001", eleven[:1], at_point=place, by=district.leader, at=later, out=True)
    assert not told.over
    assert set(inside("JN0001")) == {one.pk for one in eleven[1:]}


def test_the_same_again_changes_nothing(district, place):
    ten = people(10)
    put("JN0001", ten, at_point=place, by=district.leader)
    before = list(Sample.objects.order_by("person").values())
    put("JN0001", ten, at_point=place, by=district.leader)
    after = list(Sample.objects.order_by("person").values())
    assert before == after
    assert Tube.objects.get().taken == 10


def test_a_code_is_the_same_however_it_was_typed(district, place):
    ten = people(2)
    put("ｊｎ 0001", ten[:1], at_point=place, by=district.leader)
    put("JN0001", ten[1:], at_point=place, by=district.leader)
    assert Tube.objects.get().taken == 2


def test_whom_nobody_knows_is_named_and_the_others_are_taken(district, place):
    stranger = uuid4()
    told = put("JN0001", [*people(2), stranger], at_point=place, by=district.leader)
    assert told.unknown == {stranger}
    assert told.taken == 2


@pytest.mark.parametrize(
    ("code", "capacity", "minutes", "field"),
    [
        ("甲", 10, 0, "tube"),
        ("JN-1;DROP", 10, 0, "tube"),
        ("JN0001", 11, 0, "capacity"),
        ("JN0001", 10, 9, "at"),
        ("JN0001", 10, -60 * 24 * 4, "at"),
    ],
)
def test_what_cannot_be_is_said_at_its_place_and_nothing_is_kept(district, place, code, capacity, minutes, field):
    (one,) = people(1)
    moment = NOW + timedelta(minutes=minutes)
    with pytest.raises(Invalid) as refused:
        take(code, [Taken(one.pk, moment)], capacity=capacity, point=place.pk, by=district.leader, at=NOW)
    assert list(refused.value.problems) == [field]
    assert not Tube.objects.exists()


def test_a_tube_of_another_size_point_or_week_is_a_code_that_was_misread(district, place):
    one, two = people(2)
    put("JN0001", [one], at_point=place, by=district.leader)
    with pytest.raises(Invalid, match="还没有记录") as refused:
        put("JN0001", [two], at_point=place, by=district.leader, capacity=20)
    assert "10" in refused.value.problems["capacity"][0]
    with pytest.raises(Invalid) as refused:
        put("JN0001", [two], at_point=point("虚构采样点二号"), by=district.leader)
    assert "虚构采样点一号" in refused.value.problems["tube"][0]
    with pytest.raises(Invalid) as refused:
        put("JN0001", [two], at_point=place, by=district.leader, at=NOW + timedelta(days=6))
    assert "2026-03-03" in refused.value.problems["tube"][0]
    assert inside("JN0001") == [one.pk]


def test_only_staff_of_the_area_take_and_only_while_screening_is_in_force(district):
    place = point()
    (one,) = people(1)
    with pytest.raises(Refused):
        put("JN0001", [one], at_point=place, by=district.leader)
    declared(district, Measure.SCREENING)
    with pytest.raises(NotAllowed):
        put("JN0001", [one], at_point=place, by=district.applicant)
    with pytest.raises(NotFound):
        take("JN0001", [], capacity=10, point=uuid4(), by=district.leader, at=NOW)


def test_the_database_holds_no_more_than_a_tube_does(district, place):
    put("JN0001", people(3), at_point=place, by=district.leader)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tube.objects.update(taken=11)


EVENTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30), st.booleans()), max_size=14)


@pytest.fixture
def crowd():
    return sorted(people(7), key=lambda one: one.pk)


def reference(events: list[tuple[int, int, bool]], capacity: int) -> tuple[list[int], list[int]]:
    """Who is in the tube and counts, and who is beyond, told person by person."""
    last_in: dict[int, int] = {}
    last_out: dict[int, int] = {}
    for who, second, out in events:
        kept = last_out if out else last_in
        kept[who] = max(kept.get(who, second), second)
    there = sorted((second, who) for who, second in last_in.items() if second > last_out.get(who, -1))
    return sorted(who for _s, who in there[:capacity]), sorted(who for _s, who in there[capacity:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=st.data())
def test_any_interleaving_of_phones_and_replays_ends_at_the_same_rows(district, place, crowd, events, data):
    """What two or three phones say, cut into any batches, in any order, some of them twice."""
    told = [Taken(crowd[who].pk, NOW + timedelta(seconds=second), out) for who, second, out in events]
    arriving = data.draw(
        st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4) if told else st.just([])))
    )
    at = NOW + timedelta(minutes=1)
    with transaction.atomic():
        spot = transaction.savepoint()
        while arriving:
            size = data.draw(st.integers(1, len(arriving)))
            batch, arriving = arriving[:size], arriving[size:]
            take("JN0001", batch, capacity=5, point=place.pk, by=district.leader, at=at)
        counted, beyond = reference(events, 5)
        keys = {one.pk: number for number, one in enumerate(crowd)}
        assert sorted(keys[key] for key in inside("JN0001")) == counted
        tube = Tube.objects.filter(pk="JN0001").first()
        assert ((tube.taken, tube.over) if tube else (0, 0)) == (len(counted), len(beyond))
        transaction.savepoint_rollback(spot)


@pytest.mark.django_db(transaction=True)
def test_two_hands_at_one_tube_put_in_no_more_than_it_holds(district):
    declared(district, Measure.SCREENING)
    place = point()
    crowd = people(16)
    at = NOW + timedelta(minutes=1)

    def fill(part) -> None:
        for one in part:
            put("JN0001", [one], at_point=place, by=district.leader, at=at)
        connections.close_all()

    hands = [threading.Thread(target=fill, args=(crowd[start::4],)) for start in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    tube = Tube.objects.get()
    assert (tube.taken, tube.over) == (10, 6)
    assert Sample.objects.count() == 16
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM prevention_sample WHERE counts")
        assert cursor.fetchone() == (10,)


@pytest.mark.django_db(transaction=True)
def test_two_samples_of_one_person_that_come_in_at_once_both_count(district):
    """The second waits for the first at what is owed, and counts what it has written."""
    event = declared(district, Measure.SCREENING)
    place, (one,) = point(), people(1)
    (duty,) = roster.declared(roster.spec("twice", who="person", act="sample", records=2))
    window = open_window(duty, Span(NOW, NOW + timedelta(days=1)), area_path=event.area_path, at=NOW)
    at = NOW + timedelta(minutes=5)
    second = threading.Thread(
        target=lambda: (put("JN0002", [one], at_point=place, by=district.leader, at=at), connections.close_all())
    )
    with transaction.atomic():
        put("JN0001", [one], at_point=place, by=district.leader, at=at)
        second.start()
        second.join(timeout=2)
        assert second.is_alive(), "it waits"
    second.join()
    assert Due.objects.get(window=window, subject=one.pk).done == 2

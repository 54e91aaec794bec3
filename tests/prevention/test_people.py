"""People entered, moved and left out by hand."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID as GRID_PATH
from tests.prevention.handing_in import handed_in, number, row
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger.queries import history
from zerotrip.parties.models import Role
from zerotrip.prevention.models import Enrolment, Exclusion, Person, Site
from zerotrip.prevention.rosters import identity, queries
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rosters.actions.people import Left, Where

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)
GRID, OTHER = "370199001001001", "370199001001002"
HOME = Where("resident", area=GRID, household="1-101")


@pytest.fixture(autouse=True)
def event(district):
    return declared(district)


def entered(by, where=HOME, *, first=TODAY, **written) -> Person:
    return people.enter(written, where, first_day=first, by=by, at=world.MORNING)


@pytest.mark.parametrize(
    "written",
    [
        {"name": "王老人", "number": number(1, "19350101")},
        {"name": "JANE DOE", "document_kind": "passport", "document": "x1234567", "phone": "+8210123456"},
        {"name": "王婴儿", "document_kind": "birth", "document": "P370000001", "born": "2026"},
        {"name": "李之子", "phone": "13900000001"},
    ],
    ids=["elder without a phone", "foreign passport", "infant", "infant without a paper"],
)
def test_anybody_can_be_entered_by_what_they_have(district, written):
    person = entered(district.clerk, **written)
    assert entered(district.clerk, **written) == person, "twice is once"
    assert (Person.objects.count(), Enrolment.objects.count()) == (1, 1)


def test_what_is_wrong_is_said_at_its_place(district):
    with pytest.raises(Invalid) as refused:
        entered(district.clerk, Where("worker", area="370100000000"), name="", number="1", first=None)
    assert set(refused.value.problems) == {"name", "number", "employer", "area", "first_day"}
    assert not Person.objects.exists()


def test_two_people_are_never_merged_by_hand_either(district):
    entered(district.clerk, name="甲虚构", number=number(1))
    entered(district.clerk, name="乙虚构", document_kind="passport", document="E1000001")
    with pytest.raises(Refused):
        entered(district.clerk, name="甲虚构", number=number(1), document_kind="passport", document="E1000001")
    with pytest.raises(Refused):
        entered(district.clerk, name="乙虚构", number=number(1), document_kind="passport", document="E1000001")


def test_a_household_moves_as_a_whole_from_a_day_on(district):
    for serial in (1, 2):
        entered(district.clerk, name="虚构", number=number(serial))
    entered(district.clerk, Where("resident", area=GRID, household="1-102"), name="邻居", number=number(3))
    day = TODAY + timedelta(days=2)
    to = Where("resident", area=OTHER, household="2-201")
    moved = people.move_household(GRID, "1-101", to, first_day=day, by=district.clerk, at=world.MORNING)
    assert moved == 2
    before, after = (
        Enrolment.objects.on(one).filter(household="1-101").count() for one in (day - timedelta(1), day)
    )
    assert (before, after) == (2, 0)
    assert Enrolment.objects.on(day).filter(area_path__contains=OTHER).count() == 2
    with pytest.raises(NotFound):
        people.move_household(GRID, "1-101", to, first_day=day, by=district.clerk, at=world.MORNING)


def test_moving_back_before_a_later_roster_ends_where_that_begins(district):
    person = entered(district.clerk, name="甲", number=number(1), first=TODAY + timedelta(days=5))
    to = Where("resident", area=OTHER)
    people.move(person.pk, to, first_day=TODAY, by=district.clerk, at=world.MORNING)
    first, second = Enrolment.objects.order_by("during")
    assert first.during.upper == second.during.lower == TODAY + timedelta(days=5)


@pytest.mark.parametrize(
    ("left", "place"),
    [
        (Left("", TODAY, TODAY), "reason"),
        (Left("away", None, TODAY), "first_day"),
        (Left("away", TODAY, None), "last_day"),
        (Left("away", TODAY, TODAY - timedelta(days=1)), "last_day"),
        (Left("other", TODAY, TODAY), "note"),
        (Left("elsewhere", TODAY, TODAY, note=" "), "note"),
    ],
)
def test_an_exclusion_has_a_reason_and_days(district, left, place):
    person = entered(district.clerk, name="甲", number=number(1))
    with pytest.raises(Invalid) as refused:
        people.exclude(person.pk, left, by=district.clerk, at=world.MORNING, key=uuid4())
    assert set(refused.value.problems) == {place}


def test_an_exclusion_is_kept_once_and_ends(district):
    person, key = entered(district.clerk, name="甲", number=number(1)), uuid4()
    left = Left("away", TODAY - timedelta(days=3), TODAY + timedelta(days=3))
    for _time in range(2):
        people.exclude(person.pk, left, by=district.clerk, at=world.MORNING, key=key)
    assert Exclusion.objects.on(TODAY).count() == 1
    people.end_exclusion(key, by=district.clerk, at=world.MORNING)
    assert Exclusion.objects.on(TODAY).count() == 0
    assert Exclusion.objects.on(TODAY - timedelta(days=1)).count() == 1


def test_whoever_leaves_a_roster_leaves_it_from_a_day_on_and_for_a_reason(district):
    person = entered(district.clerk, name="甲", number=number(1))
    enrolment, later = Enrolment.objects.get(), TODAY + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        people.leave(person.pk, enrolment.pk, day=later, reason="", by=district.clerk, at=world.MORNING)
    assert set(refused.value.problems) == {"reason"}
    people.leave(person.pk, enrolment.pk, day=later, reason="离开本地", by=district.clerk, at=world.MORNING)
    assert [Enrolment.objects.on(day).count() for day in (TODAY, later)] == [1, 0]
    assert Enrolment.objects.get().because == "离开本地"


def test_whoever_moves_before_the_day_they_were_to_leave_has_moved_and_not_left(district):
    person = entered(district.clerk, name="甲", number=number(1))
    enrolment, more = Enrolment.objects.get(), {"by": district.clerk, "at": world.MORNING}
    people.leave(person.pk, enrolment.pk, day=TODAY + timedelta(days=9), reason="离开本地", **more)
    people.move(person.pk, Where("resident", area=OTHER), first_day=TODAY + timedelta(days=2), **more)
    assert [row.because for row in Enrolment.objects.all()] == ["", ""]


def test_a_number_is_read_in_full_for_a_reason_that_is_journalled(district, event):
    person = entered(district.clerk, name="甲虚构", number=number(1), phone="13900000001")
    with pytest.raises(Invalid):
        people.reveal(person.pk, reason=" ", by=district.clerk, at=world.MORNING)
    told = people.reveal(person.pk, reason="电话核实", by=district.clerk, at=world.MORNING)
    assert told == {"name": "甲虚构", "number": number(1), "document": "", "phone": "13900000001"}
    entry = history(event.pk).filter(action="reveal").get()
    assert (entry.reason, entry.details, entry.actor) == (
        "电话核实",
        {"person": str(person.pk)},
        district.clerk.user_id,
    )


def test_people_of_another_street_are_not_seen(district):
    person = entered(district.clerk, name="甲", number=number(1))
    there = world.acting(
        world.staff("there", "subdistrict-office", Role.CLERK, area_path="/370100000000/370199000000/370199002000/")
    )
    with pytest.raises(NotFound):
        people.reveal(person.pk, reason="看看", by=there, at=world.MORNING)
    assert queries.search(number(1), "", by=there) == []
    assert queries.search(number(1), "", by=district.clerk) == [person]
    assert not Enrolment.objects.visible_to(district.applicant).exists()


def test_those_who_supervise_look_on(district):
    watching, person = district.supervisor, entered(district.clerk, name="甲", number=number(1))
    enrolment, more = Enrolment.objects.get(), {"by": watching, "at": world.MORNING}
    left = Left("away", TODAY, TODAY)
    with pytest.raises(Invalid) as refused:
        entered(watching, name="乙", number=number(2))
    assert set(refused.value.problems) == {"area"}
    with pytest.raises(Invalid):
        people.move_household(GRID, "1-101", Where("resident", OTHER, "2-201"), first_day=TODAY, **more)
    for step in (
        lambda: people.move(person.pk, Where("resident", area=OTHER), first_day=TODAY, **more),
        lambda: people.leave(person.pk, enrolment.pk, day=TODAY + timedelta(1), reason="离开", **more),
        lambda: people.exclude(person.pk, left, key=uuid4(), **more),
        lambda: people.reveal(person.pk, reason="看看", **more),
        lambda: handed_in([row("丙", ric=number(3))], watching),
    ):
        with pytest.raises(NotAllowed):
            step()
    held = people.exclude(person.pk, left, key=uuid4(), by=district.clerk, at=world.MORNING)
    with pytest.raises(NotAllowed):
        people.end_exclusion(held.pk, **more)
    assert queries.search(number(1), "", by=watching) == [person]


def test_whoever_moved_away_is_kept_by_those_where_they_live_now(district):
    person = entered(district.clerk, name="甲", number=number(1))
    here, there = (
        world.acting(world.staff(street, "subdistrict-office", Role.CLERK, area_path=f"{world.DISTRICT}{street}/"))
        for street in ("370199001000", "370199002000")
    )
    Enrolment.objects.update(during=DateRange(TODAY - timedelta(days=9), None))
    people.exclude(person.pk, Left("away", TODAY, TODAY), key=uuid4(), by=here, at=world.MORNING)
    moved = Where("resident", area="370199002000")
    people.move(person.pk, moved, first_day=TODAY, by=district.clerk, at=world.MORNING)
    assert Person.objects.visible_to(here).get() == person, "who was on the roster is seen, masked"
    for step in (
        lambda: people.exclude(person.pk, Left("away", TODAY, TODAY), key=uuid4(), by=here, at=world.MORNING),
        lambda: people.reveal(person.pk, reason="看看", by=here, at=world.MORNING),
        lambda: people.move(person.pk, HOME, first_day=TODAY, by=here, at=world.MORNING),
    ):
        with pytest.raises(NotAllowed):
            step()
    assert people.reveal(person.pk, reason="电话核实", by=there, at=world.MORNING)["name"] == "甲"


def test_somebody_entered_by_another_hand_a_moment_ago_is_found(district, monkeypatch):
    first, found, asked = entered(district.clerk, name="甲", number=number(1)), people._found, []

    def late(person):
        asked.append(person)
        return found(person) if len(asked) > 1 else None

    monkeypatch.setattr(people, "_found", late)
    again = entered(district.clerk, name="甲", number=number(1), phone="13900000001")
    assert (again, again.phone) == (first, "13900000001")
    assert Enrolment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_hands_at_one_table_enter_somebody_once(district, event):
    point = Site.objects.create(
        kind_id="sampling-point", name="虚构采样点", area_path=GRID_PATH, risk="medium", opened_on=TODAY
    )
    person, _faults = identity.read({"name": "甲虚构", "number": number(1)}, today=TODAY)
    told, together = [], threading.Barrier(2)

    def meet() -> None:
        try:
            together.wait()
            told.append(people.meet(person, site=point, by=district.clerk, at=world.MORNING).pk)
        finally:
            connection.close()

    hands = [threading.Thread(target=meet) for _hand in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert told == [Person.objects.get().pk] * 2
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("欧阳虚构", "欧**构"), ("张虚构", "张*构"), ("JOHN DOE", "J****E"), ("甲", "甲*")],
)
def test_names_are_masked(name, shown):
    assert identity.mask_name(name) == shown

"""Roster files: read, told what is wrong by row, taken over once however often they are handed in."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID, HEADING, STREET, TODAY, as_csv, handed_in, number, row, taken
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.parties.models import Role
from zerotrip.prevention.models import Enrolment, Person, RosterFile, RosterRow
from zerotrip.prevention.rosters import actions, taking
from zerotrip.prevention.rosters.actions.files import Asked

pytestmark = pytest.mark.django_db

SECOND = STREET + "370199001001/370199001001002/"
PEOPLE = [
    row("张虚构", ric=number(1), phone="13900000001", door="1-101"),
    row("李假设", ric=number(2), door="1-101"),
    row("JOHN DOE", kind="护照", document="e12 34567", born="1990", door="1-102"),
    row("买买提·艾力", phone="+86 139 0000 0004", door="1-103"),
]


@pytest.fixture(autouse=True)
def event(district):
    return declared(district)


def on(day: date = TODAY, **more) -> set[str]:
    return set(Enrolment.objects.on(day).filter(**more).values_list("person__name", flat=True))


def book(rows) -> io.BytesIO:
    made, out = Workbook(), io.BytesIO()
    for line in (HEADING, *rows):
        made.active.append(list(line))
    made.save(out)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    "file",
    [as_csv, book, lambda rows: as_csv(rows, encoding="gb18030"), lambda rows: as_csv(rows, encoding="utf-16")],
    ids=["utf-8", "xlsx", "gb18030", "utf-16"],
)
def test_a_file_of_any_encoding_brings_in_its_people(district, file):
    held = taken(file(PEOPLE), district.clerk)
    assert held.status == "done"
    assert on(area_path=GRID) == {"张虚构", "李假设", "JOHN DOE", "买买提·艾力"}
    somebody = Person.objects.get(name="张虚构")
    assert (somebody.birth_year, somebody.number_shown) == (1980, number(1)[:4] + "*" * 10 + number(1)[-4:])
    assert Person.objects.get(name="买买提·艾力").phone == "13900000004"


def test_nobody_is_entered_before_it_is_confirmed(district):
    held = handed_in(PEOPLE, district.clerk)
    assert (held.status, held.found["new"], held.found["joining"]) == ("checked", 4, 4)
    assert not Person.objects.exists()
    actions.drop(held.pk, by=district.clerk, at=world.MORNING)
    assert not RosterRow.objects.exists()
    with pytest.raises(Refused):
        actions.confirm(held.pk, by=district.clerk, at=world.MORNING)


def test_the_same_file_again_changes_nothing(district):
    taken(PEOPLE, district.clerk)
    before = list(Person.objects.order_by("pk").values()), list(Enrolment.objects.order_by("pk").values())
    again = taken(PEOPLE, district.clerk, at=world.MORNING + timedelta(days=1), first_day=TODAY + timedelta(days=1))
    assert (again.found["number"], again.found["document"], again.found["phone"]) == (2, 1, 1)
    assert (again.found["staying"], again.found.get("new", 0)) == (4, 0)
    assert before == (list(Person.objects.order_by("pk").values()), list(Enrolment.objects.order_by("pk").values()))


def test_a_number_completes_whoever_is_known_by_name_and_phone(district):
    taken([row("张虚构", phone="13900000001")], district.clerk)
    known = Person.objects.get()
    held = taken([row("张虚构", ric=number(1), phone="13900000001")], district.clerk)
    assert held.found["completed"] == 1
    assert Person.objects.get().pk == known.pk
    assert Person.objects.get().ric_digest is not None


def test_two_people_claimed_by_one_row_are_named_and_not_merged(district):
    taken([row("张虚构", ric=number(1)), row("李假设", kind="护照", document="E1000001")], district.clerk)
    held = taken([row("张虚构", ric=number(1), kind="护照", document="E1000001")], district.clerk)
    assert held.found["conflict"] == 1
    line = RosterRow.objects.get(file=held)
    assert {line.person_id, line.other_id} == set(Person.objects.values_list("pk", flat=True))
    assert Person.objects.get(name="张虚构").document_digest is None


def test_two_of_one_name_and_phone_are_not_guessed(district):
    twins = [row("张虚构", ric=number(1), phone="13900000001"), row("张虚构", ric=number(2), phone="13900000001")]
    taken(twins, district.clerk)
    held = taken([row("张虚构", phone="13900000001")], district.clerk)
    assert held.found["ambiguous"] == 1
    assert Person.objects.count() == 2


def test_a_household_that_moved_is_on_one_roster_a_day(district):
    later = TODAY + timedelta(days=5)
    taken(PEOPLE, district.clerk)
    held = taken(PEOPLE[:2], district.clerk, area_path=SECOND, first_day=later)
    assert held.found["moving"] == 2
    assert on(later - timedelta(days=1), area_path=GRID) == {"张虚构", "李假设", "JOHN DOE", "买买提·艾力"}
    assert on(later, area_path=GRID) == {"JOHN DOE", "买买提·艾力"}
    assert on(later, area_path=SECOND) == {"张虚构", "李假设"}


def test_what_is_wrong_is_named_by_row_and_the_rest_is_taken(district):
    wrong = [
        row("", ric=number(1)),
        row("甲", ric="370199198001010011"),
        row("乙", ric="3.70199E+17"),
        row("丙"),
        row("丁", phone="12345"),
        row("戊", kind="学生证", document="A1234567"),
        row("己", phone="13900000009", area="没有的网格"),
    ]
    held = taken([*PEOPLE, *wrong], district.clerk)
    assert [(line, column) for line, column, _reason in held.faults] == [
        (6, "姓名"),
        (7, "身份证号"),
        (8, "身份证号"),
        (9, "身份证号"),
        (10, "手机号"),
        (11, "其他证件类型"),
        (12, "网格"),
    ]
    assert "丢失" in held.faults[2][2]
    assert (held.rows, held.found["wrong"], held.found["new"]) == (11, 7, 4)
    assert not any(text in str(held.faults) for text in (number(1), "370199198001010011", "A1234567", "12345"))


def test_a_row_names_its_grid_by_code_or_by_name(district):
    lines = [
        row("甲虚构", phone="13900000001", area="春晖二网格"),
        row("乙虚构", phone="13900000002", area="370199001002001"),
    ]
    taken(lines, district.clerk, area_path=STREET)
    assert dict(Enrolment.objects.values_list("person__name", "area_path")) == {
        "甲虚构": SECOND,
        "乙虚构": STREET + "370199001002/370199001002001/",
    }


def test_a_roster_that_is_replaced_loses_whoever_is_not_named_once_that_is_confirmed(district):
    taken(PEOPLE, district.clerk)
    later = TODAY + timedelta(days=3)
    held = handed_in(PEOPLE[:3], district.clerk, first_day=later, replaces=True)
    assert held.found["leaving"] == 1
    actions.confirm(held.pk, by=district.clerk, at=world.MORNING)
    actions.take_over(held.pk, at=world.MORNING)
    assert on(later) == {"张虚构", "李假设", "JOHN DOE"}
    assert on(later - timedelta(days=1)) == {"张虚构", "李假设", "JOHN DOE", "买买提·艾力"}
    ended = Enrolment.objects.exclude(because="").get()
    assert ended.person.name == "买买提·艾力"
    assert f"{later:%Y-%m-%d} 起的名册没有列出" in ended.because


def test_who_would_leave_is_confirmed_again_where_it_changed(district):
    taken(PEOPLE, district.clerk)
    held = handed_in(PEOPLE[:3], district.clerk, replaces=True)
    actions.confirm(held.pk, by=district.clerk, at=world.MORNING)
    taken([row("来虚构", phone="13900000077")], district.clerk)
    actions.take_over(held.pk, at=world.MORNING)
    held.refresh_from_db()
    assert (held.status, held.confirmed_at, held.found["leaving"]) == ("checked", None, 2)
    assert "来虚构" in on()


def test_a_roster_is_not_replaced_by_a_file_with_faults(district):
    held = handed_in([*PEOPLE, row("丙")], district.clerk, replaces=True)
    with pytest.raises(Refused):
        actions.confirm(held.pk, by=district.clerk, at=world.MORNING)


def test_killed_between_batches_it_goes_on_and_enters_nobody_twice(district, monkeypatch):
    monkeypatch.setattr(taking, "BATCH", 2)
    held = handed_in(PEOPLE, district.clerk)
    actions.confirm(held.pk, by=district.clerk, at=world.MORNING)
    whole, calls = taking.take, []

    def killed(*args, **more):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(*args, **more)

    monkeypatch.setattr(taking, "take", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.take_over(held.pk, at=world.MORNING)
    assert Person.objects.count() == 2
    actions.take_over(held.pk, at=world.MORNING)
    held.refresh_from_db()
    assert (held.status, held.saved) == ("done", 4)
    assert (Person.objects.count(), Enrolment.objects.count()) == (4, 4)


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\x03", b"a,b\n1,2\n", b"", b"PK\x03\x04 broken", b"\xff\xff\xff"]
)
def test_what_is_no_roster_is_told_and_nothing_is_kept(district, content):
    if not content:
        with pytest.raises(Invalid):
            handed_in(io.BytesIO(content), district.clerk)
        assert not RosterFile.objects.exists()
        return
    held = handed_in(io.BytesIO(content), district.clerk)
    assert held.status == "failed"
    assert held.because
    assert not RosterRow.objects.exists()


def test_only_ones_own_area_and_only_while_there_is_an_event(district, event):
    here = world.acting(world.staff("here", "subdistrict-office", Role.CLERK, area_path=STREET))
    with pytest.raises(Invalid) as refused:
        handed_in(PEOPLE, here, area_path="/370100000000/370199000000/370199002000/")
    assert set(refused.value.problems) == {"area"}
    type(event).objects.filter(pk=event.pk).update(ends_on=TODAY)
    with pytest.raises(Refused):
        handed_in(PEOPLE, district.clerk, at=world.MORNING + timedelta(days=1))


def test_a_file_is_its_owners_alone(district):
    held = handed_in(PEOPLE, district.clerk)
    with pytest.raises(NotFound):
        actions.confirm(held.pk, by=district.leader, at=world.MORNING)


def test_handed_in_twice_is_once(district):
    key = new_id()
    for _time in range(2):
        actions.hand_in(
            as_csv(PEOPLE),
            Asked("resident", GRID, TODAY),
            name="a.csv",
            language="zh-hans",
            by=district.clerk,
            at=world.MORNING,
            file_id=key,
        )
    assert RosterFile.objects.count() == 1


def test_what_a_file_says_goes_after_its_days(district):
    held = taken(PEOPLE, district.clerk)
    assert actions.purge(at=world.MORNING + timedelta(days=2)) == 0
    assert actions.purge(at=world.MORNING + timedelta(days=3)) == 1
    assert not RosterRow.objects.filter(file=held).exists()
    assert Person.objects.count() == 4

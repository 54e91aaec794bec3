"""Boxes: what was packed is counted twice, handed over, and what a laboratory does not find is named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.screening.sampling import people, point, put
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.models import Box, Measure, Mishap, Tube
from zerotrip.prevention.screening import boxes

pytestmark = pytest.mark.django_db

NOW = world.MORNING
LATER = NOW + timedelta(hours=1)
CODES = ["JN0001", "JN0002", "JN0003"]


@pytest.fixture
def place(district):
    declared(district, Measure.SCREENING)
    site = point()
    crowd = people(3)
    for code, one in zip(CODES, crowd, strict=True):
        put(code, [one], at_point=site, by=district.leader, sealed=True)
    return site


def packed(district, place, codes=CODES, **more):
    told = {"counted": len(codes), "point": place.pk, "by": district.leader, "at": LATER} | more
    return boxes.pack(told.pop("key", None) or new_id(), told.pop("code", "XIANG-1"), codes, **told)


def handed(district, box):
    return boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构转运员", by=district.leader, at=LATER)


def test_tubes_are_packed_once_and_counted_by_hand(district, place):
    box = packed(district, place)
    again = packed(district, place, key=box.pk)
    assert again.pk == box.pk
    assert set(box.tubes.values_list("pk", flat=True)) == set(CODES)


def test_what_was_counted_by_hand_has_to_be_what_is_packed(district, place):
    with pytest.raises(Invalid) as refused:
        packed(district, place, counted=2)
    assert "3" in refused.value.problems["counted"][0]
    assert not Box.objects.exists()


def test_open_strange_and_packed_tubes_are_named(district, place):
    put("JN0009", people(1, "/370100000000/370199000000/370199002000/"), at_point=place, by=district.leader)
    packed(district, place, CODES[:1])
    with pytest.raises(Invalid) as refused:
        packed(district, place, ["JN0001", "JN0009", "JN7777"], code="XIANG-2")
    told = " ".join(refused.value.problems["tubes"])
    assert all(code in told for code in ("JN0001", "JN0009", "JN7777"))


def test_a_box_that_is_under_way_is_not_packed_a_second_time(district, place):
    packed(district, place, CODES[:1])
    with pytest.raises(Invalid) as refused:
        packed(district, place, CODES[1:])
    assert "code" in refused.value.problems


def test_a_box_can_be_unpacked_until_it_is_handed_over(district, place):
    box = packed(district, place)
    boxes.unpack(box.pk, reason="箱号贴错", by=district.leader, at=LATER)
    assert not Tube.objects.exclude(box=None).exists()
    box = packed(district, place)
    handed(district, box)
    with pytest.raises(Refused):
        boxes.unpack(box.pk, reason="箱号贴错", by=district.leader, at=LATER)


def test_what_the_laboratory_does_not_find_and_what_it_finds_besides_is_named(district, place):
    box = packed(district, place)
    with pytest.raises(Refused):
        boxes.receive(box.pk, CODES, receiver="虚构收样员", by=SYSTEM, at=LATER)
    handed(district, box)
    there = ["JN0001", "JN0002", "JN8888"]
    for _time in range(2):
        boxes.receive(box.pk, there, receiver="虚构收样员", damaged={"JN0002": "leaked"}, by=SYSTEM, at=LATER)
    found = set(Mishap.objects.values_list("code", "kind"))
    assert found == {("JN0003", "missing"), ("JN8888", "extra"), ("JN0002", "leaked")}


def test_a_tube_in_the_wrong_box_is_linked_to_the_one_it_came_in(district, place):
    first, second = packed(district, place, CODES[:2]), packed(district, place, CODES[2:], code="XIANG-2")
    for box in (first, second):
        handed(district, box)
    boxes.receive(first.pk, CODES[:1], receiver="虚构", by=SYSTEM, at=LATER)
    boxes.receive(second.pk, CODES[1:], receiver="虚构", by=SYSTEM, at=LATER)
    assert set(second.tubes.values_list("pk", flat=True)) == set(CODES[1:])
    assert Mishap.objects.get(kind="missing").settled == "随 XIANG-2 箱送到"


def test_it_is_the_same_whichever_of_the_two_boxes_comes_first(district, place):
    first, second = packed(district, place, CODES[:2]), packed(district, place, CODES[2:], code="XIANG-2")
    for box in (first, second):
        handed(district, box)
    boxes.receive(second.pk, CODES[1:], receiver="虚构", by=SYSTEM, at=LATER)
    boxes.receive(first.pk, CODES[:1], receiver="虚构", by=SYSTEM, at=LATER)
    assert set(second.tubes.values_list("pk", flat=True)) == set(CODES[1:])
    assert not Mishap.objects.filter(voids=True).exists()


def test_damaged_tubes_are_meant_however_their_code_is_written(district, place):
    box = packed(district, place)
    handed(district, box)
    harmed = {"jn 0001": "leaked", "J" * 64: "empty"}
    boxes.receive(box.pk, CODES, receiver="虚构", damaged=harmed, by=SYSTEM, at=LATER)
    assert set(Mishap.objects.values_list("code", "kind")) == {("JN0001", "leaked"), ("J" * 32, "empty")}


def test_a_mistyped_code_of_a_damaged_tube_voids_none_elsewhere(district, place):
    first, _second = packed(district, place, CODES[:2]), packed(district, place, CODES[2:], code="XIANG-2")
    handed(district, first)
    harmed = {CODES[0]: "leaked", CODES[2]: "leaked"}
    boxes.receive(first.pk, CODES[:2], receiver="虚构", damaged=harmed, by=SYSTEM, at=LATER)
    assert dict(Mishap.objects.values_list("code", "voids")) == {CODES[0]: True, CODES[2]: False}


def test_a_mishap_is_settled_once(district, place):
    box = packed(district, place)
    handed(district, box)
    boxes.receive(box.pk, CODES[:2], receiver="虚构收样员", by=SYSTEM, at=LATER)
    mishap = Mishap.objects.get()
    boxes.settle(mishap.pk, "在车上找到，已补送", by=district.leader, at=LATER)
    mishap.refresh_from_db()
    assert mishap.settled_at == LATER
    with pytest.raises(NotFound):
        boxes.settle(mishap.pk, "找到", by=district.applicant, at=LATER)

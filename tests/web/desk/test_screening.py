"""Sampling at the desk: a tube is filled by scanning, boxes are packed and taken in, results are read in."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID, number
from tests.prevention.screening import sampling
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.models import Box, Enrolment, Measure, Mishap, Person, ResultFile, Sample, Tube
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rosters.actions.people import Where
from zerotrip.prevention.screening import boxes
from zerotrip.prevention.screening.results import actions as results

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(district, now):
    declared(district, Measure.SCREENING, at=now)
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))


@pytest.fixture
def place(desk):
    return sampling.point(area=GRID)


@pytest.fixture
def person(district, desk, now):
    written = {"name": "张虚构", "number": number(1), "phone": "13900000001"}
    where = Where("resident", area="370199001001001", household="1-101")
    return people.enter(written, where, first_day=timezone.localdate(now), by=district.clerk, at=now)


def begun(desk, place, code="JN0001", size="10"):
    return desk.post(reverse("desk-sampling-point", args=[place.pk]), {"tube": code, "capacity": size})


def scanned(desk, code="JN0001", **typed):
    return desk.post(reverse("desk-tube", args=[code]), typed, follow=True)


def test_there_is_no_such_page_without_screening(district):
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))
    assert desk.get(reverse("desk-screening")).status_code == 404


def test_the_number_of_a_card_puts_its_holder_into_the_tube(desk, place, person):
    assert begun(desk, place).url == reverse("desk-tube", args=["JN0001"])
    page = scanned(desk, who=number(1)).content.decode()
    assert "张*构 已入管" in page
    assert not any(text in page for text in ("张虚构", number(1), "13900000001"))
    assert Tube.objects.get().taken == 1
    assert "已经在这支管里" in scanned(desk, who=number(1)).content.decode()
    assert Tube.objects.get().taken == 1


def test_a_name_asks_who_is_meant(desk, place, person):
    begun(desk, place)
    page = scanned(desk, who="张虚构")
    assert "是哪一位" in page.content.decode()
    assert not Sample.objects.exists()
    scanned(desk, person=person.pk)
    assert Sample.objects.get().person_id == person.pk


def test_whom_nobody_knows_is_entered_where_they_stand(desk, place):
    begun(desk, place)
    page = scanned(desk, who="E12345678").content.decode()
    assert "没有找到，登记后入管" in page
    assert 'value="E12345678"' in page
    refused = scanned(desk, step="enter", name="", document_kind="passport", document="E12345678")
    assert refused.status_code == 422
    assert 'value="E12345678"' in refused.content.decode()
    scanned(desk, step="enter", name="Visitor Fictitious", document_kind="passport", document="E12345678")
    assert Tube.objects.get().taken == 1
    today = Enrolment.objects.get(person__name="Visitor Fictitious").during
    assert (today.upper - today.lower).days == 1


def test_an_infant_is_entered_with_the_phone_of_whoever_brings_it(desk, place):
    begun(desk, place)
    scanned(desk, step="enter", name="虚构宝宝", phone="13900000009", born="2026")
    assert Person.objects.get().birth_year == 2026
    assert Tube.objects.get().taken == 1


def test_the_second_does_not_go_into_a_tube_for_one(desk, place, district, now):
    begun(desk, place, size="1")
    one, two = sampling.people(2)
    scanned(desk, person=one.pk)
    page = scanned(desk, person=two.pk).content.decode()
    assert "已满 1 人" in page
    assert (Tube.objects.get().taken, Tube.objects.get().over) == (1, 0)


def test_a_code_that_is_none_keeps_what_was_typed(desk, place):
    page = begun(desk, place, code="管一")
    assert page.status_code == 422
    assert 'value="管一"' in page.content.decode()


def test_somebody_put_in_by_mistake_is_taken_out_until_the_tube_is_sealed(desk, place):
    begun(desk, place)
    one, two = sampling.people(2)
    scanned(desk, person=one.pk)
    scanned(desk, person=two.pk)
    desk.post(reverse("desk-tube-out", args=["JN0001", one.pk]))
    assert Tube.objects.get().taken == 1
    desk.post(reverse("desk-tube-seal", args=["JN0001"]))
    assert Tube.objects.get().sealed_at
    assert desk.post(reverse("desk-tube-out", args=["JN0001", two.pk])).status_code == 409


def test_a_box_goes_from_the_point_to_the_laboratory(desk, place, district, now):
    for code, one in zip(("JN0001", "JN0002"), sampling.people(2), strict=True):
        sampling.put(code, [one], at_point=place, by=district.clerk, at=now, sealed=True)
    address = reverse("desk-pack", args=[place.pk])
    typed = {"key": new_id(), "code": "BOX1", "tubes": ["JN0001", "JN0002"]}
    wrong = desk.post(address, typed | {"counted": "3"})
    assert wrong.status_code == 422
    assert "2 支" in wrong.content.decode()
    desk.post(address, typed | {"counted": "2"})
    box = Box.objects.get()
    show = reverse("desk-box", args=[box.pk])
    assert desk.post(show, {"step": "hand-over"}).status_code == 422
    desk.post(show, {"step": "hand-over", "laboratory": "demo-lab-1", "carrier": "虚构转运员"})
    desk.post(show, {"step": "receive", "tubes": ["JN0001"], "there": "JN0009", "receiver": "虚构收样员"})
    assert set(Mishap.objects.values_list("code", "kind")) == {("JN0002", "missing"), ("JN0009", "extra")}
    page = desk.get(reverse("desk-boxes")).content.decode()
    assert "JN0002" in page
    mishap = Mishap.objects.get(kind="extra")
    desk.post(reverse("desk-mishap", args=[mishap.pk]), {"how": "别的点装错，已转回"})
    assert Mishap.objects.filter(settled_at=None).count() == 1


def test_a_lost_tube_names_those_in_it_until_somebody_says_that_it_is_good(desk, place, district, now):
    sampling.put("JN0001", sampling.people(2), at_point=place, by=district.clerk, at=now, sealed=True)
    box = boxes.pack(new_id(), "BOX1", ["JN0001"], counted=1, point=place.pk, by=district.clerk, at=now)
    boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构", by=district.clerk, at=now)
    desk.post(reverse("desk-box", args=[box.pk]), {"step": "receive", "tubes": [], "receiver": "虚构收样员"})
    pages = [reverse("desk-boxes"), reverse("desk-box", args=[box.pk])]
    assert all("管里 2 人要重采" in desk.get(page).content.decode() for page in pages)
    tube = desk.get(reverse("desk-tube", args=["JN0001"])).content.decode()
    assert "管里的采样不算" in tube
    assert tube.count("甲") == 2
    desk.post(
        reverse("desk-mishap", args=[Mishap.objects.get().pk]), {"how": "在车上找到，已补送", "usable": "yes"}
    )
    assert "要重采" not in desk.get(pages[1]).content.decode()
    assert "JN0001" in desk.get(reverse("desk-pack", args=[place.pk])).content.decode()


def test_tubes_that_are_not_listed_for_packing_are_said_to_be_there(desk, place, district, now, monkeypatch):
    for code, one in zip(("JN0001", "JN0002", "JN0003"), sampling.people(3), strict=True):
        sampling.put(code, [one], at_point=place, by=district.clerk, at=now, sealed=True)
    address = reverse("desk-pack", args=[place.pk])
    assert "另有" not in desk.get(address).content.decode()
    monkeypatch.setattr(boxes, "MOST", 2)
    assert "另有 1 支" in desk.get(address).content.decode()


def test_a_file_of_results_is_read_in_and_names_who_is_to_be_tested_again(desk, place, district, now):
    sampling.put("JN0001", sampling.people(3), at_point=place, by=district.clerk, at=now, sealed=True)
    stamp = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
    text = f"管码,结果,报告时间\nJN0001,阳性,{stamp}\nJN0404,阴性,{stamp}\n"
    told = {
        "key": new_id(),
        "laboratory": "demo-lab-1",
        "area": "370199001000",
        "file": SimpleUploadedFile("结果.csv", text.encode("gb18030")),
    }
    refused = desk.post(reverse("desk-results"), told | {"laboratory": "", "file": io.BytesIO(b"x")})
    assert refused.status_code == 422
    address = desk.post(reverse("desk-results"), told).url
    results.take_over(ResultFile.objects.get().pk, at=timezone.now())
    page = desk.get(address).content.decode()
    assert "JN0404" in page
    page = desk.get(reverse("desk-retests")).content.decode()
    assert page.count("甲") == 3
    assert "13900000000" not in page
    tube = desk.get(reverse("desk-tube", args=["JN0001"])).content.decode()
    assert f"{reverse('desk-retests')}?tube=JN0001" in tube
    assert "<b>3</b> 人还没有单采结果" in desk.get(reverse("desk-retests"), {"tube": "JN0001"}).content.decode()
    assert "没有人要复核" in desk.get(reverse("desk-retests"), {"tube": "JN0404"}).content.decode()


def test_pages_cost_the_same_however_much_there_is(desk, place, district, now, django_assert_max_num_queries):
    crowd = sampling.people(30)
    for count, one in enumerate(crowd):
        sampling.put(f"JN{count:04}", [one], at_point=place, by=district.clerk, at=now, sealed=count % 2 == 0)
    sampling.put("JN9000", crowd[:10], at_point=place, by=district.clerk, at=now)
    results.hear([results.Said("JN9000", "positive", now)], b"", laboratory="demo-lab-1", file_id=new_id(), at=now)
    for name, arguments, most in (
        ("desk-screening", [], 18),
        ("desk-sampling-point", [place.pk], 18),
        ("desk-tube", ["JN9000"], 12),
        ("desk-boxes", [], 13),
        ("desk-results", [], 16),
        ("desk-retests", [], 14),
    ):
        with django_assert_max_num_queries(most):
            assert desk.get(reverse(name, args=arguments)).status_code == 200

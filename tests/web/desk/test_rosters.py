"""Rosters and sites at the desk: masked, searched, entered and moved by hand, handed in as files."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests import world
from tests.prevention import emergency
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID, as_csv, number, row
from zerotrip.parties.models import User
from zerotrip.prevention.models import Enrolment, Exclusion, Person, RosterFile, Site
from zerotrip.prevention.rosters import actions
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rosters.actions.people import Where

pytestmark = pytest.mark.django_db

CODE = "370199001001001"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def today(now):
    return timezone.localdate(now)


@pytest.fixture
def desk(district, now):
    declared(district, at=now)
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))


@pytest.fixture
def person(district, desk, now, today):
    written = {"name": "张虚构", "number": number(1), "phone": "13900000001"}
    where = Where("resident", area=CODE, household="1-101")
    return people.enter(written, where, first_day=today, by=district.clerk, at=now)


def test_there_is_no_such_page_without_an_event(district):
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))
    assert desk.get(reverse("desk-rosters")).status_code == 404
    assert desk.get(reverse("desk-sites")).status_code == 404


def test_the_roster_of_a_day_is_masked(desk, person, today):
    page = desk.get(reverse("desk-rosters")).content.decode()
    assert "张*构" in page
    assert "139****0001" in page
    assert not any(text in page for text in ("张虚构", number(1), "13900000001"))
    before = desk.get(reverse("desk-rosters"), {"day": (today - timedelta(days=1)).isoformat()}).content.decode()
    assert "张*构" not in before


def test_a_phone_alone_is_told_that_a_name_goes_with_it(desk, person):
    page = desk.get(reverse("desk-rosters"), {"phone": "13900000001", "day": "2020-01-01"}).content.decode()
    assert "按姓名查要同时填手机号" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": number(1)}, True),
        ({"text": "张虚构", "phone": "13900000001"}, True),
        ({"text": "张虚构"}, False),
        ({"text": number(2)}, False),
    ],
)
def test_somebody_is_searched_by_number_or_by_name_with_phone(desk, person, asked, found):
    page = desk.get(reverse("desk-rosters"), {**asked, "day": "2020-01-01"}).content.decode()
    assert ("张*构" in page) is found


def test_the_page_asks_the_same_for_one_and_for_many(district, desk, person, now, today):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(reverse("desk-rosters")).status_code == 200
        return len(queries)

    asked()
    one = asked()
    for serial in range(2, 12):
        people.enter(
            {"name": "李假设", "number": number(serial)},
            Where("resident", area=CODE),
            first_day=today,
            by=district.clerk,
            at=now,
        )
    assert asked() == one <= 22


def test_an_elder_without_a_phone_is_entered_and_what_is_wrong_loses_nothing(desk, today):
    address = reverse("desk-roster-enter")
    told = {"name": "王老人", "number": "1", "kind": "resident", "area": CODE, "first_day": today.isoformat()}
    wrong = desk.post(address, told)
    assert wrong.status_code == 422
    assert "王老人" in wrong.content.decode()
    right = desk.post(address, told | {"number": number(1, "19350101")})
    assert right.status_code == 302
    assert desk.get(right["Location"]).status_code == 200
    assert Person.objects.get().birth_year == 1935


def test_a_person_is_left_out_moved_and_taken_off_on_their_page(desk, person, today):
    address = reverse("desk-roster-person", args=[person.pk])
    assert desk.post(address, {"step": "exclude", "reason": "away"}).status_code == 422
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=2)).isoformat()}
    assert desk.post(address, {"step": "exclude", "reason": "away", **days}).status_code == 302
    assert "不用查" in desk.get(reverse("desk-rosters")).content.decode()
    assert desk.post(reverse("desk-roster-include", args=[Exclusion.objects.get().pk])).status_code == 302
    assert not Exclusion.objects.exists(), "left out from today on, and due again from today on"
    later = {"first_day": (today + timedelta(days=1)).isoformat(), "kind": "resident", "area": "370199001001002"}
    assert desk.post(address, {"step": "move", **later}).status_code == 302
    assert Enrolment.objects.count() == 2
    last = Enrolment.objects.order_by("-during").first()
    off = {"enrolment": last.pk, "day": (today + timedelta(days=5)).isoformat()}
    assert desk.post(address, {"step": "leave", **off}).status_code == 422
    assert desk.post(address, {"step": "leave", "reason": "离开", **off}).status_code == 302
    assert desk.get(address).status_code == 200


def test_whoever_supervises_sees_somebody_masked_and_changes_nothing(district, person, today):
    looks = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.supervisor.user_id))
    address = reverse("desk-roster-person", args=[person.pk])
    page = looks.get(address).content.decode()
    assert "张*构" in page
    assert not any(text in page for text in ("移出名册", "登记不用查的原因", "查看完整姓名和号码"))
    assert "登记一个人" not in looks.get(reverse("desk-rosters")).content.decode()
    for name in ("enter", "household", "files"):
        assert looks.get(reverse(f"desk-roster-{name}")).status_code == 403
    days = {"first_day": today.isoformat(), "last_day": today.isoformat()}
    assert looks.post(address, {"step": "exclude", "reason": "away", **days}).status_code == 403
    assert looks.post(reverse("desk-roster-reveal", args=[person.pk]), {"reason": "看看"}).status_code == 403
    assert not Exclusion.objects.exists()


def test_why_somebody_left_stands_on_their_page(desk, person, today):
    address = reverse("desk-roster-person", args=[person.pk])
    off = {"enrolment": Enrolment.objects.get().pk, "day": (today + timedelta(days=1)).isoformat()}
    desk.post(address, {"step": "leave", "reason": "搬到外省", **off})
    assert "搬到外省" in desk.get(address).content.decode()


def test_the_whole_of_somebody_is_shown_once_for_a_reason(desk, person):
    address = reverse("desk-roster-reveal", args=[person.pk])
    assert desk.post(address, {"reason": ""}).status_code == 422
    page = desk.post(address, {"reason": "电话核实"})
    assert number(1) in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_household_moves(desk, person, today):
    address = reverse("desk-roster-household")
    assert desk.get(address).status_code == 200
    told = {"from_area": CODE, "from_household": "9-999", "kind": "resident", "area": "370199001001002"}
    told |= {"household": "2-201", "first_day": (today + timedelta(days=1)).isoformat()}
    assert desk.post(address, told).status_code == 404
    assert desk.post(address, told | {"from_household": "1-101"}).status_code == 302
    assert Enrolment.objects.count() == 2


def test_a_file_is_handed_in_looked_at_and_confirmed(district, desk, person, today, now):
    rows = [
        row("张虚构", ric=number(1), phone="13900000001"),
        row("张虚构", phone="13900000001"),
        row("李假设", kind="护照", document="E1234567"),
        row("", ric=number(3)),
    ]
    told = {"kind": "resident", "area": CODE, "first_day": today.isoformat()}
    none = desk.post(reverse("desk-roster-files"), told)
    assert none.status_code == 422
    file = SimpleUploadedFile("名册.csv", as_csv(rows).read())
    sent = desk.post(reverse("desk-roster-files"), {**told, "file": file})
    assert sent.status_code == 302
    held = RosterFile.objects.get()
    assert "排队中" in desk.get(sent["Location"]).content.decode()
    actions.look_through(held.pk, at=now)
    page = desk.get(sent["Location"]).content.decode()
    assert "姓名和手机号相同" in page
    assert "请填写姓名" in page
    assert not any(text in page for text in ("张虚构", number(1), number(3), "E1234567"))
    emergency.exporter(district)
    address = reverse("desk-roster-report", args=[held.pk])
    report = b"".join(desk.post(address, {"why": "核对"}).streaming_content).decode()
    assert "姓名和手机号相同" in report
    assert "13900000001" not in report
    assert desk.post(reverse("desk-roster-file-act", args=[held.pk, "confirm"])).status_code == 302
    actions.take_over(held.pk, at=now)
    assert desk.get(sent["Location"]).status_code == 200
    assert Person.objects.count() == 2


def test_the_template_can_be_handed_in(desk):
    book = load_workbook(io.BytesIO(desk.get(reverse("desk-roster-template")).content))
    assert [cell.value for cell in book.active[1]][:2] == ["姓名", "身份证号"]


def site(desk, **more):
    told = {"kind": "small-restaurant", "name": "虚构面馆", "area": CODE, "address": "虚构路 1 号", "seats": "40"}
    return desk.post(reverse("desk-site-new"), told | more)


def test_a_site_is_registered_changed_and_closed_each_with_its_reason(desk, today):
    assert desk.get(reverse("desk-site-new")).status_code == 200
    assert site(desk, name="", seats="四十").status_code == 422
    address = site(desk)["Location"]
    made = Site.objects.get()
    assert (made.details, made.risk, made.area_path, len(made.code)) == ({"seats": "40"}, "low", GRID, 16)
    assert site(desk).status_code == 422, "the same again"
    changed = {"name": "虚构面馆", "area": CODE, "risk": "high"}
    assert desk.post(address, changed).status_code == 422
    assert desk.post(address, changed | {"reason": "人多"}).status_code == 302
    closing = reverse("desk-site-close", args=[made.pk])
    assert desk.post(closing, {"closed_on": today.isoformat()}).status_code == 422
    assert desk.post(closing, {"closed_on": today.isoformat(), "reason": "歇业"}).status_code == 302
    page = desk.get(address).content.decode()
    assert all(text in page for text in ("人多", "歇业", "已关闭"))
    assert "虚构面馆" not in desk.get(reverse("desk-sites")).content.decode()
    assert "虚构面馆" in desk.get(reverse("desk-sites"), {"closed": "yes"}).content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"kind": "small"}, True), ({"kind": "mall"}, False), ({"risk": "high"}, False), ({"q": "面馆"}, True)],
)
def test_sites_are_searched(desk, asked, found):
    site(desk)
    assert ("虚构面馆" in desk.get(reverse("desk-sites"), asked).content.decode()) is found


def sheet(*rows):
    book, out = Workbook(), io.BytesIO()
    for line in (("类型", "名称", "网格", "地址", "风险"), *rows):
        book.active.append(line)
    book.save(out)
    return SimpleUploadedFile("sites.xlsx", out.getvalue())


def test_sites_come_in_all_or_none_and_once(desk, district):
    good = ("农贸市场", "虚构市场", "春晖一网格", "虚构路 2 号", "")
    address = reverse("desk-sites-import")
    wrong = desk.post(address, {"file": sheet(good, ("没有的", "甲乙", CODE, "", "")), "step": "add"})
    assert wrong.status_code == 422
    assert not Site.objects.exists()
    assert "还什么也没有登记" in desk.post(address, {"file": sheet(good), "step": "look"}).content.decode()
    for _time in range(2):
        assert desk.post(address, {"file": sheet(good), "step": "add"}).status_code == 302
    assert Site.objects.get().risk == "high", "what its kind begins with"
    emergency.exporter(district)
    taken_out = load_workbook(io.BytesIO(desk.post(reverse("desk-sites-export"), {"why": "核对"}).content))
    assert [cell.value for cell in taken_out.active[2]][:4] == ["农贸市场", "虚构市场", CODE, "虚构路 2 号"]
    assert desk.post(address, {"file": SimpleUploadedFile("x.xlsx", b"no"), "step": "add"}).status_code == 415

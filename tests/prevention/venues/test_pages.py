"""Pages of doors: the poster's, the keeper's, the desk's, the board; what each costs, and who learns what."""

from __future__ import annotations

from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.handing_in import number
from tests.prevention.venues import doors
from tests.prevention.venues.service import SECRET, Service
from zerotrip.ids import new_id
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import User
from zerotrip.prevention.models import VenueScan
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rosters.actions.people import Where
from zerotrip.prevention.venues import healthcode
from zerotrip.prevention.venues.healthcode import Breaker
from zerotrip.web.desk.prevention import posters
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def desk(district, now):
    declared(district, at=now)
    return browser(district.clerk)


def browser(actor) -> Client:
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=actor.user_id))


def words(page) -> str:
    return page.content.decode()


class TestPoster:
    def test_a_scan_costs_two_queries_and_no_session(self, desk, django_assert_num_queries):
        site, visitor = doors.site(), Client(HTTP_HOST="localhost")
        address = reverse("venue", args=[site.code])
        with django_assert_num_queries(2):
            assert "我进来了" in words(visitor.get(address))
        with django_assert_num_queries(2):
            page = visitor.post(address, {"id": new_id()})
        assert "已登记" in words(page)
        assert "sessionid" not in visitor.cookies
        assert VenueScan.objects.get().person is None

    def test_whoever_is_signed_in_may_say_who_they_are(self, desk, district):
        site, me = doors.site(), browser(district.stranger)
        address = reverse("venue", args=[site.code])
        me.post(address, {"id": new_id()})
        me.post(address, {"id": new_id(), "as_me": "1"})
        assert [row.person is None for row in VenueScan.objects.order_by("id")] == [True, False]

    def test_a_code_nobody_has_says_what_to_do(self, desk):
        page = Client(HTTP_HOST="localhost").get(reverse("venue", args=["2" * 16]))
        assert page.status_code == 404
        assert "海报" in words(page)

    def test_the_code_on_the_paper_leads_to_the_page(self, desk, settings):
        settings.SITE_URL = "https://zerotrip.example"
        site = doors.site()
        paper = desk.get(reverse("desk-site-poster", args=[site.pk]))
        assert paper["Content-Type"] == "application/pdf"
        codes, text = on_paper(paper.content)
        assert codes == [f"https://zerotrip.example/v/{site.code}/"]
        assert "虚构商场" in text
        assert "Scan" in text

    def test_a_list_is_printed_as_one_file_a_page_each(self, desk, monkeypatch):
        monkeypatch.setattr(posters, "POSTERS", 2)
        for name in ("虚构甲店", "虚构乙店", "虚构丙店"):
            doors.site(name, kind="small-shop")
        doors.site("虚构别处")
        paper = desk.get(reverse("desk-sites-posters"), {"kind": "small-shop"})
        assert len(on_paper(paper.content)[0]) == 2
        paper = desk.get(reverse("desk-sites-posters"), {"kind": "small-shop", "part": "2"})
        assert len(on_paper(paper.content)[0]) == 1
        assert desk.get(reverse("desk-sites-posters"), {"q": "没有"}).status_code == 422


class TestKeeper:
    def test_it_says_aloud_who_comes_in(self, desk, district):
        site = doors.site(owner=district.firm)
        keeper, address = browser(district.applicant), reverse("door", args=[site.pk])
        assert site.name in words(keeper.get(reverse("doors")))
        sent = {"id": new_id(), "colour": "green", "mask": "1", "temperature": "36.6", "number": number(1)}
        assert "可以进" in words(keeper.post(address, sent))
        away = words(keeper.post(address, {**sent, "id": new_id(), "temperature": "38.1", "mask": ""}))
        assert "不能进" in away
        assert "体温异常、没有戴口罩" in away
        assert [row.outcome for row in VenueScan.objects.order_by("id")] == ["in", "away"]

    def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(self, desk, district):
        site = doors.site()
        page = desk.post(reverse("door", args=[site.pk]), {"colour": "green", "temperature": "丙"})
        assert page.status_code == 422
        assert 'value="丙"' in words(page)
        assert 'id="temperature-problem"' in words(page)
        assert not VenueScan.objects.exists()

    def test_the_service_goes_before_the_eye_and_down_is_said(self, desk, settings, monkeypatch):
        monkeypatch.setattr(healthcode, "breaker", Breaker())
        service = Service()
        settings.HEALTH_CODE_URL, settings.HEALTH_CODE_SECRET = service.address, SECRET
        address, sent = (
            reverse("door", args=[doors.site().pk]),
            {"colour": "green", "mask": "1", "number": "x" * 60},
        )
        try:
            service.answer = lambda desk, asked: desk.tell(asked, colour="red", number=number(1))
            assert "不能进" in words(desk.post(address, {**sent, "id": new_id()}))
            service.answer = lambda desk, asked: desk.tell(asked, status=500)
            down = words(desk.post(address, {**sent, "id": new_id()}))
        finally:
            service.stop()
        assert "健康码服务现在不通" in down
        assert "登记了，可以进" in down
        rows = VenueScan.objects.order_by("id")
        assert [(row.told_by, row.colour, row.person is None) for row in rows] == [
            ("service", "red", False),
            ("down", "green", True),
        ]

    def test_a_door_of_others_is_closed(self, desk, district):
        assert browser(district.applicant).get(reverse("door", args=[doors.site().pk])).status_code == 403


class TestDesk:
    def test_the_page_of_a_site_shows_what_it_owes_today(self, desk, now):
        site = doors.site()
        owed(now)
        page = words(desk.get(reverse("desk-site", args=[site.pk])))
        assert "虚构消杀" in page
        assert "虚构通风" in page

    def test_counts_by_hour_name_nobody(self, desk, district, now, django_assert_max_num_queries):
        site = doors.site()
        doors.came(site, district.clerk, at=now, number=number(1))
        doors.came(site, district.clerk, at=now, colour="red")
        with django_assert_max_num_queries(14):
            assert site.name in words(desk.get(reverse("desk-venues")))
        page = words(desk.get(reverse("desk-venue", args=[site.pk])))
        assert "<b>1</b> 人次进门" in page
        assert "<b>1</b> 人次劝返" in page

    def test_a_way_is_looked_up_for_a_reason_that_is_kept(self, desk, district, now):
        here, there = doors.site(), doors.site("虚构超市")
        for place, door in enumerate((here, there)):
            doors.came(door, district.clerk, at=now - timedelta(minutes=5 - place), number=number(1))
        doors.came(there, district.clerk, at=now, number=number(2))
        asked = {"number": number(1), **today(now)}
        page = desk.post(reverse("desk-venue-trace"), asked)
        assert page.status_code == 422
        page = words(desk.post(reverse("desk-venue-trace"), {**asked, "reason": "流调"}))
        assert page.index("虚构商场") < page.index("虚构超市")
        kept = Entry.objects.get(action="trace_person")
        assert kept.reason == "流调"
        assert number(1) not in str(kept.details)

    def test_who_was_there_is_named_from_the_roster_masked(self, desk, district, now):
        site = doors.site()
        where = Where("resident", area="370199001001001", household="1-101")
        written = {"name": "张虚构", "number": number(1), "phone": "13900000001"}
        person = people.enter(written, where, first_day=timezone.localdate(now), by=district.clerk, at=now)
        doors.came(site, district.clerk, at=now, number=number(1))
        doors.came(site, district.clerk, at=now, number=number(2))
        doors.came(site, district.clerk, at=now, number=number(3), colour="red")
        doors.came(site, district.clerk, at=now)
        page = words(desk.post(reverse("desk-venue-present", args=[site.pk]), {**today(now), "reason": "流调"}))
        assert "张*构" in page
        assert "张虚构" not in page
        assert page.count("名册里没有") == 1
        assert "另有 1 人次没有登记是谁" in page
        way = desk.post(reverse("desk-venue-trace"), {"person": person.pk, **today(now), "reason": "流调"})
        assert "虚构商场" in words(way)

    def test_another_streets_doors_are_not_seen(self, desk, district, now):
        leader = district.leader
        site = doors.site(area="/370100000000/370200000000/")
        assert browser(leader).get(reverse("desk-venue", args=[site.pk])).status_code == 404


def test_the_board_is_for_everybody_and_names_nobody(desk, now):
    site = doors.site(owner=None)
    type(site).objects.filter(pk=site.pk).update(contact="虚构联系人", phone="13900000009")
    owed(now)
    page = words(Client(HTTP_HOST="localhost").get(reverse("site-board", args=[site.code])))
    assert "虚构消杀" in page
    assert "虚构联系人" not in page
    assert "13900000009" not in page


def today(now) -> dict[str, str]:
    day = timezone.localdate(now).isoformat()
    return {"first": day, "first_at": "00:00", "last": day, "last_at": "23:59"}


def owed(now) -> None:
    """Malls are disinfected and aired today."""
    where = {"fact": "kind", "is": "mall"}
    for slug, name in (("disinfection", "虚构消杀"), ("airing", "虚构通风")):
        duty = roster.spec(slug, who="site", where=where, name={"zh": name})
        midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        roster.opened(roster.declared(duty)[0], at=midnight)


def on_paper(content: bytes) -> tuple[list[str], str]:
    """The codes on the pages of a PDF, in order, as a scanner reads them, and its words."""
    codes, text = [], ""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        picture = page.render(scale=2).to_pil()
        codes += [one.text for one in zxingcpp.read_barcodes(picture)]
        text += page.get_textpage().get_text_range()
    assert len(document) == len(codes), "a poster is a page"
    return codes, text

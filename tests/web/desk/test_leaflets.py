"""Leaflets on the pages: sent from the desk, read on a phone without signing in, brought to a door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.prevention import emergency
from tests.prevention.leaflets.sent import duty, made, person
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.models import Leaflet, Person
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

NOTICES = "/desk/prevention/notices/"


@pytest.fixture
def asked(district) -> None:
    """The pack asks people to read what they are sent, and an event is under way."""
    duty()
    emergency.declared(district)


@pytest.fixture
def leaflet(district, asked) -> Leaflet:
    """One that was sent to somebody with a phone and somebody without."""
    person("王小明"), person("李大爷", phone=False, household="9-901")
    now = timezone.now()
    row = made(district, at=now, title_en="A made-up leaflet", text_en="First. Second.")
    sending.work(row.pk, at=now)
    return Leaflet.objects.get()


def link(leaflet: Leaflet) -> str:
    return f"/n/{token_of(leaflet.receipts.get().pk)}/"


def test_one_is_written_looked_at_and_sent(district, asked):
    person("王小明"), person("李大爷", phone=False)
    clerk = Browser(district.clerk)
    form = clerk.open(NOTICES + "new/").form()
    refused = form.press("看发给多少人", status=422, title="虚构明白纸")
    assert refused.form().values["title"] == ["虚构明白纸"]
    until = (timezone.now().astimezone(CHINA) + timedelta(days=2)).date().isoformat()
    told = {"text": "第一条。", "until": until, "area": "370199000000"}
    looked = refused.form().press("看发给多少人", status=200, **told)
    assert "发给 2 人" in looked.text
    assert not Leaflet.objects.exists()
    narrower = looked.form().press("发送", status=200, household="1-101")
    assert "发给 0 人" in narrower.text
    again = narrower.form().press("看发给多少人", status=200, household="")
    sent = again.form().press("发送")
    row = Leaflet.objects.get()
    assert "正在找收件人" in sent.follow().text
    sending.work(row.pk, at=timezone.now())
    page = clerk.open(f"{NOTICES}{row.pk}/")
    assert "王*明" in page.text
    assert "王小明" not in page.text


def test_it_is_read_on_a_phone_without_signing_in(leaflet):
    phone = Browser(None)
    page = phone.open(link(leaflet))
    assert "王*明" in page.text
    refused = page.form().press("签收", status=422, name="别人")
    assert "对不上" in refused.text
    assert refused.form().values["name"] == ["别人"]
    done = refused.form().press("签收", name="王小明")
    assert "已在" in done.follow().text
    assert leaflet.receipts.get().signature == "王小明"
    phone.open("/n/nothing/", status=404)


def test_a_link_that_was_withdrawn_or_is_over_says_so_and_shows_no_form(district, leaflet):
    actions.withdraw(leaflet.pk, "发错了", by=district.clerk, at=timezone.now())
    page = Browser(None).open(link(leaflet))
    assert "发错了" in page.text
    assert "第一条" not in page.text


def test_it_is_brought_to_a_door(district, leaflet):
    clerk = Browser(district.clerk)
    doors = clerk.open(f"{NOTICES}{leaflet.pk}/?who=door")
    assert "9-901" in doors.text
    assert "王*明" not in doors.text
    (door,) = [
        address for address in doors.links if address.startswith(f"{NOTICES}{leaflet.pk}/") and "?" not in address
    ]
    form = clerk.open(door).form()
    form.press("签收", status=422, name="别人")
    form.press("签收", status=422, name="李小", whose="other")
    form.press("签收", name="李小", whose="other", on_behalf="孙女")
    assert leaflet.receipts.get(how="door").on_behalf == "孙女"


def test_names_are_for_those_who_work_there_and_others_see_counts(district, leaflet):
    page = Browser(district.supervisor).open(f"{NOTICES}{leaflet.pk}/")
    assert "王*明" not in page.text
    assert "2" in page.text
    someone = leaflet.receipts.get().person
    Browser(district.supervisor).open(f"{NOTICES}{leaflet.pk}/{someone}/", status=404)


def test_it_is_withdrawn_with_a_reason_and_sent_anew(district, leaflet):
    clerk = Browser(district.clerk)
    again = clerk.open(f"{NOTICES}new/?from={leaflet.pk}").form()
    assert again.values["title"] == ["虚构明白纸"]
    until = (timezone.now().astimezone(CHINA) + timedelta(days=2)).date().isoformat()
    again.press("看发给多少人", status=200, text="新的。", until=until).form().press("发送")
    leaflet.refresh_from_db()
    assert leaflet.because == "有新的版本"
    assert Leaflet.objects.get(edition=2).replaces == leaflet.pk


def test_somebody_with_an_account_finds_it_among_what_they_owe(district, leaflet):
    reader = leaflet.receipts.get()
    Person.objects.filter(pk=reader.person).update(party=district.applicant.person_id)
    assert link(leaflet) in Browser(district.applicant).open("/checks/").html


def test_pages_cost_the_same_for_few_and_for_many(district, leaflet):
    clerk, phone = Browser(district.clerk), Browser(None)
    pages = (NOTICES, f"{NOTICES}{leaflet.pk}/", NOTICES + "new/")
    before = [cost(clerk, page) for page in pages]
    read = cost(phone, link(leaflet))
    for name in "赵钱孙":
        person(name + "某"), person(name + "爷", phone=False)
    now = timezone.now()
    other = made(district, at=now)
    sending.work(other.pk, at=now)
    assert [cost(clerk, page) for page in pages] == before
    assert (before, read) == ([9, 19, 9], 3)


@pytest.mark.parametrize("page", ["", "new/", "{pk}/", "{pk}/?who=door"])
def test_pages_speak_english(district, leaflet, page):
    clerk = Browser(district.clerk, language="en")
    words = chinese_words(clerk.open(NOTICES + page.format(pk=leaflet.pk)))
    assert [word for word in words if not word.startswith(("王*明", "李*爷"))] == []


def test_the_letter_speaks_english(leaflet):
    page = Browser(None, language="en").open(link(leaflet))
    assert "A made-up leaflet" in page.text
    assert "第一条" not in page.text

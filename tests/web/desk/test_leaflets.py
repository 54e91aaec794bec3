"""Leaflets on the pages: sent from the desk, read on a phone without signing in, brought to a door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.prevention import emergency
from tests.prevention.leaflets.sent import duty, made, person
from tests.prevention.test_population import site
from tests.web.browsing import Browser, Page, chinese_words, cost, token
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.models import Enrolment, Leaflet, Person
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

LEAFLETS = "/desk/prevention/leaflets/"


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


def asks(page: Page) -> list:
    """The forms of a page that come back to it."""
    return [form for form in page.forms if form.action in ("", page.url)]


def test_one_is_written_looked_at_and_sent(district, asked):
    person("王小明"), person("李大爷", phone=False)
    clerk = Browser(district.clerk)
    form = clerk.open(LEAFLETS + "new/").form()
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
    assert "正在找发给谁" in sent.follow().text
    sending.work(row.pk, at=timezone.now())
    page = clerk.open(f"{LEAFLETS}{row.pk}/")
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


def test_a_link_that_was_withdrawn_says_why_and_shows_neither_text_nor_form(district, leaflet):
    actions.withdraw(leaflet.pk, "发错了", by=district.clerk, at=timezone.now())
    page = Browser(None).open(link(leaflet))
    assert "发错了" in page.text
    assert "第一条" not in page.text
    assert asks(page) == []


def test_a_link_that_is_over_says_so_and_shows_neither_text_nor_form(district, asked):
    person("王小明")
    long_ago = timezone.now() - timedelta(days=5)
    row = made(district, at=long_ago)
    sending.work(row.pk, at=long_ago)
    page = Browser(None).open(link(row))
    assert "签收时间已经过了" in page.text
    assert "第一条" not in page.text
    page.browser.send(link(row), {**token(page), "name": "王小明"}, status=409)
    assert row.receipts.get().read_at is None


def test_a_link_locked_by_wrong_names_says_what_to_do_and_shows_no_form(leaflet):
    phone = Browser(None)
    for name in "甲乙丙丁戊":
        refused = phone.open(link(leaflet)).form().press("签收", status=422, name=name)
    assert "不能再签收" in refused.text
    page = phone.open(link(leaflet))
    assert "由工作人员上门签收" in page.text
    assert "第一条" in page.text
    assert asks(page) == []


def test_it_is_brought_to_a_door(district, leaflet):
    clerk = Browser(district.clerk)
    doors = clerk.open(f"{LEAFLETS}{leaflet.pk}/?who=door")
    assert "9-901" in doors.text
    assert "王*明" not in doors.text
    (door,) = [
        address for address in doors.links if address.startswith(f"{LEAFLETS}{leaflet.pk}/") and "?" not in address
    ]
    form = clerk.open(door).form()
    form.press("签收", status=422, name="别人")
    form.press("签收", status=422, name="李小", whose="other")
    form.press("签收", name="李小", whose="other", on_behalf="孙女")
    assert leaflet.receipts.get(how="door").on_behalf == "孙女"


def test_names_are_for_those_who_work_there_and_others_see_counts(district, leaflet):
    page = Browser(district.supervisor).open(f"{LEAFLETS}{leaflet.pk}/")
    assert "王*明" not in page.text
    assert re.search(r"没签收\s*2(?!\d)", page.text)
    duty = Browser(district.supervisor).open(f"/desk/prevention/duties/{leaflet.window_id}/")
    assert "王*明" not in duty.text
    assert "王*明" in Browser(district.clerk).open(f"/desk/prevention/duties/{leaflet.window_id}/").text
    someone = leaflet.receipts.get().subject
    Browser(district.supervisor).open(f"{LEAFLETS}{leaflet.pk}/{someone}/", status=404)


def test_it_is_withdrawn_with_a_reason_and_sent_anew(district, leaflet):
    clerk = Browser(district.clerk)
    again = clerk.open(f"{LEAFLETS}new/?from={leaflet.pk}").form()
    assert again.values["title"] == ["虚构明白纸"]
    until = (timezone.now().astimezone(CHINA) + timedelta(days=2)).date().isoformat()
    again.press("看发给多少人", status=200, text="新的。", until=until).form().press("发送")
    leaflet.refresh_from_db()
    assert leaflet.because == "有新的版本"
    assert Leaflet.objects.get(edition=2).replaces == leaflet.pk


def test_somebody_with_an_account_finds_it_among_what_they_owe(district, leaflet):
    reader = leaflet.receipts.get()
    Person.objects.filter(pk=reader.subject).update(party=district.applicant.person_id)
    assert link(leaflet) in Browser(district.applicant).open("/checks/").html


def test_it_is_withdrawn_at_the_field_that_says_why(district, leaflet):
    clerk = Browser(district.clerk)
    form = clerk.open(f"{LEAFLETS}{leaflet.pk}/").form()
    refused = form.press("撤回", status=422, because=" ")
    assert "请写明为什么撤回" in refused.text
    refused.form().press("撤回", because="发错了")
    leaflet.refresh_from_db()
    assert leaflet.because == "发错了"


def test_employers_are_not_told_who_read_what_was_sent_to_them(district, leaflet):
    Enrolment.objects.update(kind="worker", employer=district.firm)
    page = Browser(district.applicant).open("/checks/")
    assert "王*明" not in page.text
    assert "员工要做的" not in page.text


def test_one_to_sites_is_written_sent_signed_in_the_portal_and_at_the_door(district, asked):
    site("small-shop", name="虚构分店", owner=district.firm)
    site("small-shop", name="虚构小店", contact="虚构店主")
    clerk = Browser(district.clerk)
    form = clerk.open(LEAFLETS + "new/?who=site").form()
    until = (timezone.now().astimezone(CHINA) + timedelta(days=2)).date().isoformat()
    told = {"title": "虚构通知", "text": "第一条。", "until": until, "area": "370199000000"}
    looked = form.press("看发给多少场所", status=200, kinds=["small-shop"], **told)
    assert "发给 2 个场所" in looked.text
    looked.form().press("发送")
    row = Leaflet.objects.get()
    sending.work(row.pk, at=timezone.now())
    firm = Browser(district.applicant)
    checks = firm.open("/checks/")
    assert "虚构通知" in checks.text
    (address,) = [each for each in checks.links if each.startswith("/n/")]
    firm.open(address).form().press("签收", name="虚构店长", position="店长")
    page = clerk.open(f"{LEAFLETS}{row.pk}/")
    assert "虚构小店" in page.text
    assert "虚构分店" not in page.text
    (door,) = [each for each in page.links if each.startswith(f"{LEAFLETS}{row.pk}/") and "?" not in each]
    clerk.open(door).form().press("签收", name="虚构店主", on_behalf="店主")
    assert set(row.receipts.values_list("how", "signature", "on_behalf")) == {
        ("link", "虚构店长", "店长"),
        ("door", "虚构店主", "店主"),
    }


def test_pages_cost_the_same_for_few_and_for_many(district, leaflet):
    clerk, phone = Browser(district.clerk), Browser(None)
    pages = (LEAFLETS, f"{LEAFLETS}{leaflet.pk}/", LEAFLETS + "new/")
    before = [cost(clerk, page) for page in pages]
    read = cost(phone, link(leaflet))
    for name in "赵钱孙":
        person(name + "某"), person(name + "爷", phone=False)
    now = timezone.now()
    other = made(district, at=now)
    sending.work(other.pk, at=now)
    assert [cost(clerk, page) for page in pages] == before
    assert (before, read) == ([9, 21, 9], 4)


@pytest.mark.parametrize("page", ["", "new/", "new/?who=site", "{pk}/", "{pk}/?who=door"])
def test_pages_speak_english(district, leaflet, page):
    clerk = Browser(district.clerk, language="en")
    words = chinese_words(clerk.open(LEAFLETS + page.format(pk=leaflet.pk)))
    assert [word for word in words if not word.startswith(("王*明", "李*爷"))] == []


def test_the_letter_speaks_english(leaflet):
    page = Browser(None, language="en").open(link(leaflet))
    assert "A made-up leaflet" in page.text
    assert "第一条" not in page.text

"""Signing in by code: the same for everybody, in no other way, and only to our own pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import world
from tests.web.accounts.conftest import EMAIL, PHONE, answer, ask, sent_code, signed_in, wrong
from zerotrip.channels.models import Message
from zerotrip.parties.models import User


@pytest.mark.parametrize("address", [PHONE, EMAIL, "+86 139-1234-5678", "Lin@Example.Test"])
def test_a_code_signs_a_new_person_in_and_asks_their_name(client, address):
    asked = ask(client, address)
    assert asked.url == "/sign-in/code/"
    page = client.get(asked.url).content.decode()
    assert "输入验证码" in page
    assert sent_code() not in page
    assert answer(client, sent_code()).url == "/me/welcome/"
    account = User.objects.get()
    assert account.phone == PHONE or account.email == EMAIL
    named = client.post("/me/welcome/", {"name": "林知远"})
    assert named.url == "/cases/"
    assert client.get(named.url).status_code == 200


def test_known_and_new_addresses_get_the_same_answer(client):
    world.person("林知远", email=EMAIL)
    known, new = ask(Client(), EMAIL), ask(Client(), "new@example.test")
    assert (known.status_code, known.url) == (new.status_code, new.url)
    pages = []
    for address in (EMAIL, "new@example.test"):
        browser = Client()
        ask(browser, address)
        page = browser.get("/sign-in/code/").content.decode().replace(address, "?")
        pages.append(page[page.index("<h1>") : page.index("csrfmiddlewaretoken")])
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "bad", ["", "12345", "23912345678", "a@b", "<script>", f"{'a' * 60}@{'b' * 250}.test", "x\x00@a.test"]
)
def test_what_is_no_address_is_asked_again_and_makes_no_account(client, bad):
    page = ask(client, bad)
    assert page.status_code == 422
    assert "请填写 11 位手机号或电子邮箱" in page.content.decode()
    assert not User.objects.exists()


def test_a_wrong_code_is_told_and_the_right_one_still_counts(client):
    ask(client, PHONE)
    page = answer(client, wrong(sent_code()))
    assert "验证码不对" in page.content.decode()
    assert not signed_in(client)
    answer(client, sent_code())
    assert signed_in(client)


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(client):
    ask(client, PHONE)
    code = sent_code()
    for _attempt in range(4):
        assert answer(client, wrong(code)).status_code == 200
    last = answer(client, wrong(code))
    assert last.status_code == 302
    shown = client.get("/sign-in/").content.decode()
    assert "尝试次数太多" in shown
    answer(client, code)
    assert not signed_in(client)


def test_an_expired_code_is_worth_nothing(client):
    ask(client, PHONE)
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 301
    session.save()
    answer(client, sent_code())
    assert not signed_in(client)


def test_a_code_is_good_only_in_the_browser_that_asked(client):
    ask(client, PHONE)
    assert answer(Client(), sent_code()).status_code == 302
    other = Client()
    ask(other, "13987654321")
    code = Message.objects.get(address=PHONE).body[:6]
    if code != sent_code():
        answer(other, code)
        assert not signed_in(other)


def test_a_code_is_good_once(client):
    ask(client, PHONE)
    code = sent_code()
    answer(client, code)
    client.post("/sign-out/")
    answer(client, code)
    assert not signed_in(client)


def test_a_new_code_replaces_the_old_one(client):
    ask(client, PHONE)
    first = sent_code()
    client.post("/sign-in/code/", {"action": "resend"})
    second = sent_code()
    assert Message.objects.count() == 2
    if first != second:
        answer(client, first)
        assert not signed_in(client)
    answer(client, second)
    assert signed_in(client)


@pytest.mark.parametrize(
    "spellings",
    [[PHONE] * 4, [PHONE, "139 1234 5678", "139-1234-5678", f"+86{PHONE}"], [EMAIL, "LIN@example.test"] * 2],
)
def test_codes_to_one_address_are_limited_however_it_is_spelt(spellings):
    answers = [ask(Client(), spelling) for spelling in spellings]
    assert [page.status_code for page in answers] == [302, 302, 302, 422]
    assert "请求太频繁" in answers[-1].content.decode()
    assert Message.objects.count() == 3


@pytest.mark.parametrize("path", ["/services/", "/me/?a=1"])
def test_one_comes_back_to_the_page_one_wanted(client, path):
    world.person("林知远", email=EMAIL)
    asked = ask(client, EMAIL, next=path)
    assert answer(client, sent_code(), asked.url).url == path


def test_a_new_person_says_their_name_before_anything_else(client):
    asked = ask(client, EMAIL, next="/me/")
    answer(client, sent_code(), asked.url)
    for path in ("/me/", "/cases/", "/notices/"):
        assert client.get(path).url.startswith("/me/welcome/?next=")
    assert client.post("/me/enterprises/", {"name": "x", "uscc": world.uscc(3)}).url.startswith("/me/welcome/")
    form = client.get("/me/welcome/?next=/me/").content.decode()
    assert 'name="next" value="/me/"' in form
    assert client.post("/me/welcome/", {"name": " ", "next": "/me/"}).status_code == 422
    assert client.post("/me/welcome/", {"name": "林知远", "next": "/me/"}).url == "/me/"
    client.post("/me/welcome/", {"name": "苏决定"})
    assert User.objects.get().person.name == "林知远", "a name is said once"


ELSEWHERE = ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)", "home", "http:///x"]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_elsewhere(client, elsewhere):
    world.person("林知远", email=EMAIL)
    asked = ask(client, EMAIL, next=elsewhere)
    assert asked.url == "/sign-in/code/"
    done = client.post(f"/sign-in/code/?next={elsewhere}", {"code": sent_code(), "next": elsewhere})
    assert signed_in(client)
    assert done.url in ("/cases/", "home")
    assert client.get(f"/sign-in/?next={elsewhere}").url == "/cases/"
    assert client.get(f"/me/welcome/?next={elsewhere}").url == "/me/"


def test_signing_out_takes_a_button_and_leaves_nothing_in_the_browser(client):
    client.force_login(world.person("林知远"))
    assert client.get("/sign-out/").status_code == 405
    out = client.post("/sign-out/")
    assert (out.url, out["Clear-Site-Data"]) == ("/", '"cache"')
    assert not signed_in(client)


def test_what_somebody_signed_in_is_shown_is_kept_by_nobody_on_the_way(client):
    assert "Cache-Control" not in client.get("/services/").headers
    client.force_login(world.person("林知远"))
    assert client.get("/services/")["Cache-Control"] == "private, no-cache", "it has their name"
    assert client.get("/me/")["Cache-Control"] == "private, no-cache"


def test_a_stopped_account_is_out_at_once_and_does_not_come_back(client):
    user = world.person("林知远", email=EMAIL)
    client.force_login(user)
    assert client.get("/me/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/me/").url.startswith("/sign-in/")
    browser = Client()
    ask(browser, EMAIL)
    assert answer(browser, sent_code()).url == "/sign-in/inactive/"
    assert not signed_in(browser)
    assert "账号已停用" in browser.get("/sign-in/inactive/").content.decode()


@pytest.mark.parametrize("demo", [True, False])
def test_codes_are_shown_in_the_demo_and_never_else(client, settings, demo):
    ask(client, PHONE)
    settings.DEMO = demo
    page = client.get("/outbox/")
    assert page.status_code == (200 if demo else 404)
    assert (sent_code() in page.content.decode()) is demo


def test_a_code_that_could_not_be_sent_is_told(client, settings):
    settings.SMS_SENDER = "tests.channels.test_sending.busy"
    page = ask(client, PHONE)
    assert page.status_code == 409
    assert "验证码没有发出去" in page.content.decode()


def test_the_language_chosen_is_the_one_written_in(client):
    user = world.person("林知远")
    client.force_login(user)
    client.post("/language", {"language": "en"})
    assert User.objects.get(pk=user.pk).language == "en"
    client.post("/language", {"language": "tlh"})
    assert User.objects.get(pk=user.pk).language == "en"

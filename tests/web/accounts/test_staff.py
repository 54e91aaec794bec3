"""Staff: a password and a second factor before any page of the desk."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client

from tests import world
from tests.web.accounts.conftest import PASSWORD, answer, app_code, ask, sent_code, signed_in, wrong
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import appoint, set_password
from zerotrip.parties.models import Party, Role, User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def guarded(clerk) -> User:
    """Staff with a second factor."""
    TOTP.activate(clerk, SECRET)
    return clerk


def enter(client, user: User, password: str = PASSWORD):
    """Sign in by password."""
    return client.post("/sign-in/staff/", {"login": user.email, "password": password})


def test_password_and_second_factor_open_the_desk(client, guarded):
    assert enter(client, guarded).url == "/sign-in/second-factor/"
    assert not signed_in(client)
    assert client.get("/desk/").url.startswith("/sign-in/")
    page = client.post("/sign-in/second-factor/", {"code": wrong(app_code(SECRET))})
    assert "动态码不对" in page.content.decode()
    done = client.post("/sign-in/second-factor/", {"code": app_code(SECRET)})
    assert done.url == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_code_by_mail_does_not_replace_the_second_factor(client, guarded):
    ask(client, guarded.email)
    assert answer(client, sent_code()).url == "/sign-in/second-factor/"
    assert not signed_in(client)


def test_a_second_factor_is_good_once(guarded):
    code = app_code(SECRET)
    first, second = Client(), Client()
    for browser in (first, second):
        enter(browser, guarded)
        browser.post("/sign-in/second-factor/", {"code": code})
    assert signed_in(first)
    assert not signed_in(second)


def test_a_session_without_the_second_factor_shows_it_before_the_desk(client, guarded):
    client.force_login(guarded)
    sent = client.get("/desk/cases/")
    assert sent.url == "/sign-in/again/second-factor/?next=%2Fdesk%2Fcases%2F"
    assert "再输一次动态码" in client.get(sent.url).content.decode()
    assert client.post(sent.url, {"code": wrong(app_code(SECRET))}).status_code == 200
    assert client.get("/desk/").status_code == 302
    assert client.post(sent.url, {"code": app_code(SECRET)}).url == "/desk/cases/"
    assert client.get("/desk/cases/").status_code == 200


def test_staff_without_a_second_factor_set_one_up_with_their_password(client, clerk):
    assert enter(client, clerk).url == "/desk/"
    assert client.get("/desk/").url == "/second-factor/app/activate/"
    again = client.get("/second-factor/app/activate/")
    assert again.url.startswith("/sign-in/again/")
    form = client.get(again.url).content.decode()
    assert "再输一次密码" in form
    assert "密码不对" in client.post(again.url, {"password": "x"}).content.decode()
    assert client.post(again.url, {"password": PASSWORD}).url == "/second-factor/app/activate/"
    page = client.get("/second-factor/app/activate/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    assert (
        "动态码不对"
        in client.post("/second-factor/app/activate/", {"code": wrong(app_code(secret))}).content.decode()
    )
    done = client.post("/second-factor/app/activate/", {"code": app_code(secret)})
    codes = client.get(done.url).content.decode()
    assert "恢复码" in codes
    assert 'class="page"' in codes
    assert client.get("/desk/").status_code == 200
    recovery = re.search(r"<li><code>(\w+)</code>", codes)[1]
    elsewhere = Client()
    assert enter(elsewhere, clerk).url == "/sign-in/second-factor/"
    assert elsewhere.post("/sign-in/second-factor/", {"code": recovery}).url == "/desk/"


def test_a_code_by_mail_alone_sets_up_no_second_factor(client, clerk):
    ask(client, clerk.email)
    answer(client, sent_code())
    assert client.get("/desk/").url == "/second-factor/app/activate/"
    assert client.get("/second-factor/app/activate/").url.startswith("/sign-in/again/")
    client.post("/second-factor/app/activate/", {"code": "123456"})
    assert not Authenticator.objects.filter(user=clerk).exists()


@pytest.fixture
def promoted(district) -> User:
    """Somebody who so far signed in by code only, now with a seat."""
    account = world.person("周予安", email="zhou@example.test")
    office = Party.objects.get(code="approval-bureau")
    appoint(account.person, department=office, role=Role.CLERK, by=SYSTEM, at=world.MORNING)
    return account


def test_a_seat_without_a_password_is_no_way_in(client, promoted):
    ask(client, promoted.email)
    assert answer(client, sent_code()).status_code == 302
    for page in (client.get("/desk/"), client.get("/second-factor/app/activate/")):
        assert page.status_code == 403
        assert "还没有密码" in page.content.decode()
    client.post("/second-factor/app/activate/", {"code": "123456"})
    assert not Authenticator.objects.exists()
    assert client.get("/me/").status_code == 200, "affairs of one's own go on"


def test_a_second_factor_that_was_there_before_the_seat_does_not_replace_the_password(client, promoted):
    TOTP.activate(promoted, SECRET)
    ask(client, promoted.email)
    answer(client, sent_code())
    client.post("/sign-in/second-factor/", {"code": app_code(SECRET)})
    assert signed_in(client)
    refused = client.get("/desk/")
    assert refused.status_code == 403
    assert not refused.wsgi_request.actor.seats
    assert "还没有密码" in refused.content.decode()


def test_once_there_is_a_password_it_is_asked_for_before_the_second_factor_is_set_up(client, promoted):
    set_password(promoted, PASSWORD, by=SYSTEM, at=world.MORNING)
    ask(client, promoted.email)
    answer(client, sent_code())
    assert client.get("/desk/").url == "/second-factor/app/activate/"
    again = client.get("/second-factor/app/activate/")
    assert again.url.startswith("/sign-in/again/")
    assert client.post(again.url, {"password": PASSWORD}).url == "/second-factor/app/activate/"
    page = client.get("/second-factor/app/activate/").content.decode()
    client.post("/second-factor/app/activate/", {"code": app_code(re.search(r"<code>([A-Z2-7]+)</code>", page)[1])})
    assert client.get("/desk/").status_code == 200


def test_applicants_set_up_no_second_factor(client, district):
    client.force_login(User.objects.get(pk=district.applicant.user_id))
    assert client.get("/second-factor/app/activate/").status_code == 403
    assert Client().get("/second-factor/app/activate/").url.startswith("/sign-in/")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/second-factor/app/deactivate/", "更换动态码"),
        ("/second-factor/recovery/generate/", "换一批恢复码"),
    ],
)
def test_changing_the_second_factor_takes_it_once_more_and_looks_like_ours(client, guarded, path, words):
    client.force_login(guarded)
    again = client.get(path)
    assert again.url.startswith("/sign-in/again/")
    client.post(f"/sign-in/again/second-factor/?next={path}", {"code": app_code(SECRET)})
    page = client.get(path).content.decode()
    assert words in page
    assert "web/zerotrip.css" in page
    assert client.post(path).status_code == 302


def test_whoever_gives_up_the_second_factor_is_off_the_desk_until_there_is_a_new_one(client, guarded):
    enter(client, guarded)
    client.post("/sign-in/second-factor/", {"code": app_code(SECRET)})
    assert "更换动态码" in client.get("/me/").content.decode()
    drop = "/second-factor/app/deactivate/"
    client.post(f"/sign-in/again/?next={drop}", {"password": PASSWORD})
    client.post(drop)
    assert not Authenticator.objects.filter(user=guarded).exists()
    assert client.get("/desk/").url == "/second-factor/app/activate/"


def test_a_wrong_password_is_told_and_too_many_are_told_apart(clerk):
    pages = [enter(Client(), clerk, "wrong").content.decode() for _attempt in range(6)]
    assert "邮箱或密码不对" in pages[0]
    assert "尝试次数太多" in pages[-1]
    assert "邮箱或密码不对" not in pages[-1]


def test_unknown_and_known_staff_get_the_same_answer(clerk):
    known = enter(Client(), clerk, "wrong")
    unknown = Client().post("/sign-in/staff/", {"login": "nobody@example.test", "password": "wrong"})
    assert known.status_code == unknown.status_code
    assert "邮箱或密码不对" in unknown.content.decode()


def test_guessing_the_second_factor_is_limited(client, guarded):
    enter(client, guarded)
    pages = [
        client.post("/sign-in/second-factor/", {"code": wrong(app_code(SECRET))}).content.decode()
        for _attempt in range(6)
    ]
    assert "尝试次数太多" in pages[-1]
    client.post("/sign-in/second-factor/", {"code": app_code(SECRET)})
    assert not signed_in(client)


def test_too_many_attempts_have_a_page_of_ours(client, guarded):
    client.force_login(guarded)
    pages = [client.post("/sign-in/again/second-factor/", {"code": "0"}) for _attempt in range(12)]
    assert pages[-1].status_code == 429
    text = pages[-1].content.decode()
    assert "操作太频繁" in text
    assert "web/zerotrip.css" in text
    cache.clear()


def test_applicants_have_no_password_and_no_desk(client, district):
    applicant = User.objects.get(pk=district.applicant.user_id)
    assert Client().post("/sign-in/staff/", {"login": applicant.phone, "password": ""}).status_code == 200
    client.force_login(applicant)
    assert client.get("/desk/").status_code == 403

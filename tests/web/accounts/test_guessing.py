"""Guessing codes, and using them twice."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client

from tests.web.accounts.conftest import PHONE, answer, app_code, ask, sent_code, signed_in, wrong
from tests.web.accounts.test_staff import SECRET, enter


def test_starting_over_does_not_give_an_address_more_guesses_than_its_limit(settings):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": None, "confirm_login_code": "6/5m/key"}
    for _round in range(2):
        browser = Client()
        ask(browser, PHONE)
        for _attempt in range(3):
            assert answer(browser, wrong(sent_code())).status_code == 200
    last = Client()
    ask(last, PHONE)
    assert answer(last, sent_code()).url.startswith("/sign-in/")
    assert not signed_in(last)
    assert "尝试次数太多" in last.get("/sign-in/").content.decode()
    other = Client()
    ask(other, "13987654321")
    answer(other, sent_code())
    assert signed_in(other), "the limit is of one address"


def test_asking_for_a_new_code_costs_no_guess(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": None, "confirm_login_code": "1/5m/key"}
    ask(client, PHONE)
    client.post("/sign-in/code/", {"action": "resend"})
    answer(client, sent_code())
    assert signed_in(client)


def test_an_expired_code_is_told_and_the_way_back_is_kept(client):
    asked = ask(client, PHONE, next="/services/")
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 301
    session.save()
    again = answer(client, sent_code(), asked.url)
    assert again.url == "/sign-in/?next=%2Fservices%2F"
    assert "验证码已过期" in client.get(again.url).content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("again", [str, lambda code: f"{code[:3]} {code[3:]}"])
def test_a_second_factor_seen_over_a_shoulder_is_worth_nothing_however_long_it_is_shown(clerk, again):
    factor = TOTP.activate(clerk, SECRET)
    code = app_code(SECRET)
    first, second = Client(), Client()
    enter(first, clerk)
    first.post("/sign-in/second-factor/", {"code": code})
    assert signed_in(first)
    cache.delete(factor._get_used_cache_key(code))  # the library forgets after 30 seconds
    enter(second, clerk)
    second.post("/sign-in/second-factor/", {"code": again(code)})
    assert not signed_in(second)


def test_secrets_lie_sealed(clerk):
    TOTP.activate(clerk, SECRET)
    assert SECRET not in str(Authenticator.objects.get(user=clerk).data)

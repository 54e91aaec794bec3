"""Attempts are counted by the address they come from, whatever a header says."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from zerotrip.web.accounts.origin import NOWHERE, origin

HERE = "198.51.100.7"
GARBAGE = [
    "abc", "1.2.3.4, '; DROP TABLE", "x" * 5_000, "," * 5_000, "1.2.3.4.5", "::gg", "[::1", "unknown",
    "203.0.113.5:80:90", "-1", "１.2.3.4", "%", " ", ",",
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("proxies", [1, 2])
def test_garbage_counts_as_the_address_of_the_connection(garbage, proxies):
    found = origin(garbage, connection=HERE, proxies=proxies)
    assert found == ("1.2.3.4" if proxies == 2 and garbage.startswith("1.2.3.4,") else HERE)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("203.0.113.5", 0, HERE),
        ("203.0.113.5", 1, "203.0.113.5"),
        (" 203.0.113.5:61000 ", 1, "203.0.113.5"),
        ("[2001:db8::5]:61000", 1, "2001:db8::5"),
        ("[2001:db8::5]", 1, "2001:db8::5"),
        ("2001:DB8:0::5", 1, "2001:db8::5"),
        ("fe80::5%eth0", 1, "fe80::5"),
        ("fe80::5%'; DROP TABLE", 1, "fe80::5"),
        ("::ffff:203.0.113.5", 1, "203.0.113.5"),
        ("8.8.8.8, 203.0.113.5", 1, "203.0.113.5"),
        ("8.8.8.8, 203.0.113.5, 10.0.0.1", 2, "203.0.113.5"),
        ("203.0.113.5", 2, HERE),
        ("", 1, HERE),
    ],
)
def test_the_address_is_the_one_our_outermost_proxy_saw(forwarded, proxies, found):
    assert origin(forwarded, connection=HERE, proxies=proxies) == found


def test_without_any_address_all_are_counted_together():
    assert origin("abc", connection="", proxies=1) == NOWHERE


@pytest.mark.parametrize("garbage", ["abc", "1.2.3.4, '; DROP", "x" * 5_000, "[2001:db8::1"])
def test_somebody_with_a_garbage_header_signs_in_and_is_limited_like_others(db, settings, garbage):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "x"}}
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "1/m/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.SMS_SENDER = "zerotrip.channels.transports.sms.outbox"
    cache.clear()
    answers = [
        Client().post("/sign-in/", {"address": f"1391234567{last}"}, headers={"X-Forwarded-For": said})
        for last, said in enumerate([garbage, f"{garbage}{garbage}"])
    ]
    assert [answer.status_code for answer in answers] == [302, 422]
    cache.clear()

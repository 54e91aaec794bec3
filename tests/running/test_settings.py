"""A setting that is wrong says so, to whoever starts something and to ``doctor``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.test import Client

WRONG = ["two", "-1", "1.5", "", "10", "²", "0x1"]


def zerotrip(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("written", WRONG)
def test_a_number_of_proxies_that_is_none_is_refused_in_one_line(written):
    told = zerotrip("manage", "check", ZEROTRIP_TRUSTED_PROXIES=written)
    assert told.returncode == 1
    assert told.stderr.splitlines() == [
        f"zerotrip: ZEROTRIP_TRUSTED_PROXIES is {written!r}. It has to be a whole number from 0 to 9."
    ]


def test_a_phone_keeps_its_day_for_eight_hours_at_least():
    told = zerotrip("manage", "check", ZEROTRIP_FIELD_HOURS="7")
    assert told.stderr == "zerotrip: ZEROTRIP_FIELD_HOURS is '7'. It has to be a whole number from 8 to 24.\n"


def test_the_web_server_refuses_it_too_before_it_serves():
    told = zerotrip("serve", "--port", "8999", ZEROTRIP_TRUSTED_PROXIES="two")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert "ZEROTRIP_TRUSTED_PROXIES is 'two'" in told.stderr


@pytest.mark.parametrize(
    ("environment", "state", "words"),
    [
        ({}, "ok", "none trusted"),
        ({"ZEROTRIP_TRUSTED_PROXIES": "2"}, "ok", "entry 2 from the end of X-Forwarded-For"),
        ({"ZEROTRIP_URL": "https://approvals.example.gov.cn"}, "note", "ZEROTRIP_TRUSTED_PROXIES is 0"),
    ],
)
def test_doctor_says_what_is_in_force(environment, state, words):
    found = json.loads(zerotrip("doctor", "--json", **environment).stdout)
    (proxies,) = [finding for finding in found if finding["subject"] == "Proxies"]
    assert proxies["state"] == state
    assert words in proxies["words"]


def test_doctor_names_a_wrong_setting_and_not_the_database():
    told = zerotrip("doctor", "--json", ZEROTRIP_TRUSTED_PROXIES="two")
    faults = {row["subject"]: row["words"] for row in json.loads(told.stdout) if row["state"] == "fault"}
    assert told.returncode == 1
    assert "ZEROTRIP_TRUSTED_PROXIES is 'two'" in faults["Settings"]
    assert "Database" not in faults


@pytest.mark.parametrize(("trusted", "limited"), [(1, False), (0, True)])
def test_limits_go_by_the_address_the_trusted_proxies_saw(db, settings, trusted, limited):
    from django.core.cache import cache

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "1/m/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    settings.SMS_SENDER = "zerotrip.channels.transports.sms.outbox"
    cache.clear()
    answers = [
        Client().post(
            "/sign-in/", {"address": f"1391234567{last}"}, headers={"X-Forwarded-For": f"203.0.113.{last}"}
        )
        for last in range(2)
    ]
    assert answers[0].status_code == 302
    assert (answers[1].status_code == 422) is limited
    cache.clear()

"""Browsers, and the codes that reach people."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from tests import world
from zerotrip.channels.models import Message
from zerotrip.parties.models import Role

if TYPE_CHECKING:
    from zerotrip.parties.models import User

PHONE, EMAIL = "13912345678", "lin@example.test"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def site(settings, db):
    """Outside the demo; nobody has tried anything yet."""
    settings.DEMO, settings.SMS_SENDER = False, "zerotrip.channels.transports.sms.outbox"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clerk(district) -> User:
    """Staff with a password and no second factor yet."""
    return world.staff("clerk2", "approval-bureau", Role.CLERK)


def sent_code() -> str:
    """The code that went out last."""
    found = re.search(r"\d{6}", Message.objects.latest("queued_at").body)
    assert found
    return found[0]


def ask(client, address: str, **more):
    """Ask for a code."""
    return client.post("/sign-in/", {"address": address, **more})


def answer(client, code: str, url: str = "/sign-in/code/"):
    """Type a code."""
    return client.post(url, {"code": code, "action": "verify"})


def signed_in(client) -> bool:
    """Whether somebody is."""
    return "_auth_user_id" in client.session


def app_code(secret: str, step: int = 0) -> str:
    """What an authenticator app shows, now or some steps of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"

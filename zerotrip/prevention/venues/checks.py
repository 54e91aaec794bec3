"""Whether the settings of the health-code service will do, asked by Django's checks and ``zerotrip doctor``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

NEAR = ("localhost", "127.0.0.1", "::1")
"""Hosts that need no encryption: this machine."""
LONG_ENOUGH = 32
"""Characters of a secret nobody guesses."""


def check_health_code(**_asked: Any) -> list[CheckMessage]:
    """Errors for an address anybody can read along, and a secret too short."""
    if not settings.HEALTH_CODE_URL:
        return []
    found: list[CheckMessage] = []
    address = urlsplit(settings.HEALTH_CODE_URL)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in NEAR):
        words = "has to be an https address: it is asked about people's health"
        found.append(Error(f"ZEROTRIP_HEALTH_CODE_URL {words}.", id="prevention.E001"))
    if len(settings.HEALTH_CODE_SECRET) < LONG_ENOUGH:
        words = f"fewer than {LONG_ENOUGH} characters: its answers could be forged"
        found.append(Error(f"ZEROTRIP_HEALTH_CODE_SECRET: {words}.", id="prevention.E002"))
    return found

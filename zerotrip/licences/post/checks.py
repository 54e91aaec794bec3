"""Whether the settings of the courier will do, asked by Django's checks and ``zerotrip doctor``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from zerotrip.catalogue.numbers import fault_in
from zerotrip.licences.post.couriers import courier

LONG_ENOUGH = 32
"""Characters of a secret that nobody guesses."""


def check_courier(**_asked: Any) -> list[CheckMessage]:
    """Errors for a courier that is not there, for numbers no label can carry, for secrets too short."""
    found: list[CheckMessage] = []
    try:
        courier()
    except ImportError as error:
        found.append(Error(f"ZEROTRIP_COURIER leads nowhere: {error}", id="licences.E001"))
    scheme = settings.COURIER_NUMBERS
    if fault_in(scheme) or not (scheme.isascii() and scheme.isprintable() and len(scheme) <= 32) or " " in scheme:
        words = "needs {year} and {seq}, and only letters, digits and signs that a Code 128 can carry"
        found.append(Error(f"ZEROTRIP_COURIER_NUMBERS {scheme!r} {words}.", id="licences.E002"))
    if any(len(secret) < LONG_ENOUGH for secret in settings.COURIER_SECRETS):
        found.append(Error(f"ZEROTRIP_COURIER_SECRETS: fewer than {LONG_ENOUGH} characters.", id="licences.E003"))
    if settings.COURIER.endswith(".webhook.Webhook") and not settings.COURIER_SECRETS:
        found.append(
            Error("ZEROTRIP_COURIER is webhook, but ZEROTRIP_COURIER_SECRETS is not set.", id="licences.E004")
        )
    if settings.COURIER_URL.startswith("http://") and not settings.COURIER_URL.startswith("http://127.0.0.1"):
        found.append(
            Warning("ZEROTRIP_COURIER_URL is not https: numbers and key go in the clear.", id="licences.W005")
        )
    return found

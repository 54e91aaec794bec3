"""Whether the settings of the registry will do, asked by Django's checks and ``zerotrip doctor``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from zerotrip.licences.post.checks import LONG_ENOUGH
from zerotrip.licences.registries import registry

NEAR = ("localhost", "127.0.0.1", "::1")
"""Hosts that need no encryption: this machine."""


def check_registry(**_asked: Any) -> list[CheckMessage]:
    """Errors for a registry that is not there, an address anybody can read along, a secret too short."""
    try:
        registry()
    except ImportError as error:
        return [Error(f"ZEROTRIP_REGISTRY leads nowhere: {error}", id="licences.E011")]
    if not settings.LICENCE_REGISTRY.endswith(".http.Http"):
        return []
    found: list[CheckMessage] = []
    address = urlsplit(settings.LICENCE_REGISTRY_URL)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in NEAR):
        words = "has to be an https address: it is asked about people's licences"
        found.append(Error(f"ZEROTRIP_REGISTRY_URL {words}.", id="licences.E012"))
    if len(settings.LICENCE_REGISTRY_SECRET) < LONG_ENOUGH:
        words = f"fewer than {LONG_ENOUGH} characters: its answers could be forged"
        found.append(Error(f"ZEROTRIP_REGISTRY_SECRET: {words}.", id="licences.E013"))
    return found

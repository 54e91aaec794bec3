"""The app of prevention."""

from __future__ import annotations

from django.apps import AppConfig


class PreventionConfig(AppConfig):
    """Prevention on the ground. Dormant until a district declares an event; what it holds is purged by date."""

    name = "zerotrip.prevention"

    def ready(self) -> None:
        from zerotrip.catalogue.packs import parts
        from zerotrip.duties.standing import turning
        from zerotrip.prevention.events.rules import scopes
        from zerotrip.prevention.sites.declared import PART as SITES

        parts.register(SITES)
        turning.register(scopes)

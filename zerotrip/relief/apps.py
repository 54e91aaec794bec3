"""The app of relief."""

from __future__ import annotations

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    """Enterprise help: needs and who answers them, task forces, visits, resources and what they meet."""

    name = "zerotrip.relief"

    def ready(self) -> None:
        from zerotrip.catalogue.packs import parts
        from zerotrip.relief.matching.declared import PART

        parts.register(PART)

"""The app of insight."""

from __future__ import annotations

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Supervision: what the rows of cases add up to. It reads the others and writes nothing but its own sums."""

    name = "zerotrip.insight"

"""The app of facts."""

from __future__ import annotations

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """What is known of each party: typed, dated, sourced. Packs say which facts there are."""

    name = "zerotrip.facts"

"""The app of duties."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Who owes what, by when: requirement, obligation, record."""

    name = "zerotrip.duties"

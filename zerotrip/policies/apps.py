"""The app of policies."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The policy supermarket: which policies there are, whom they are for, what was granted under them."""

    name = "zerotrip.policies"

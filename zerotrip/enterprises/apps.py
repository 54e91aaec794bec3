"""The app of enterprises."""

from __future__ import annotations

from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    """The one record of each enterprise: found, shown block by block, taken in and out as sheets, merged."""

    name = "zerotrip.enterprises"

"""The app of the catalogue."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Packs become service versions; other apps add their own parts of packs."""

    name = "zerotrip.catalogue"

    def ready(self) -> None:
        from zerotrip.catalogue.packs import parts, vocabulary

        parts.register(vocabulary.PART)

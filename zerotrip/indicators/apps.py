"""The app of indicators."""

from __future__ import annotations

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Series of figures by area, industry and period, with targets and revisions."""

    name = "zerotrip.indicators"

    def ready(self) -> None:
        from zerotrip.catalogue.packs.parts import register
        from zerotrip.indicators.actions.declaring import PART

        register(PART)

"""The app of licences."""

from __future__ import annotations

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    """Certificates, their signatures, their verification."""

    name = "zerotrip.licences"

    def ready(self) -> None:
        from zerotrip.cases import outcomes
        from zerotrip.licences.actions import produce, stop

        outcomes.register("licence", produce, stop)

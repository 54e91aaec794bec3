"""The app of licences."""

from __future__ import annotations

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    """Certificates, their signatures, their verification, their way to the applicant on paper."""

    name = "zerotrip.licences"

    def ready(self) -> None:
        from django.core.checks import register

        from zerotrip.cases import outcomes
        from zerotrip.licences.actions import keep, nothing_more, stop
        from zerotrip.licences.post.actions import produce
        from zerotrip.licences.post.checks import check_courier
        from zerotrip.licences.post.queries import arrived_by

        outcomes.register("licence", produce, stop)
        outcomes.register("letter", nothing_more, keep)
        outcomes.ask_arrival(arrived_by)
        register(check_courier)

"""The app of licences."""

from __future__ import annotations

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    """Certificates, their signatures, their verification, their way to the applicant on paper."""

    name = "zerotrip.licences"

    def ready(self) -> None:
        from django.core.checks import register

        from zerotrip.cases import outcomes
        from zerotrip.licences.actions import fulfil, stop
        from zerotrip.licences.post.actions import produce
        from zerotrip.licences.post.checks import check_courier
        from zerotrip.licences.post.queries import arrived_by
        from zerotrip.licences.queries import renewed_by_silence
        from zerotrip.licences.rules import objection

        outcomes.register("licence", produce, outcomes.Maker(stop, objection, fulfil))
        outcomes.ask_arrival(arrived_by)
        outcomes.ask_overdue(renewed_by_silence)
        register(check_courier)

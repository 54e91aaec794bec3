"""The app of licences."""

from __future__ import annotations

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    """Certificates: signed, verified, sent to the applicant on paper, used by other cases."""

    name = "zerotrip.licences"

    def ready(self) -> None:
        from django.core.checks import register
        from django.utils.translation import gettext_lazy as _

        from zerotrip.cases import outcomes, proofs
        from zerotrip.enterprises import blocks
        from zerotrip.licences.actions import fulfil, keep, nothing_more, stop
        from zerotrip.licences.post.actions import produce
        from zerotrip.licences.post.checks import check_courier
        from zerotrip.licences.post.queries import arrived_by
        from zerotrip.licences.queries import block_of, renewed_by_silence
        from zerotrip.licences.registries.checks import check_registry
        from zerotrip.licences.reuse.actions import replace
        from zerotrip.licences.reuse.queries import asked_of, told
        from zerotrip.licences.rules import objection

        outcomes.register("licence", produce, outcomes.Maker(stop, objection, fulfil))
        outcomes.register("letter", nothing_more, outcomes.Maker(keep))
        outcomes.ask_arrival(arrived_by)
        outcomes.ask_overdue(renewed_by_silence)
        proofs.register(proofs.Keeper(asked_of, told, replace))
        blocks.register(
            blocks.Block("licences", _("证照"), block_of, "web/enterprises/blocks/licences.html", order=20)
        )
        register(check_courier)
        register(check_registry)

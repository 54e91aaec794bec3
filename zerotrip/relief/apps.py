"""The app of relief."""

from __future__ import annotations

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    """Enterprise help: needs and who answers them, task forces, visits, resources and what they meet."""

    name = "zerotrip.relief"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from zerotrip.catalogue.packs import parts
        from zerotrip.enterprises import blocks
        from zerotrip.relief.matching.declared import PART
        from zerotrip.relief.matching.queries import block_of

        parts.register(PART)
        blocks.register(
            blocks.Block("resources", _("供需"), block_of, "web/enterprises/blocks/resources.html", order=40)
        )

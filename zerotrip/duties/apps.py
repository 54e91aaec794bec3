"""The app of duties."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Who owes what, by when: requirement, obligation, record."""

    name = "zerotrip.duties"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from zerotrip.catalogue.packs import parts
        from zerotrip.duties.declared import PART
        from zerotrip.duties.queries import block_of
        from zerotrip.enterprises import blocks

        parts.register(PART)
        blocks.register(blocks.Block("owed", _("待履行"), block_of, "web/enterprises/blocks/owed.html", order=10))

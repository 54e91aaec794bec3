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
        from zerotrip.duties.models import Subject
        from zerotrip.duties.queries import block_of
        from zerotrip.duties.standing import populations, sources
        from zerotrip.duties.standing.declared import PART as DUTIES
        from zerotrip.enterprises import blocks

        parts.register(PART)
        parts.register(DUTIES)
        populations.register(Subject.ENTERPRISE, populations.ENTERPRISES)
        sources.register(sources.REPORT, sources.reports)
        blocks.register(blocks.Block("owed", _("待履行"), block_of, "web/enterprises/blocks/owed.html", order=10))

"""The app of prevention."""

from __future__ import annotations

from django.apps import AppConfig


class PreventionConfig(AppConfig):
    """Prevention on the ground. Dormant until a district declares an event; what it holds is purged by date."""

    name = "zerotrip.prevention"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from zerotrip.catalogue.packs import parts
        from zerotrip.enterprises import blocks
        from zerotrip.prevention.events import purging
        from zerotrip.prevention.lots import people
        from zerotrip.prevention.lots.declared import PART as GOODS
        from zerotrip.prevention.lots.queries import block_of
        from zerotrip.prevention.rosters import purging as rosters
        from zerotrip.prevention.sites.declared import PART as SITES

        blocks.register(
            blocks.Block("goods", _("冷链和物资"), block_of, "web/enterprises/blocks/goods.html", order=30)
        )
        parts.register(SITES)
        parts.register(GOODS)
        purging.register(people.NAME, people.purge)
        for name, purge in rosters.PURGES.items():
            purging.register(name, purge)

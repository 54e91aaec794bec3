"""The app of relief."""

from __future__ import annotations

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    """Enterprise help: needs and who answers them, task forces, visits, resources and what they meet."""

    name = "zerotrip.relief"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from zerotrip.cases import leaving, routing
        from zerotrip.catalogue.packs import parts
        from zerotrip.duties.standing import becoming
        from zerotrip.enterprises import blocks
        from zerotrip.relief.matching.declared import PART as RESOURCES
        from zerotrip.relief.matching.queries import block_of
        from zerotrip.relief.naming.actions import hand_over_firms
        from zerotrip.relief.naming.queries import block_of as named_block
        from zerotrip.relief.routing.declared import PART as RULES
        from zerotrip.relief.routing.finding import route
        from zerotrip.relief.surveys import becoming as surveys
        from zerotrip.relief.visits.actions.leaving import hand_over_visits
        from zerotrip.relief.visits.declared import PART as WARNINGS
        from zerotrip.relief.visits.queries import block_of as visits_block

        parts.register(RESOURCES)
        parts.register(RULES)
        parts.register(WARNINGS)
        routing.register(route)
        becoming.register("need", surveys.raise_need, surveys.judge)
        leaving.register("named", hand_over_firms)
        leaving.register("visits", hand_over_visits)
        blocks.register(
            blocks.Block("named", _("点对点专人"), named_block, "web/enterprises/blocks/named.html", order=5)
        )
        blocks.register(
            blocks.Block("resources", _("供需"), block_of, "web/enterprises/blocks/resources.html", order=40)
        )
        blocks.register(
            blocks.Block(
                "visits",
                _("企业走访"),
                visits_block,
                "web/enterprises/blocks/visits.html",
                order=8,
                at_portal=False,
            )
        )

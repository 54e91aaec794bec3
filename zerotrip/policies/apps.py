"""The app of policies."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The policy supermarket: which policies there are, whom they are for, what was granted under them."""

    name = "zerotrip.policies"

    def ready(self) -> None:
        from zerotrip.cases import outcomes
        from zerotrip.catalogue.packs import parts
        from zerotrip.policies import judging, loading
        from zerotrip.policies.spec import PolicySpec, ShelvesSpec
        from zerotrip.policies.unasked.actions.outside import take_up_case

        parts.register(
            parts.PackPart(
                "shelves",
                ShelvesSpec,
                judging.judge_shelves,
                loading.load_shelves,
                loading.stored_shelves,
                folder=False,
            )
        )
        parts.register(parts.PackPart("policies", PolicySpec, judging.judge, loading.load, loading.stored))
        outcomes.watch(take_up_case)

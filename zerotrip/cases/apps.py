"""The app of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register


class CasesConfig(AppConfig):
    """The one flow engine."""

    name = "zerotrip.cases"

    def ready(self) -> None:
        register(_outcome_kinds)


def _outcome_kinds(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    from zerotrip.cases.outcomes import check_kinds
    from zerotrip.catalogue.spec import OUTCOMES

    return check_kinds(OUTCOMES)

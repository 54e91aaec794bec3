"""The app of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.db import connection


class CasesConfig(AppConfig):
    """The one flow engine."""

    name = "zerotrip.cases"

    def ready(self) -> None:
        register(_outcome_kinds, "database")


def _outcome_kinds(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    from zerotrip.cases.outcomes import check_kinds
    from zerotrip.catalogue.models import Service
    from zerotrip.catalogue.queries import outcome_kinds

    # Before the first migration there is nothing to check, and the check runs all the same.
    there = Service._meta.db_table in connection.introspection.table_names()
    return check_kinds(outcome_kinds) if there else []

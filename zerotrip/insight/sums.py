"""Adding facts up by month: whole months of a service in a department are written anew from their facts.

Written as SQL, because PostgreSQL adds a month up without a row of it leaving the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection

from zerotrip.insight.models import MEASURES

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


@dataclass(frozen=True)
class Key:
    """A month of a service in a department: what is added up together."""

    month: date
    """Its first day."""
    department: UUID
    service: str


def add_up(keys: Collection[Key]) -> None:
    """Write the sums of these keys anew, within the caller's transaction."""
    if not keys:
        return
    ordered = sorted(keys, key=lambda key: (key.month, str(key.department), key.service))
    given: dict[str, Any] = {
        "months": [key.month for key in ordered],
        "departments": [key.department for key in ordered],
        "services": [key.service for key in ordered],
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, given)


# The keys are joined as rows, so that each finds its facts by an index.
_WANTED = (
    "(SELECT unnest(%(months)s::date[]) AS month, unnest(%(departments)s::uuid[]) AS department_id, "
    "unnest(%(services)s::varchar[]) AS service) AS wanted"
)


def _clear(table: str) -> str:
    same = " AND ".join(f"{table}.{name} = wanted.{name}" for name in ("month", "department_id", "service"))
    return f"DELETE FROM {table} USING {_WANTED} WHERE {same}"  # noqa: S608  our own names


def _facts(table: str, day: str) -> str:
    return (
        f"FROM {_WANTED} JOIN {table} AS fact ON fact.department_id = wanted.department_id "
        f"AND fact.service = wanted.service "
        f"AND fact.{day} >= wanted.month AND fact.{day} < wanted.month + interval '1 month'"
    )


_TALLY_COLUMNS = f"(month, department_id, service, door, green, received, closed, {', '.join(MEASURES)})"
_TALLY_OF = "wanted.month, fact.department_id, fact.service, fact.door, fact.green"
_TALLY = (
    f"INSERT INTO insight_tally {_TALLY_COLUMNS} "
    f"SELECT {_TALLY_OF}, 0, COUNT(*), {', '.join(f'SUM(fact.{name})' for name in MEASURES)} "
    f"{_facts('insight_facts', 'closed_on')} GROUP BY 1, 2, 3, 4, 5"
)
_RECEIVED = (
    f"INSERT INTO insight_tally {_TALLY_COLUMNS} "
    f"SELECT {_TALLY_OF}, COUNT(*), 0, {', '.join('0' for _name in MEASURES)} "
    f"{_facts('insight_facts', 'received_on')} GROUP BY 1, 2, 3, 4, 5 "
    "ON CONFLICT (month, department_id, service, door, green) DO UPDATE SET received = EXCLUDED.received"
)


_LATE = "SUM(fact.late::int), SUM(fact.late_unpaused::int)"


def _spread(
    lens: str, *, what: str, table: str = "insight_hand", minutes: str = "minutes", late: str = _LATE
) -> str:
    """How many took how long, to the quarter of an hour above."""
    return (
        "INSERT INTO insight_spread "
        "(month, lens, department_id, service, what, green, minutes, count, late, late_unpaused) "
        f"SELECT wanted.month, '{lens}', fact.department_id, fact.service, {what}, fact.green, "
        f"((fact.{minutes} + 14) / 15) * 15, COUNT(*), {late} "
        f"{_facts(table, 'closed_on')} WHERE {what} IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )


STATEMENTS = (
    _clear("insight_tally"),
    _clear("insight_spread"),
    _TALLY,
    _RECEIVED,
    _spread("case", what="''", table="insight_facts", minutes="hands", late="0, 0"),
    _spread("stage", what="fact.stage"),
    _spread("person", what="fact.account_id::varchar"),
)
"""Clear, then add up again."""

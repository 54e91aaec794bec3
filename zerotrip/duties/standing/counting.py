"""How many records of a window count, and which one made it enough: worked out anew from the records each time.

That makes the order in which records arrive of no importance: what comes in late, or twice, or from a phone
that was away from the network all day, gives the same count as if it had come in when it was made.

The dues of a few are locked first, in the order of their subjects, and counted by a statement of its own: it sees
what whoever held the lock before has written, so that two records of one person that come in at once both count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from zerotrip.duties.standing import sources
from zerotrip.duties.standing.declared import spec_of

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement, Window
    from zerotrip.duties.standing.spec import DutySpec

_MINE = sql.SQL("s.subject = d.subject AND s.at >= {starts} AND s.at < {ends}")

_EACH = sql.SQL(
    "SELECT count(*) AS done, max(at) AS last FROM"
    " (SELECT s.at FROM ({source}) s WHERE {mine} ORDER BY s.at LIMIT {needs}) counted"
)
"""Every record counts."""

_EACH_DAY = sql.SQL(
    "SELECT count(*) AS done, max(at) AS last FROM"
    " (SELECT min(s.at) AS at FROM ({source}) s WHERE {mine}"
    " GROUP BY (s.at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY 1 LIMIT {needs}) counted"
)
"""One record a day counts, the first."""

_APART = sql.SQL(
    "WITH RECURSIVE counted(at, number) AS ("
    "(SELECT s.at, 1 FROM ({source}) s WHERE {mine} ORDER BY s.at LIMIT 1)"
    " UNION ALL SELECT n.at, c.number + 1 FROM counted c CROSS JOIN LATERAL"
    " (SELECT s.at FROM ({source}) s WHERE {mine} AND s.at >= c.at + {apart} ORDER BY s.at LIMIT 1) n"
    " WHERE c.number < {needs})"
    " SELECT count(*) AS done, max(at) AS last FROM counted"
)
"""The first record counts, then the first that is far enough from the last that counted: no choice gives more."""

_LOCK = sql.SQL(
    "SELECT 1 FROM duties_due WHERE day = {day} AND window_id = {window} AND subject = ANY({subjects})"
    " ORDER BY subject FOR NO KEY UPDATE"
)
_RECOUNT = sql.SQL(
    "UPDATE duties_due u SET done = f.done, kept_at = f.kept_at FROM ("
    "SELECT d.subject, c.done, CASE WHEN c.done >= {needs} THEN c.last END AS kept_at FROM"
    " (SELECT subject, done, kept_at FROM duties_due WHERE day = {day} AND window_id = {window}"
    " AND subject = ANY({subjects})) d"
    " CROSS JOIN LATERAL ({counted}) c"
    " WHERE (d.done, d.kept_at) IS DISTINCT FROM (c.done, CASE WHEN c.done >= {needs} THEN c.last END)"
    ") f WHERE u.day = {day} AND u.window_id = {window} AND u.subject = f.subject AND u.subject = ANY({subjects})"
)
"""The subjects are named at both ends: a window of which nothing is known yet is never gone through for a few."""

_WITHIN = sql.SQL("SELECT s.subject, s.at FROM ({source}) s WHERE s.at >= {starts} AND s.at < {ends}")
_ALL_EACH = sql.SQL(
    "SELECT subject, at, row_number() OVER (PARTITION BY subject ORDER BY at) AS number FROM ({within}) w"
)
_ALL_EACH_DAY = sql.SQL(
    "SELECT subject, min(at) AS at, row_number() OVER (PARTITION BY subject ORDER BY min(at)) AS number"
    " FROM ({within}) w GROUP BY subject, (at AT TIME ZONE 'Asia/Shanghai')::date"
)
_FIRST = sql.SQL("SELECT subject, min(at) AS at FROM taken GROUP BY subject")
_NEXT = sql.SQL(
    "SELECT c.subject, min(t.at) AS at FROM {before} c JOIN taken t ON t.subject = c.subject"
    " AND t.at >= c.at + {apart} GROUP BY c.subject"
)
_ADDED_UP = sql.SQL(
    "SELECT d.subject, coalesce(c.done, 0)::smallint AS done, c.kept_at FROM duties_due d LEFT JOIN ("
    "SELECT subject, count(*) AS done, max(at) FILTER (WHERE number = {needs}) AS kept_at"
    " FROM ({numbered}) n WHERE number <= {needs} GROUP BY subject) c ON c.subject = d.subject"
    " WHERE d.day = {day} AND d.window_id = {window}"
    " AND (d.done, d.kept_at) IS DISTINCT FROM (coalesce(c.done, 0)::smallint, c.kept_at)"
)
"""Of everybody in a window whose count is not what it is kept as: the count, in a few passes over the records."""
_RECOUNT_ALL = sql.SQL(
    "UPDATE duties_due u SET done = f.done, kept_at = f.kept_at FROM ({added_up}) f"
    " WHERE u.day = {day} AND u.window_id = {window} AND u.subject = f.subject"
)
AT_ONCE = 5_000
"""Dues that are locked together."""


def recount(
    window: Window, requirement: Requirement, subjects: Sequence[UUID] | None = None, *, fresh: bool = False
) -> int:
    """Count the records of a window for some subjects, or for everybody. Returns how many changed.

    Within the caller's transaction. In a ``fresh`` window, which nobody else sees yet, all are counted by one
    statement; later, those whose count is found to be otherwise are locked and counted like a few.
    """
    held = _held(window, requirement)
    with connection.cursor() as cursor:
        if subjects is None and fresh:
            _in_passes(cursor, _RECOUNT_ALL.format(added_up=_added_up(requirement, held), **held))
            return int(cursor.rowcount)
        if subjects is None:
            _in_passes(cursor, _added_up(requirement, held))
            subjects = sorted(subject for subject, _done, _kept in cursor.fetchall())
        return sum(_few(cursor, requirement, held, part) for part in _parts(subjects))


def _held(window: Window, requirement: Requirement) -> dict[str, sql.Composable]:
    return {
        "starts": sql.Literal(window.starts),
        "ends": sql.Literal(window.ends),
        "needs": sql.Literal(window.needs),
        "day": sql.Literal(window.day),
        "window": sql.Literal(window.pk),
        "source": sources.of(spec_of(requirement).act)(requirement, window),
    }


def _in_passes(cursor: Any, statement: sql.Composable) -> None:
    """Everybody at once: what was just written has no statistics yet, and would be looked up one by one."""
    with connection.cursor() as plain:
        plain.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement)
        plain.execute("SET LOCAL enable_nestloop TO DEFAULT")


def _parts(subjects: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(subjects), AT_ONCE):
        yield subjects[start : start + AT_ONCE]


def _few(
    cursor: Any, requirement: Requirement, held: Mapping[str, sql.Composable], subjects: Sequence[UUID]
) -> int:
    spec = spec_of(requirement)
    told = {**held, "subjects": sql.Literal(list(subjects))}
    cursor.execute(_LOCK.format(**told))
    counted = _counted(spec).format(mine=_MINE.format(**held), apart=_apart(spec), **held)
    cursor.execute(_RECOUNT.format(counted=counted, **told))
    return int(cursor.rowcount)


def _counted(spec: DutySpec) -> sql.SQL:
    if spec.spacing is None:
        return _EACH
    return _EACH_DAY if spec.spacing.distinct_days else _APART


def _added_up(requirement: Requirement, held: Mapping[str, sql.Composable]) -> sql.Composable:
    """The counts of everybody that are not as they are kept."""
    spec, within = spec_of(requirement), _WITHIN.format(**held)
    if spec.spacing is None:
        return _ADDED_UP.format(numbered=_ALL_EACH.format(within=within), **held)
    if spec.spacing.distinct_days:
        return _ADDED_UP.format(numbered=_ALL_EACH_DAY.format(within=within), **held)
    parts = [sql.SQL("taken AS MATERIALIZED ({})").format(within), sql.SQL("c1 AS ({})").format(_FIRST)]
    for number in range(2, spec.records + 1):
        following = _NEXT.format(before=sql.Identifier(f"c{number - 1}"), apart=_apart(spec))
        parts.append(sql.SQL("{} AS ({})").format(sql.Identifier(f"c{number}"), following))
    numbered = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT subject, at, {} AS number FROM {}").format(
            sql.Literal(number), sql.Identifier(f"c{number}")
        )
        for number in range(1, spec.records + 1)
    )
    whole = sql.SQL("WITH {} {}").format(sql.SQL(", ").join(parts), numbered)
    return _ADDED_UP.format(numbered=whole, **held)


def _apart(spec: DutySpec) -> sql.Composable:
    hours = spec.spacing.hours if spec.spacing and spec.spacing.hours else 0
    return sql.SQL("make_interval(hours => {})").format(sql.Literal(hours))

"""How many records of a window count, and which one made it enough: worked out anew from the records each time.

That makes the order in which records arrive of no importance: what comes in late, or twice, or from a phone
that was away from the network all day, gives the same count as if it had come in when it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
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

_RECOUNT = sql.SQL(
    "UPDATE duties_due u SET done = f.done, kept_at = f.kept_at FROM ("
    "SELECT d.subject, c.done, CASE WHEN c.done >= {needs} THEN c.last END AS kept_at FROM"
    " (SELECT subject, done, kept_at FROM duties_due WHERE day = {day} AND window_id = {window}{among}"
    " ORDER BY subject FOR NO KEY UPDATE) d"
    " CROSS JOIN LATERAL ({counted}) c"
    " WHERE (d.done, d.kept_at) IS DISTINCT FROM (c.done, CASE WHEN c.done >= {needs} THEN c.last END)"
    ") f WHERE u.day = {day} AND u.window_id = {window} AND u.subject = f.subject"
)


def recount(window: Window, requirement: Requirement, subjects: Sequence[UUID] | None = None) -> int:
    """Count the records of a window for some subjects, or for everybody who has any. Returns how many changed.

    Within the caller's transaction; the dues are locked in the order of their subjects, so that two who count
    the same ones wait for each other and never hang.
    """
    spec = spec_of(requirement)
    source = sources.of(spec.act)(requirement)
    held = {
        "starts": sql.Literal(window.starts),
        "ends": sql.Literal(window.ends),
        "needs": sql.Literal(window.needs),
        "day": sql.Literal(window.day),
        "window": sql.Literal(window.pk),
        "source": source,
    }
    if subjects is None:
        among = sql.SQL(
            " AND (done > 0 OR subject IN"
            " (SELECT s.subject FROM ({source}) s WHERE s.at >= {starts} AND s.at < {ends}))"
        ).format(**held)
    else:
        among = sql.SQL(" AND subject = ANY({})").format(sql.Literal(list(subjects)))
    counted = _counted(spec).format(mine=_MINE.format(**held), apart=_apart(spec), **held)
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT.format(among=among, counted=counted, **held))
        return int(cursor.rowcount)


def _counted(spec: DutySpec) -> sql.SQL:
    if spec.spacing is None:
        return _EACH
    return _EACH_DAY if spec.spacing.distinct_days else _APART


def _apart(spec: DutySpec) -> sql.Composable:
    hours = spec.spacing.hours if spec.spacing and spec.spacing.hours else 0
    return sql.SQL("make_interval(hours => {})").format(sql.Literal(hours))

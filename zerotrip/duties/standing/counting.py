"""How many records of a window count, and which one made it enough: worked out anew from the records each time.

That makes the order in which records arrive of no importance: what comes in late, or twice, or from a phone
that was away from the network all day, gives the same count as if it had come in when it was made.

The dues of a few are locked first, in one order, and their records read by a statement of its own: it sees what
whoever held the lock before has written, so that two records of one person that come in at once both count.
Everybody of a window is counted by the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from zerotrip.compiled import prepared
from zerotrip.duties.standing import sources
from zerotrip.duties.standing.declared import spec_of
from zerotrip.duties.standing.schedule import Span
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement, Window
    from zerotrip.duties.standing.spec import DutySpec

_LOCK = """
SELECT window_id, subject, done, kept_at FROM duties_due
WHERE day = ANY(%(days)s) AND window_id = ANY(%(windows)s) AND subject = ANY(%(subjects)s)
ORDER BY window_id, subject FOR NO KEY UPDATE
"""
_RECORDS = """
SELECT s.subject, s.at FROM ({source}) s
WHERE s.subject = ANY(%(subjects)s) AND s.at >= %(starts)s AND s.at < %(ends)s ORDER BY s.subject, s.at
"""
_COUNTED = """
UPDATE duties_due d SET done = f.done, kept_at = f.kept_at
FROM unnest(%(day)s::date[], %(window)s::bigint[], %(subject)s::uuid[], %(done)s::smallint[],
    %(kept_at)s::timestamptz[]) AS f(day, window_id, subject, done, kept_at)
WHERE d.day = f.day AND d.window_id = f.window_id AND d.subject = f.subject
    AND d.day = ANY(%(days)s) AND d.window_id = ANY(%(windows)s) AND d.subject = ANY(%(subjects)s)
"""
"""The subjects are named at both ends: a window of which nothing is known yet is never gone through for a few."""

_WITHIN = sql.SQL("SELECT s.subject, s.at FROM ({source}) s WHERE s.at >= {starts} AND s.at < {ends}")
_ALL_EACH = sql.SQL(
    "SELECT subject, at, row_number() OVER (PARTITION BY subject ORDER BY at) AS number FROM ({within}) w"
)
_ALL_EACH_DAY = sql.SQL(
    "SELECT subject, min(at) AS at, row_number() OVER (PARTITION BY subject ORDER BY min(at)) AS number"
    " FROM ({within}) w GROUP BY subject, (at AT TIME ZONE 'Asia/Shanghai')::date"
)
_FAR_APART = sql.SQL(
    "SELECT subject, num_nonnulls({moments}) AS done, {last} AS kept_at FROM"
    " (SELECT subject, array_agg(at ORDER BY at) AS every FROM ({within}) w GROUP BY subject) taken"
)
_FOLLOWING = sql.SQL(
    "every[1 + width_bucket({before} + ({hours} * interval '1 hour' - interval '1 microsecond'), every)]"
)
"""The records of each are read once: the first, then the first far enough from the one before, and so on: the one
after all that are earlier than that, nothing if there is none. Hours, not days: to add a day is to look into the
calendar of the time zone.
"""
_COUNTS = sql.SQL(
    "SELECT subject, count(*) AS done, max(at) FILTER (WHERE number = {needs}) AS kept_at"
    " FROM ({numbered}) n WHERE number <= {needs} GROUP BY subject"
)
"""The count of everybody who has records within a window, in a few passes over them."""
_OTHERWISE = sql.SQL(
    "SELECT d.subject FROM duties_due d LEFT JOIN ({counts}) c ON c.subject = d.subject"
    " WHERE d.day = {day} AND d.window_id = {window}"
    " AND (d.done, d.kept_at) IS DISTINCT FROM (coalesce(c.done, 0)::smallint, c.kept_at)"
)
"""Everybody in a window whose count is not what it is kept as."""
AT_ONCE = 5_000
"""Dues that are locked together."""


def recount(window: Window, requirement: Requirement, subjects: Sequence[UUID] | None = None) -> int:
    """Count the records of a window for some subjects, or for everybody. Returns how many changed.

    Within the caller's transaction. Of everybody, those whose count is found to be otherwise, or of whom it cannot
    be told at once, are locked and counted like a few.
    """
    if subjects is not None:
        return recount_few([(window, requirement)], subjects)
    counts = counts_of(window, requirement)
    otherwise = _OTHERWISE.format(counts=counts, day=sql.Literal(window.day), window=sql.Literal(window.pk))
    with connection.cursor() as cursor, in_passes(in_order=True):
        cursor.execute(otherwise)
        found = {subject for (subject,) in cursor.fetchall()}
    return recount_few([(window, requirement)], sorted(found | _unsure(window, requirement)))


def recount_unsure(window: Window, requirement: Requirement) -> int:
    """Count the records of those of whom ``counts_of`` does not tell. Returns how many changed.

    Within the caller's transaction.
    """
    return recount_few([(window, requirement)], sorted(_unsure(window, requirement)))


def recount_few(windows: Sequence[tuple[Window, Requirement]], subjects: Sequence[UUID]) -> int:
    """Count the records of some subjects in windows of any duties. Returns how many dues changed.

    Within the caller's transaction.
    """
    if not windows:
        return 0
    with prepared() as cursor:
        return sum(
            _few(cursor, windows, subjects[start : start + AT_ONCE]) for start in range(0, len(subjects), AT_ONCE)
        )


def counted(spec: DutySpec, moments: Sequence[datetime], needs: int) -> tuple[int, datetime | None]:
    """How many of these records, in their order, count, up to what is needed; and the one that made it enough."""
    chosen = list(islice(_that_count(spec, moments), needs))
    return len(chosen), chosen[-1] if len(chosen) == needs else None


def _that_count(spec: DutySpec, moments: Sequence[datetime]) -> Iterator[datetime]:
    """Every record; the first of each day; or the first, then the first that is far enough from the last that
    counted: no choice gives more.

    ``counts_of`` says the same of everybody in SQL; a property test holds both to a day-by-day reading.
    """
    if spec.spacing is not None and spec.spacing.distinct_days:
        for _day, those in groupby(moments, key=lambda at: at.astimezone(CHINA).date()):
            yield next(those)
        return
    apart = _apart(spec)
    last: datetime | None = None
    for at in moments:
        if last is None or at >= last + apart:
            last = at
            yield at


@contextmanager
def in_passes(*, in_order: bool = False) -> Iterator[None]:
    """Everybody at once: what was just written has no statistics yet, and would be looked up one by one.

    ``in_order``: all of it comes in the order of an index, and is read side by side; a hash of everybody would be
    written to the disk and read back.
    """
    ways = ["enable_nestloop", "enable_hashjoin"] if in_order else ["enable_nestloop"]
    with connection.cursor() as cursor:
        for way in ways:
            cursor.execute(f"SET LOCAL {way} = off")
        yield
        for way in ways:
            cursor.execute(f"SET LOCAL {way} TO DEFAULT")


def _few(cursor: Any, windows: Sequence[tuple[Window, Requirement]], subjects: Sequence[UUID]) -> int:
    of = {window.pk: (window, requirement) for window, requirement in windows}
    days, several = sorted({window.day for window, _requirement in windows}), sorted(of)
    told: dict[str, Any] = {"days": days, "windows": several, "subjects": list(subjects)}
    cursor.execute(_LOCK, told)
    owed = cursor.fetchall()
    if not owed:
        return 0
    records = _Records(cursor, [of[pk] for pk in {pk for pk, *_due in owed}], subjects)
    changed = []
    for pk, subject, *before in owed:
        window, requirement = of[pk]
        now = counted(spec_of(requirement), records.within(window, subject), window.needs)
        if now != tuple(before):
            changed.append((window.day, pk, subject, *now))
    if changed:
        columns = (list(column) for column in zip(*changed, strict=True))
        told |= zip(("day", "window", "subject", "done", "kept_at"), columns, strict=True)
        cursor.execute(_COUNTED, told)
    return len(changed)


class _Records:
    """What some did, by what it is counted from: what several windows are counted from is read once."""

    def __init__(
        self, cursor: Any, windows: Sequence[tuple[Window, Requirement]], subjects: Sequence[UUID]
    ) -> None:
        span = Span(min(each.starts for each, _of in windows), max(each.ends for each, _of in windows))
        self._source = {
            window.pk: sources.of(spec_of(requirement).act)(requirement, window, span).as_string(cursor.connection)
            for window, requirement in windows
        }
        told = {"subjects": list(subjects), "starts": span.starts, "ends": span.ends}
        self._made: dict[str, dict[UUID, list[datetime]]] = {}
        for source in set(self._source.values()):
            made = self._made[source] = defaultdict(list)
            cursor.execute(_RECORDS.format(source=source.replace("%", "%%")), told)
            for subject, at in cursor.fetchall():
                made[subject].append(at)

    def within(self, window: Window, subject: UUID) -> list[datetime]:
        """The moments somebody did it within a window, in their order."""
        made = self._made[self._source[window.pk]].get(subject, ())
        return [at for at in made if window.starts <= at < window.ends]


def counts_of(window: Window, requirement: Requirement) -> sql.Composable:
    """A query of ``subject``, ``done`` and ``kept_at``: of everybody who has records within a window.

    It does not tell of those whose records cannot be judged at once: ``recount_unsure``.
    """
    spec, span = spec_of(requirement), Span(window.starts, window.ends)
    held = {"starts": sql.Literal(span.starts), "ends": sql.Literal(span.ends), "needs": sql.Literal(window.needs)}
    within = _WITHIN.format(source=sources.at_once(spec.act).records(requirement, window, span), **held)
    if spec.spacing is None:
        return _COUNTS.format(numbered=_ALL_EACH.format(within=within), **held)
    if spec.spacing.distinct_days:
        return _COUNTS.format(numbered=_ALL_EACH_DAY.format(within=within), **held)
    moments: list[sql.Composable] = [sql.SQL("every[1]")]
    for _number in range(1, window.needs):
        moments.append(_FOLLOWING.format(before=moments[-1], hours=sql.Literal(spec.spacing.hours or 0)))
    return _FAR_APART.format(moments=sql.SQL(", ").join(moments), last=moments[-1], within=within)


def _unsure(window: Window, requirement: Requirement) -> set[UUID]:
    unsure = sources.at_once(spec_of(requirement).act).unsure
    if unsure is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(unsure(requirement, window, Span(window.starts, window.ends)))
        return {subject for (subject,) in cursor.fetchall()}


def _apart(spec: DutySpec) -> timedelta:
    return timedelta(hours=spec.spacing.hours or 0) if spec.spacing else timedelta()

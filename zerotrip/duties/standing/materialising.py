"""Dues are written and made to agree with the rosters: a window, whoever it is about, one statement.

A window is opened by one, which counts the records that are there already in the same pass, and reconciled by
another, which writes those alone who are otherwise than the rosters say. Killed half-way, or run twice, either
leaves what one run leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q
from psycopg import sql

from zerotrip import criteria
from zerotrip.duties import editions
from zerotrip.duties.models import Requirement, Window
from zerotrip.duties.standing import populations
from zerotrip.duties.standing.counting import counts_of, in_passes, recount, recount_unsure
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.populations import Asked
from zerotrip.parties.paths import around
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import LiteralString
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.duties.models import Subject
    from zerotrip.duties.standing.schedule import Span
    from zerotrip.duties.standing.spec import DutySpec

_STRICTER = sql.SQL(
    "EXISTS (SELECT 1 FROM duties_due o WHERE o.subject = p.subject AND o.released_at IS NULL"
    " AND (o.day, o.window_id) IN ({windows}))"
)
"""Whether somebody owes more under a stricter duty of the family."""

_NOTHING = sql.SQL("")
_OWING = sql.SQL(
    "SELECT p.subject, p.place::uuid AS place, p.area_path,"
    " CASE WHEN p.why <> '' THEN p.why WHEN {stricter} THEN 'stricter' ELSE '' END AS why"
    " FROM ({population}) p{those}"
)
"""Whom the rosters name, and why they are excused if they are."""
_INTO = (
    "INSERT INTO duties_due AS d"
    " (day, window_id, subject, place, area_path, since, done, kept_at, released_at, why)"
    " SELECT {day}, {window}, w.subject, w.place, w.area_path, {at}, {counts},"
    " CASE WHEN w.why <> '' THEN {at} END, w.why FROM ({owing}) w{joined} ORDER BY w.subject"
)
"""In the order of the keys: the index is written from its beginning to its end, and two never wait crosswise."""
_WRITE_NEW = sql.SQL(_INTO)
"""Into a window in which nobody owes anything yet: to look whether they do costs as much as to write it."""
_WRITE = sql.SQL(
    _INTO + " ON CONFLICT (day, window_id, subject) DO UPDATE"
    " SET place = excluded.place, area_path = excluded.area_path,"
    " since = CASE WHEN excluded.why = '' AND d.released_at IS NOT NULL THEN {at} ELSE d.since END,"
    " why = excluded.why, released_at = CASE WHEN excluded.why = '' THEN NULL ELSE {at} END"
    " WHERE d.kept_at IS NULL AND (d.place, d.area_path, d.why)"
    " IS DISTINCT FROM (excluded.place, excluded.area_path, excluded.why)"
)
"""Whoever was released and owes it again owes it from then on: one interval is kept, so that of the time before it
is said that nothing was owed, and nobody who was excused then is ever told of as missing.
"""
_UNCOUNTED = sql.SQL("0, NULL")
_COUNTED = sql.SQL("coalesce(c.done, 0)::smallint, c.kept_at")
_COUNTS = sql.SQL(" LEFT JOIN ({counts}) c ON c.subject = w.subject")
_OTHERWISE = sql.SQL(
    "SELECT coalesce(r.subject, h.subject) AS subject, r.place, r.area_path, r.why"
    " FROM ({owing}) r FULL JOIN (SELECT d.subject, d.place, d.area_path, d.why, d.kept_at FROM duties_due d"
    " WHERE d.day = {day} AND d.window_id = {window}{only}) h ON h.subject = r.subject"
    " WHERE CASE WHEN h.subject IS NULL THEN TRUE WHEN h.kept_at IS NOT NULL THEN FALSE"
    " WHEN r.subject IS NULL THEN h.why <> 'left'"
    " ELSE (h.place, h.area_path, h.why) IS DISTINCT FROM (r.place, r.area_path, r.why) END"
)
"""Those who are not written as they should be, without ``why`` if no roster names them: both sides are read once,
side by side. An insert that meets its like costs as much as one that does not.
"""
_NAMED = sql.SQL("SELECT * FROM otherwise WHERE why IS NOT NULL")
_AGREE = sql.SQL(
    "WITH otherwise AS MATERIALIZED ({otherwise}), written AS ({write} RETURNING 1),"
    " gone AS (UPDATE duties_due d SET released_at = {at}, why = 'left' FROM otherwise o"
    " WHERE o.why IS NULL AND d.day = {day} AND d.window_id = {window} AND d.subject = o.subject"
    " AND d.kept_at IS NULL AND d.why <> 'left' RETURNING 1)"
    " SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM gone)"
)

_ENDS = sql.SQL(
    "SELECT count(*), array_agg(subject ORDER BY subject) FILTER (WHERE place %% {size} = 0 AND place < many) FROM"
    " (SELECT p.subject, row_number() OVER (ORDER BY p.subject) AS place, count(*) OVER () AS many"
    " FROM ({population}) p) numbered"
)
"""The last subject of each part of a population but the last part."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What making a window agree with the rosters changed."""

    written: int
    """Dues that are new, or are otherwise than they were."""
    left: int
    """Of those who owed something and are on no roster any more."""
    counted: int
    """Whose records add up otherwise."""


@transaction.atomic
def open_window(requirement: Requirement, span: Span, *, area_path: str, at: datetime) -> Window:
    """Open a window of a standing duty in an area, and write what everybody owes in it. Twice is once."""
    window, made = new_window(requirement, span, area_path=area_path, at=at)
    if made:
        spec = spec_of(requirement)
        _write_counted(window, requirement, spec, at=at)
        make_way(window, requirement, spec, at=at)
    return window


def new_window(
    requirement: Requirement,
    span: Span,
    *,
    area_path: str,
    at: datetime,
    where: Mapping[str, Any] | None = None,
) -> tuple[Window, bool]:
    """A window in which nobody owes anything yet, and whether it was made now."""
    spec = spec_of(requirement)
    day = span.starts.astimezone(CHINA).date()
    window, made = Window.objects.get_or_create(
        requirement=requirement,
        area_path=area_path,
        starts=span.starts,
        defaults={
            "subject": spec.who,
            "day": day,
            "ends": span.ends,
            "needs": spec.records,
            "where": dict(where or {}),
            "opened_at": at,
            "reconciled_at": at,
        },
    )
    if made:
        with connection.cursor() as cursor:
            cursor.execute("SELECT duties_make_day(%s)", [day])
    return window, made


@transaction.atomic
def reconcile(window_id: int, *, at: datetime) -> Agreed | None:
    """Make a window agree with the rosters of today: whoever came owes it, whoever went does not any more.

    What was kept stays kept. None for a window that is over or closed: what was owed in it is history. None, too,
    for one that is still being opened, which agrees once it is whole.
    """
    rows = Window.objects.select_for_update(of=("self",)).select_related("requirement", "filling")
    window = rows.get(pk=window_id)
    if window.closed_at is not None or window.ends <= at or not window.is_whole:
        return None
    agreed = _agree(window, window.requirement, spec_of(window.requirement), at=at)
    window.reconciled_at = at
    window.save(update_fields=["reconciled_at"])
    return agreed


@transaction.atomic
def settle(subjects: Sequence[UUID], *, who: Subject, at: datetime) -> None:
    """Make what some owe in the windows under way agree with the rosters at once, as when one of them is left out.

    The strictest first: whoever is left out of it alone owes the next of its family.
    """
    rows = Window.objects.open().around(at).filter(subject=who).select_related("requirement").order_by("pk")
    windows = [(spec_of(row.requirement), row) for row in rows.select_for_update(of=("self",), no_key=True)]
    for spec, window in sorted(windows, key=lambda each: -each[0].strictness):
        _agree(window, window.requirement, spec, at=at, subjects=subjects)


def _agree(
    window: Window,
    requirement: Requirement,
    spec: DutySpec,
    *,
    at: datetime,
    subjects: Sequence[UUID] | None = None,
) -> Agreed:
    """Make a window agree with the roster, or what of it some owe."""
    held = _held(window, at=at)
    owing, params = _owing(window, requirement, spec, at=at, those=_of("WHERE p", subjects))
    otherwise = _OTHERWISE.format(owing=owing, only=_of("AND d", subjects), **held)
    write = _WRITE.format(owing=_NAMED, counts=_UNCOUNTED, joined=_NOTHING, **held)
    with connection.cursor() as cursor:
        cursor.execute(_AGREE.format(otherwise=otherwise, write=write, **held), params)
        written, left = cursor.fetchone()
    return Agreed(written, left, recount(window, requirement, subjects))


def _write_counted(window: Window, requirement: Requirement, spec: DutySpec, *, at: datetime) -> None:
    """Write what everybody owes in a window nobody else sees yet, with the records that are there already."""
    owing, params = _owing(window, requirement, spec, at=at)
    counts = sql.SQL(counts_of(window, requirement).as_string(connection.connection).replace("%", "%%"))
    write = _WRITE_NEW.format(
        owing=owing, counts=_COUNTED, joined=_COUNTS.format(counts=counts), **_held(window, at=at)
    )
    with connection.cursor() as cursor, in_passes():
        cursor.execute(write, params)
    recount_unsure(window, requirement)


def ends_of_parts(window: Window, requirement: Requirement, size: int) -> tuple[int, list[UUID]]:
    """How many a window is about, and the last of each part of so many, in the order of their keys."""
    population, params = _population(window, requirement, spec_of(requirement), at=window.opened_at)
    with connection.cursor() as cursor:
        cursor.execute(_ENDS.format(population=population, size=sql.Literal(size)), params)
        people, ends = cursor.fetchone()
    return people, ends or []


def write_part(
    window: Window, requirement: Requirement, *, after: UUID | None, until: UUID | None, at: datetime
) -> int:
    """Write what those owe whose keys lie after one and up to another; again it changes nothing. How many."""
    edges = [sql.SQL("p.subject > {}").format(sql.Literal(after))] if after else []
    edges += [sql.SQL("p.subject <= {}").format(sql.Literal(until))] if until else []
    where = sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(edges)) if edges else _NOTHING
    owing, params = _owing(window, requirement, spec_of(requirement), at=at, those=where)
    write = _WRITE.format(owing=owing, counts=_UNCOUNTED, joined=_NOTHING, **_held(window, at=at))
    with connection.cursor() as cursor:
        cursor.execute(write, params)
        return int(cursor.rowcount)


def _held(window: Window, *, at: datetime) -> dict[str, sql.Composable]:
    return {"day": sql.Literal(window.day), "window": sql.Literal(window.pk), "at": sql.Literal(at)}


def _owing(
    window: Window,
    requirement: Requirement,
    spec: DutySpec,
    *,
    at: datetime,
    those: sql.Composable = _NOTHING,
) -> tuple[sql.Composed, tuple[Any, ...]]:
    """Whom the rosters name in a window, of ``those``, as a query and its parameters."""
    population, params = _population(window, requirement, spec, at=at)
    stricter = _stricter(window, requirement, spec)
    return _OWING.format(population=population, stricter=stricter, those=those), params


def _of(row: LiteralString, subjects: Sequence[UUID] | None) -> sql.Composable:
    """A condition that a row is of some subjects; none: of anybody."""
    if subjects is None:
        return _NOTHING
    return sql.SQL(f" {row}.subject = ANY({{}})").format(sql.Literal(list(subjects)))


def _population(
    window: Window, requirement: Requirement, spec: DutySpec, *, at: datetime
) -> tuple[sql.SQL, tuple[Any, ...]]:
    """Those a window is about, as a query and its parameters."""
    on = at.astimezone(CHINA).date()
    rows = those(requirement, spec, on=on, area_path=window.area_path, where=window.where)
    text, params = rows.query.sql_with_params()
    return sql.SQL(text), params


def those(
    requirement: Requirement, spec: DutySpec, *, on: date, area_path: str, where: Mapping[str, Any]
) -> QuerySet[Any, Any]:
    """Those a duty is about in an area on a day, as ``populations.COLUMNS``; of them those of whom the criteria
    ``where`` are not known to be false. Raises criteria.Faults for criteria that do not read any more.
    """
    kept = populations.of(spec.who)
    if kept is None:
        raise LookupError(f"nobody keeps a roster of {spec.who}")
    asked = [each for each in (spec.where, where) if each]
    rule = criteria.parse({"all": asked}, vocabulary=kept.words(None)) if asked else None
    return kept.among(Asked(on, area_path, rule, requirement))


def _stricter(window: Window, requirement: Requirement, spec: DutySpec) -> sql.Composable:
    """Whether a stricter duty of the family is owed at the same time."""
    if spec.beside:
        return sql.SQL("FALSE")
    others = _others(window, requirement, spec)
    pairs = [
        sql.SQL("({}, {})").format(sql.Literal(other.day), sql.Literal(other.pk))
        for other in others
        if not (stricter := spec_of(other.requirement)).beside and stricter.strictness > spec.strictness
    ]
    return _STRICTER.format(windows=sql.SQL(", ").join(pairs)) if pairs else sql.SQL("FALSE")


def make_way(window: Window, requirement: Requirement, spec: DutySpec, *, at: datetime) -> None:
    """Whoever owes more from now on no longer owes less of the same."""
    for other in _others(window, requirement, spec) if not spec.beside else ():
        laxer = spec_of(other.requirement)
        if laxer.strictness < spec.strictness and not laxer.beside and other.closed_at is None and other.ends > at:
            _agree(other, other.requirement, laxer, at=at)


def _others(window: Window, requirement: Requirement, spec: DutySpec) -> list[Window]:
    """The windows of other duties of the family that run at the same time where this one does."""
    if spec.family is None:
        return []
    family = [row.pk for row in editions.standing(SORT) if spec_of(row).family == spec.family]
    rows = Window.objects.select_related("requirement").filter(
        Q(area_path__startswith=window.area_path) | Q(area_path__in=around(window.area_path)),
        requirement__in=family,
        starts__lt=window.ends,
        ends__gt=window.starts,
    )
    return list(rows.exclude(requirement=requirement.pk).order_by("pk"))

"""Figures of the question nobody may be missed by: who of very many still owes a test in a 4-in-7 window, by grid.

The product answers from what is owed, counted as samples come in. Beside it: the bare statement over the same rows;
the best statement we know over the samples themselves, by the index; and DuckDB over the same people and samples in
Parquet, which has to work out the regime anew each time. All have to give the same number for every grid.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import ProgrammingError, connection
from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.loading import bare
from tests import world
from tests.duties.standing import roster
from zerotrip.catalogue.actions import load_pack
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.materialising import open_window, reconcile
from zerotrip.duties.standing.queries import coverage
from zerotrip.duties.standing.schedule import Span
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Role
from zerotrip.workdays.calendar import CHINA

GRIDS = 1_000
RECORDS, DAYS, HOURS = 4, 7, 24
PEOPLE = """
INSERT INTO prevention_person (id, name, name_key, document_kind, number_shown, phone, created_at)
SELECT md5('p' || n)::uuid, 'p' || n, 'p' || n, '', '', '139' || lpad(n::text, 8, '0'), %(at)s
FROM generate_series(1, %(people)s) n
"""
ENROLMENTS = """
INSERT INTO prevention_enrolment (person_id, kind, area_path, household, during)
SELECT md5('p' || n)::uuid, 'resident', %(area)s || lpad((n %% %(grids)s)::text, 6, '0') || '/', '',
    daterange(%(first)s, NULL)
FROM generate_series(1, %(people)s) n
"""
SAMPLES = """
INSERT INTO prevention_sample (day, tube_id, person_id, at, counts, received_at)
SELECT %(day)s, 'B' || %(turn)s || '-' || n / 10, md5('p' || n)::uuid,
    %(midnight)s::timestamptz + make_interval(secs => 28800 + (n * 7919 + %(turn)s * 1800) %% 36000), true, %(at)s
FROM generate_series(1, %(people)s::bigint) n WHERE (n * 31 + %(turn)s * 17) %% 100 < 62
"""
"""On each day but today some 62 of a hundred are sampled, within ten hours, mostly later than the day before."""
FLOOR = """
SELECT area_path, count(*) FROM duties_due
WHERE day = %(day)s AND window_id = %(window)s AND kept_at IS NULL AND released_at IS NULL GROUP BY area_path
"""
READ = (
    "SELECT count(*) FROM (SELECT DISTINCT ON (person_id) person_id, area_path FROM prevention_enrolment"
    " WHERE during @> %(today)s::date ORDER BY person_id, id) each",
    "SELECT count(*) FROM (SELECT DISTINCT ON (subject) subject, area_path, done, kept_at FROM duties_due"
    " WHERE day = %(day)s AND window_id = %(window)s ORDER BY subject) each",
    "SELECT count(*) FROM (SELECT person_id, array_agg(at ORDER BY at) FROM prevention_sample"
    " WHERE counts AND at >= %(starts)s AND at < %(ends)s GROUP BY person_id) each",
)
"""Everybody on the roster, all they owe, all their samples, each in the order of the people."""
FROM_SAMPLES = """
WITH taken AS (
    SELECT person_id, array_agg(at ORDER BY at) AS l FROM prevention_sample
    WHERE counts AND at >= %(starts)s AND at < %(ends)s GROUP BY person_id HAVING count(*) >= 4
), kept AS MATERIALIZED (
    SELECT person_id FROM taken
    CROSS JOIN LATERAL (SELECT min(t) AS at FROM unnest(l) t WHERE t >= l[1] + interval '24 hours') two
    CROSS JOIN LATERAL (SELECT min(t) AS at FROM unnest(l) t WHERE t >= two.at + interval '24 hours') three
    CROSS JOIN LATERAL (SELECT min(t) AS at FROM unnest(l) t WHERE t >= three.at + interval '24 hours') four
    WHERE four.at IS NOT NULL
)
SELECT e.area_path, count(*) FROM prevention_enrolment e
WHERE NOT EXISTS (SELECT 1 FROM kept k WHERE k.person_id = e.person_id) GROUP BY e.area_path
"""
DUCKDB = """
WITH taken AS (
    SELECT person, list_sort(list(moment)) AS l FROM read_parquet('{samples}') GROUP BY person
), one AS (SELECT person, l, l[1] AS t FROM taken),
two AS (SELECT person, l, list_filter(l, lambda x: x >= t + INTERVAL 24 HOUR)[1] AS t FROM one),
three AS (SELECT person, l, list_filter(l, lambda x: x >= t + INTERVAL 24 HOUR)[1] AS t FROM two),
four AS (SELECT person, list_filter(l, lambda x: x >= t + INTERVAL 24 HOUR)[1] AS t FROM three)
SELECT p.area, count(*) FROM read_parquet('{people}') p LEFT JOIN four f ON f.person = p.person AND f.t IS NOT NULL
WHERE f.person IS NULL GROUP BY p.area
"""


def measure(*, people: int, repeats: int) -> Iterator[Figure]:
    """What many owe, written; the question, asked every way."""
    at = timezone.now()
    load_pack(world.WHOLE, by=SYSTEM, at=at)
    leader = world.acting(world.staff("leader-of-rounds", "approval-bureau", Role.LEADER), at)
    midnight = datetime.combine(at.astimezone(CHINA).date() - timedelta(days=DAYS - 1), datetime.min.time(), CHINA)
    _populate(people, midnight, at=at)
    asks = {"who": "person", "act": "sample", "days": DAYS, "records": RECORDS, "spacing": {"hours": HOURS}}
    (duty,) = roster.declared(roster.spec("four-in-seven", **asks))
    span = Span(midnight, midnight + timedelta(days=DAYS))
    _settle()
    begun = time.perf_counter()
    window = open_window(duty, span, area_path=world.DISTRICT, at=at)
    spent = time.perf_counter() - begun
    sizes: dict[str, Any] = {"people": people, "grids": GRIDS}
    if Due.objects.filter(day=window.day, window=window.pk).count() != people:
        raise AssertionError("not everybody owes")
    yield figure("dues_written", [spent], "s", sizes=sizes, per_second=round(people / spent))
    with connection.cursor() as cursor:  # as the night finds it: what the morning wrote has been gone through
        cursor.execute("VACUUM (ANALYZE) duties_due")
    _settle()
    begun = time.perf_counter()
    reconcile(window.pk, at=at + timedelta(seconds=1))
    yield figure("dues_reconciled", [time.perf_counter() - begun], "s", sizes=sizes)
    yield _read_bare(window, sizes)
    yield _written_bare(window, sizes)
    now = timezone.now()
    wanted = {row.key: row.missing for row in coverage(window, leader, at=now, below=False) if row.missing}
    ours = timed(repeats, lambda: coverage(window, leader, at=now, below=False), warm=1)
    yield figure("coverage", ours, "ms", sizes=sizes, missing=sum(wanted.values()))
    yield from _peers(window, wanted, sizes, repeats)


def of_a_tenth(*, people: int, repeats: int) -> Iterator[Figure]:
    """The same among a tenth as many: what ten times the people cost, told beside it."""
    for each in measure(people=people, repeats=repeats):
        yield replace(each, figure=f"{each.figure}_of_a_tenth")


def _populate(people: int, midnight: datetime, *, at: datetime) -> None:
    told = {"people": people, "area": world.DISTRICT, "grids": GRIDS, "at": at, "first": midnight.date()}
    tables = ["prevention_enrolment", "prevention_sample"]
    with connection.cursor() as cursor, bare(os.environ["DATABASE_URL"], tables, workers=2):
        cursor.execute(PEOPLE, told)
        cursor.execute(ENROLMENTS, told)
        for turn in range(DAYS - 1):
            day = midnight + timedelta(days=turn)
            cursor.execute("SELECT prevention_make_sample_day(%s)", [day.date()])
            cursor.execute(SAMPLES, {**told, "turn": turn, "day": day.date(), "midnight": day})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) prevention_person, prevention_enrolment, prevention_sample")


def _settle() -> None:
    """Have written to the disk what came before: of a tenth of it nothing would be under way, of all of it much."""
    with connection.cursor() as cursor, suppress(ProgrammingError):  # on a server where we may not
        cursor.execute("CHECKPOINT")


def _read_bare(window: Window, sizes: dict[str, Any]) -> Figure:
    """The floor of making what is owed agree: the same rows read in the same order, and nothing compared."""
    told = {"day": window.day, "window": window.pk, "starts": window.starts, "ends": window.ends}
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        for text in READ:
            cursor.execute(text, {**told, "today": timezone.now().astimezone(CHINA).date()})
            if cursor.fetchone() != (sizes["people"],):
                raise AssertionError("the bare reading finds others")
        spent = time.perf_counter() - begun
    return figure("dues_reconciled_floor", [spent], "s", sizes=sizes)


def _written_bare(window: Window, sizes: dict[str, Any]) -> Figure:
    """The floor of writing what is owed: the same rows into a bare copy of the table, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_due (LIKE duties_due INCLUDING ALL)")
        _settle()
        begun = time.perf_counter()
        cursor.execute(
            "INSERT INTO bare_due SELECT * FROM duties_due WHERE day = %s AND window_id = %s",
            [window.day, window.pk],
        )
        spent = time.perf_counter() - begun
        cursor.execute("DROP TABLE bare_due")
    return figure("dues_written_floor", [spent], "s", sizes=sizes)


def _peers(window: Window, wanted: dict[str, int], sizes: dict[str, Any], repeats: int) -> Iterator[Figure]:
    told = {"day": window.day, "window": window.pk, "starts": window.starts, "ends": window.ends}

    def asked(text: str) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(text, told)
            return dict(cursor.fetchall())

    for name, text, times in (
        ("coverage_floor", FLOOR, repeats),
        ("coverage_from_samples", FROM_SAMPLES, max(1, repeats // 5)),
    ):
        if asked(text) != wanted:
            raise AssertionError(f"{name} finds others missing")
        yield figure(name, timed(times, lambda text=text: asked(text), warm=0), "ms", sizes=sizes)
    with TemporaryDirectory() as folder:
        yield _duckdb(Path(folder), wanted, sizes, max(1, repeats // 3))


def _duckdb(folder: Path, wanted: dict[str, int], sizes: dict[str, Any], repeats: int) -> Figure:
    """The same people and samples as Parquet, asked by DuckDB with both processors."""
    import duckdb

    tables = {
        "people": "SELECT person_id, area_path FROM prevention_enrolment",
        "samples": "SELECT person_id, at FROM prevention_sample WHERE counts",
    }
    columns = {
        "people": "{'person': 'UUID', 'area': 'VARCHAR'}",
        "samples": "{'person': 'UUID', 'moment': 'TIMESTAMPTZ'}",
    }
    base = duckdb.connect()
    with connection.cursor() as cursor:
        for name, text in tables.items():
            rows, kept = folder / f"{name}.csv", folder / f"{name}.parquet"
            with rows.open("wb") as file, cursor.copy(f"COPY ({text}) TO STDOUT (FORMAT csv)") as found:
                for part in found:
                    file.write(part)
            base.execute(
                f"COPY (SELECT * FROM read_csv('{rows}', header=false, columns={columns[name]})) TO '{kept}'"
            )
    text = DUCKDB.format(people=folder / "people.parquet", samples=folder / "samples.parquet")
    if dict(base.execute(text).fetchall()) != wanted:
        raise AssertionError("DuckDB finds others missing")
    took = timed(repeats, lambda: base.execute(text).fetchall(), warm=0)
    return figure("coverage_duckdb", took, "ms", sizes=sizes)

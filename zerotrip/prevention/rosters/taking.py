"""Taking over the rows of a roster file, a batch at a time, by the statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from zerotrip.prevention.models import RosterFile
from zerotrip.prevention.rosters.matching import ENROLMENTS, PEOPLE, ROWS, SAME_PLACE, TAKEN, unnamed, values_of

if TYPE_CHECKING:
    from datetime import datetime

BATCH = 50_000
"""Rows taken over in one transaction: a second or three."""


def take(file: RosterFile, *, after: int, at: datetime) -> int | None:
    """Take over the next batch of rows behind a row number, and say how far it came; None at the end.

    Taken over again, a batch changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEXT, {"file": file.pk, "after": after, "most": BATCH})
        last, count = cursor.fetchone()
        if last is None:
            return None
        values = {**values_of(file), "after": after, "last": last, "at": at}
        for statement in _FRESH:
            cursor.execute(statement, values)
        fresh = cursor.rowcount
        cursor.execute(_PEOPLE, values)
        if cursor.rowcount < fresh:
            cursor.execute(_MEANWHILE, values)
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
        if not after:
            cursor.execute(f"ANALYZE {PEOPLE}, {ENROLMENTS}")  # what follows is planned for many, not for none
        file.saved += count
        RosterFile.objects.filter(pk=file.pk).update(saved=file.saved)
    return int(last)


def take_off(file: RosterFile, *, because: str) -> int:
    """End the enrolments of those a file does not name, from its first day on, with the reason; how many.

    In the caller's transaction. Whoever came on that very day was never on the roster.
    """
    values, gone = values_of(file), f"SELECT id FROM ({unnamed(file)}) AS e"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {ENROLMENTS} WHERE id IN ({gone} WHERE lower(during) = %(day)s)", values)
        count = cursor.rowcount
        ended = f"UPDATE {ENROLMENTS} SET during = daterange(lower(during), %(day)s::date), because = %(because)s"
        cursor.execute(f"{ended} WHERE id IN ({gone})", {**values, "because": because})
        return int(count + cursor.rowcount)


_NEXT = f"""
SELECT max(number), count(*) FROM (
  SELECT number FROM {ROWS} WHERE file_id = %(file)s AND number > %(after)s ORDER BY number LIMIT %(most)s) AS r
"""
_BATCH = f"r.file_id = %(file)s AND r.number > %(after)s AND r.number <= %(last)s AND {TAKEN}"
_COPIED = (
    "name, name_key, ric_digest, ric_sealed, document_kind, document_digest, document_sealed, number_shown, phone,"
    " birth_year"
)
_FRESH = (
    "DROP TABLE IF EXISTS pg_temp.fresh",
    f"""
    CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
    SELECT DISTINCT ON (person_id) r.* FROM {ROWS} AS r LEFT JOIN {PEOPLE} AS p ON p.id = r.person_id
    WHERE {_BATCH} AND p.id IS NULL ORDER BY person_id, number
    """,
    "SELECT FROM fresh",
)
_PEOPLE = f"""
INSERT INTO {PEOPLE} (id, {_COPIED}, created_at) SELECT person_id, {_COPIED}, %(at)s FROM fresh
ON CONFLICT DO NOTHING
"""
"""Those who are new. Somebody entered meanwhile is found by the next statement."""
_MEANWHILE = f"""
WITH lost AS MATERIALIZED (
  SELECT r.person_id, coalesce(
    (SELECT p.id FROM {PEOPLE} AS p WHERE p.ric_digest = r.ric_digest),
    (SELECT p.id FROM {PEOPLE} AS p WHERE p.document_digest = r.document_digest),
    (SELECT p.id FROM {PEOPLE} AS p WHERE r.ric_digest IS NULL AND r.document_digest IS NULL
       AND p.name_key = r.name_key AND p.phone = r.phone LIMIT 1)) AS found
  FROM fresh AS r LEFT JOIN {PEOPLE} AS p ON p.id = r.person_id WHERE p.id IS NULL)
UPDATE {ROWS} AS r SET person_id = lost.found FROM lost
WHERE r.file_id = %(file)s AND r.person_id = lost.person_id
"""
_NUMBERS = f"""
UPDATE {PEOPLE} AS p SET ric_digest = r.ric_digest, ric_sealed = r.ric_sealed, number_shown = r.number_shown
FROM (SELECT DISTINCT ON (person_id) r.* FROM {ROWS} AS r WHERE {_BATCH} AND ric_digest IS NOT NULL
      ORDER BY person_id, number) AS r
WHERE p.id = r.person_id AND p.ric_digest IS NULL
"""
_DOCUMENTS = f"""
UPDATE {PEOPLE} AS p SET document_kind = r.document_kind, document_digest = r.document_digest,
       document_sealed = r.document_sealed,
       number_shown = CASE WHEN p.number_shown = '' THEN r.number_shown ELSE p.number_shown END
FROM (SELECT DISTINCT ON (person_id) r.* FROM {ROWS} AS r WHERE {_BATCH} AND document_digest IS NOT NULL
      ORDER BY person_id, number) AS r
WHERE p.id = r.person_id AND p.document_digest IS NULL
"""
_PHONES = f"""
UPDATE {PEOPLE} AS p SET phone = r.phone
FROM (SELECT DISTINCT ON (person_id) r.* FROM {ROWS} AS r WHERE {_BATCH} AND phone <> ''
      ORDER BY person_id, number) AS r
WHERE p.id = r.person_id AND p.phone = ''
"""
_YEARS = f"""
UPDATE {PEOPLE} AS p SET birth_year = r.birth_year
FROM (SELECT DISTINCT ON (person_id) r.* FROM {ROWS} AS r WHERE {_BATCH} AND birth_year IS NOT NULL
      ORDER BY person_id, number) AS r
WHERE p.id = r.person_id AND p.birth_year IS NULL
"""
_PLACES = f"""
CREATE TEMPORARY TABLE places ON COMMIT DROP AS
SELECT DISTINCT ON (r.person_id) r.person_id, r.area_path, r.household, r.site_id, r.employer_id
FROM {ROWS} AS r WHERE {_BATCH}
  AND NOT EXISTS (SELECT FROM {ENROLMENTS} AS e WHERE e.person_id = r.person_id AND e.kind = %(kind)s
                  AND e.during @> %(day)s::date AND {SAME_PLACE})
ORDER BY r.person_id, r.number
"""
"""Those who are not there yet on that day."""
_REPLACED = f"""
DELETE FROM {ENROLMENTS} AS e USING places AS r
WHERE e.person_id = r.person_id AND e.kind = %(kind)s AND lower(e.during) = %(day)s
"""
_LEFT = f"""
UPDATE {ENROLMENTS} AS e SET during = daterange(lower(e.during), %(day)s::date), because = '' FROM places AS r
WHERE e.person_id = r.person_id AND e.kind = %(kind)s AND e.during @> %(day)s::date
"""
_ENROLMENTS = f"""
INSERT INTO {ENROLMENTS} (person_id, kind, area_path, household, site_id, employer_id, during)
SELECT r.person_id, %(kind)s, r.area_path, r.household, r.site_id, r.employer_id,
       daterange(%(day)s::date, (
         SELECT min(lower(e.during)) FROM {ENROLMENTS} AS e
         WHERE e.person_id = r.person_id AND e.kind = %(kind)s AND lower(e.during) > %(day)s))
FROM places AS r
"""
"""On the roster from that day on, until another one of the kind begins that is known already."""
_STATEMENTS = (
    *(_NUMBERS, _DOCUMENTS, _PHONES, _YEARS),
    *("DROP TABLE IF EXISTS pg_temp.places", _PLACES, "ANALYZE places", _REPLACED, _LEFT, _ENROLMENTS),
)

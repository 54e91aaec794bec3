"""Who the rows of a roster file are about: matched as a whole, by the statement, whatever order they stand in.

Somebody is found by identity number, else by document, else by name with phone. What a row claims of two
different people is named and never merged. See docs/decisions/0036 for the rule, and
tests/prevention/test_merging.py for the same in plain Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from zerotrip.prevention.models import Enrolment, Person, RosterRow

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.prevention.models import RosterFile

ROWS, PEOPLE, ENROLMENTS = RosterRow._meta.db_table, Person._meta.db_table, Enrolment._meta.db_table


@transaction.atomic
def match(file_id: UUID) -> None:
    """Say of each row of a file who it is about. Run again, it says the same, once the rows were taken over too."""
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, {"file": file_id})


_NUMBERS = f"""
CREATE TEMPORARY TABLE numbers ON COMMIT DROP AS
SELECT r.ric_digest AS digest, p.id AS known
FROM (SELECT DISTINCT ric_digest FROM {ROWS} WHERE file_id = %(file)s AND ric_digest IS NOT NULL) AS r
     LEFT JOIN {PEOPLE} AS p ON p.ric_digest = r.ric_digest
"""
"""Each number of the file, and who has it."""
_DOCUMENTS = f"""
CREATE TEMPORARY TABLE documents ON COMMIT DROP AS
SELECT r.digest, r.numbers, r.number, p.id AS known, p.ric_digest AS known_number
FROM (SELECT document_digest AS digest, count(DISTINCT ric_digest) AS numbers,
             (array_agg(ric_digest) FILTER (WHERE ric_digest IS NOT NULL))[1] AS number
      FROM {ROWS} WHERE file_id = %(file)s AND document_digest IS NOT NULL GROUP BY document_digest) AS r
     LEFT JOIN {PEOPLE} AS p ON p.document_digest = r.digest
"""
"""Each document of the file, who has it, and with how many numbers it stands in one row."""
_BY_NUMBER = f"""
CREATE TEMPORARY TABLE by_number ON COMMIT DROP AS
SELECT n.digest, n.known IS NOT NULL AS held, h.holder AS other,
       coalesce(n.known, CASE WHEN h.holders = 1 AND h.free THEN h.holder END) AS person,
       n.known IS NULL AND coalesce(h.holders > 1 OR NOT h.free, false) AS conflict
FROM numbers AS n LEFT JOIN (
  SELECT pair.number, count(DISTINCT d.known) AS holders, (array_agg(d.known))[1] AS holder,
         bool_and(d.known_number IS NULL AND d.numbers = 1) AS free
  FROM (SELECT DISTINCT ric_digest AS number, document_digest AS document FROM {ROWS}
        WHERE file_id = %(file)s AND ric_digest IS NOT NULL AND document_digest IS NOT NULL) AS pair
       JOIN documents AS d ON d.digest = pair.document AND d.known IS NOT NULL
  GROUP BY pair.number) AS h ON h.number = n.digest
"""
"""Whom a number means: who has it, else the one holder of the documents beside it who has no number yet."""
_BY_DOCUMENT = """
CREATE TEMPORARY TABLE by_document ON COMMIT DROP AS
SELECT d.digest, d.known IS NOT NULL AS held, CASE WHEN d.numbers = 1 THEN d.number END AS number,
       coalesce(d.known, CASE WHEN d.numbers = 1 THEN n.person END) AS person,
       d.known IS NULL AND (d.numbers > 1 OR coalesce(d.numbers = 1 AND n.conflict, false)) AS conflict,
       n.other
FROM documents AS d LEFT JOIN by_number AS n ON n.digest = d.number
"""
"""Whom a document means: who has it, else whoever the one number beside it means."""
_STRONG = f"""
CREATE TEMPORARY TABLE strong ON COMMIT DROP AS
SELECT r.number, r.fresh, r.name_key, r.phone, coalesce(r.ric_digest, d.number, r.document_digest) AS bond,
       coalesce(n.person, d.person) AS person,
       CASE WHEN n.person <> d.person THEN d.person ELSE coalesce(n.other, d.other) END AS other,
       coalesce(n.conflict, false) OR coalesce(d.conflict, false)
         OR coalesce(n.person <> d.person, false) AS conflict,
       CASE WHEN n.held THEN 'number' WHEN coalesce(n.person, d.person) IS NOT NULL THEN 'document'
            WHEN r.ric_digest IS NOT NULL THEN 'number' ELSE 'document' END AS verdict
FROM {ROWS} AS r LEFT JOIN by_number AS n ON n.digest = r.ric_digest
     LEFT JOIN by_document AS d ON d.digest = r.document_digest
WHERE r.file_id = %(file)s AND (r.ric_digest IS NOT NULL OR r.document_digest IS NOT NULL)
"""
"""The rows with a number or a document; those of one ``bond`` are about one person."""
_BONDS = f"""
CREATE TEMPORARY TABLE bonds ON COMMIT DROP AS
WITH unknown AS (SELECT * FROM strong WHERE person IS NULL AND NOT conflict),
     claims AS (SELECT DISTINCT u.bond, p.id AS weak FROM unknown AS u JOIN {PEOPLE} AS p
                ON p.name_key = u.name_key AND p.phone = u.phone AND u.phone <> ''
                   AND p.ric_digest IS NULL AND p.document_digest IS NULL),
     sole AS (SELECT bond, (array_agg(weak))[1] AS weak FROM claims
              WHERE weak IN (SELECT weak FROM claims GROUP BY weak HAVING count(*) = 1)
                AND bond IN (SELECT bond FROM claims GROUP BY bond HAVING count(*) = 1)
              GROUP BY bond)
SELECT DISTINCT ON (u.bond) u.bond, u.number AS first, sole.weak, coalesce(sole.weak, u.fresh) AS person
FROM unknown AS u LEFT JOIN sole USING (bond) ORDER BY u.bond, u.number
"""
"""Those nobody is known for: completing the one they alone match by name and phone, or somebody new."""
_FOUND = """
UPDATE strong SET person = b.person,
       verdict = CASE WHEN b.weak IS NOT NULL THEN 'completed' WHEN b.first = strong.number THEN 'new'
                      ELSE strong.verdict END
FROM bonds AS b WHERE strong.bond = b.bond AND strong.person IS NULL AND NOT strong.conflict
"""
_WEAK = f"""
CREATE TEMPORARY TABLE weak ON COMMIT DROP AS
WITH asked AS (SELECT DISTINCT ON (name_key, phone) name_key, phone, number AS first, fresh FROM {ROWS}
               WHERE file_id = %(file)s AND ric_digest IS NULL AND document_digest IS NULL
               ORDER BY name_key, phone, number),
     candidates AS (
       SELECT a.name_key, a.phone, p.id AS person FROM asked AS a JOIN {PEOPLE} AS p USING (name_key, phone)
       UNION
       SELECT a.name_key, a.phone, s.person FROM asked AS a JOIN strong AS s USING (name_key, phone)
       WHERE NOT s.conflict)
SELECT a.name_key, a.phone, a.first, coalesce(c.count, 0) AS count, coalesce(c.people[1], a.fresh) AS person,
       c.people[2] AS other
FROM asked AS a LEFT JOIN (SELECT name_key, phone, count(*) AS count, array_agg(person) AS people
                           FROM candidates GROUP BY name_key, phone) AS c USING (name_key, phone)
"""
"""Those known by name and phone alone: anybody of that name and phone, among those known and in the file."""
_PLAN = f"""
CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
SELECT number, CASE WHEN NOT conflict OR person IS DISTINCT FROM other THEN person END AS person,
       CASE WHEN conflict THEN other END AS other, CASE WHEN conflict THEN 'conflict' ELSE verdict END AS verdict
FROM strong
UNION ALL
SELECT r.number, w.person, w.other,
       CASE WHEN w.count > 1 THEN 'ambiguous' WHEN w.count = 0 AND w.first = r.number THEN 'new' ELSE 'phone' END
FROM {ROWS} AS r JOIN weak AS w USING (name_key, phone)
WHERE r.file_id = %(file)s AND r.ric_digest IS NULL AND r.document_digest IS NULL
"""
_ELSEWHERE = f"""
WITH placed AS (
  SELECT plan.number, plan.person,
         row(r.area_path, r.household, r.site_id, r.employer_id)::text AS place
  FROM plan JOIN {ROWS} AS r ON r.file_id = %(file)s AND r.number = plan.number
  WHERE plan.verdict NOT IN ('conflict', 'ambiguous')
    AND plan.person IN (SELECT person FROM plan GROUP BY person HAVING count(*) > 1)),
     firsts AS (SELECT DISTINCT ON (person) person, place FROM placed ORDER BY person, number)
UPDATE plan SET verdict = 'elsewhere' FROM placed JOIN firsts USING (person)
WHERE plan.number = placed.number AND placed.place <> firsts.place
"""
"""Somebody is on one roster of a kind a day: of two places in one file, the first counts."""
_TELL = f"""
UPDATE {ROWS} AS r SET person_id = plan.person, other_id = plan.other, verdict = plan.verdict
FROM plan WHERE r.file_id = %(file)s AND r.number = plan.number
  AND (r.person_id, r.other_id, r.verdict) IS DISTINCT FROM (plan.person, plan.other, plan.verdict)
"""
_STATEMENTS = (
    "DROP TABLE IF EXISTS "
    + ", ".join(
        f"pg_temp.{name}"
        for name in ("numbers", "documents", "by_number", "by_document", "strong", "bonds", "weak", "plan")
    ),
    f"ANALYZE {ROWS}",
    *(_NUMBERS, _DOCUMENTS, "ANALYZE numbers", "ANALYZE documents"),
    *(_BY_NUMBER, _BY_DOCUMENT, "ANALYZE by_number", "ANALYZE by_document"),
    *(_STRONG, "ANALYZE strong", _BONDS, "ANALYZE bonds", _FOUND),
    *(_WEAK, "ANALYZE weak", _PLAN, "ANALYZE plan", _ELSEWHERE, _TELL),
)


def counts(file: RosterFile) -> dict[str, int]:
    """How many rows there are of each verdict, and what they would change of rosters."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT verdict, count(*) FROM {ROWS} WHERE file_id = %s GROUP BY verdict", [file.pk])
        found: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_PLACES, values_of(file))
        found |= dict(zip(("staying", "moving", "joining", "renamed"), cursor.fetchone(), strict=True))
        found["leaving"], _digest = leaving(file) if file.replaces else (0, "")
    return found


TAKEN = "r.verdict NOT IN ('conflict', 'ambiguous', 'elsewhere')"
"""The rows that are taken over."""
SAME_PLACE = (
    "(e.area_path, e.household, e.site_id, e.employer_id)"
    " IS NOT DISTINCT FROM (r.area_path, r.household, r.site_id, r.employer_id)"
)
_PLACES = f"""
SELECT count(DISTINCT r.person_id) FILTER (WHERE e.id IS NOT NULL AND {SAME_PLACE}),
       count(DISTINCT r.person_id) FILTER (WHERE e.id IS NOT NULL AND NOT {SAME_PLACE}),
       count(DISTINCT r.person_id) FILTER (WHERE e.id IS NULL),
       count(DISTINCT r.person_id) FILTER (WHERE r.verdict IN ('number', 'document') AND p.name_key <> r.name_key)
FROM {ROWS} AS r LEFT JOIN {PEOPLE} AS p ON p.id = r.person_id
     LEFT JOIN {ENROLMENTS} AS e ON e.person_id = p.id AND e.kind = %(kind)s AND e.during @> %(day)s::date
WHERE r.file_id = %(file)s AND {TAKEN}
"""


def leaving(file: RosterFile) -> tuple[int, str]:
    """How many are on the roster of a file on its first day and not named by it, and a digest of who."""
    digest = "coalesce(md5(string_agg(e.id::text, ',' ORDER BY e.id)), '')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {digest} FROM ({unnamed(file)}) AS e", values_of(file))
        count, found = cursor.fetchone()
    return count, found


def leaving_ids(file: RosterFile, *, most: int) -> list[int]:
    """The first of those enrolments."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({unnamed(file)}) AS e ORDER BY id LIMIT {most:d}", values_of(file))
        return [pk for (pk,) in cursor.fetchall()]


def values_of(file: RosterFile) -> dict[str, Any]:
    """What statements about the roster of a file ask for."""
    return {
        "file": file.pk,
        "kind": file.kind,
        "day": file.first_day,
        "site": file.site_id,
        "employer": file.employer_id,
        "area": file.area_path,
        "inside": file.area_path + "%",
    }


def unnamed(file: RosterFile) -> str:
    """The statement for those on the roster of a file who are not among whom it names, in conflict or not."""
    if file.site_id is not None:
        scope = "e.site_id = %(site)s"
    elif file.employer_id is not None:
        scope = "e.employer_id = %(employer)s"
    else:
        scope = "e.area_path LIKE %(inside)s"
    return f"""
    SELECT e.id, e.during FROM {ENROLMENTS} AS e
    WHERE e.kind = %(kind)s AND e.during @> %(day)s::date AND {scope}
      AND NOT EXISTS (SELECT FROM {ROWS} AS r WHERE r.file_id = %(file)s
                      AND (r.person_id = e.person_id OR r.other_id = e.person_id))
    """

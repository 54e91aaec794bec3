"""Tubes that say nothing of those in them: found invalid, or lost, leaked or empty. Their samples are not counted.

Whoever is in one is missing again wherever a test is owed, by name, and is called like everybody who did not come.
What a laboratory finds in the tube after all, or whoever settles that it is as it should be, makes them count.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from zerotrip.duties.standing.reporting import count_act

ACT = "sample"
"""What counts towards the duties of screening."""
_VOID = (
    "SELECT v.code FROM prevention_tube v WHERE v.outcome = 'invalid'",
    "SELECT v.code FROM prevention_mishap v WHERE v.voids",
)
VOID = " UNION ".join(_VOID)
"""The tubes that say nothing."""
COUNTED = " AND ".join(["p.counts", *(f"NOT EXISTS ({each} AND v.code = p.tube_id)" for each in _VOID)])
"""Of a sample ``p``: whether it counts as done, that is in none of ``VOID``. Both are looked up in indexes of the
few tubes that are void.
"""

_LOCK = "SELECT code FROM prevention_tube WHERE code = ANY(%s) ORDER BY code FOR NO KEY UPDATE"
_FOUND = "UPDATE prevention_mishap SET voids = false WHERE voids AND code = ANY(%s) RETURNING code"
_THERE = """
SELECT s.person_id, s.at FROM prevention_tube t JOIN prevention_sample s ON s.day = t.day AND s.tube_id = t.code
WHERE t.code = ANY(%s) AND s.counts
"""


def lock(tubes: Collection[str]) -> None:
    """Have whoever puts somebody into one of these tubes, or says what is in it, wait. Within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(tubes)])


def tested(tubes: Collection[str]) -> None:
    """Something was found in some tubes: what happened to them on the way is no matter. They are locked."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [sorted(tubes)])
        codes = sorted({code for (code,) in cursor.fetchall()})
    recount(codes)


def recount(tubes: Collection[str]) -> None:
    """Count anew what those in some tubes owe: their samples count, or no longer. The tubes are locked."""
    if not tubes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [sorted(tubes)])
        there = cursor.fetchall()
    if there:
        moments = [at for _person, at in there]
        count_act(ACT, sorted({person for person, _at in there}), first=min(moments), last=max(moments))

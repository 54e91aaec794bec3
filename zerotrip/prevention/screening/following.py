"""What follows from a tube that is not negative: everybody in it is named to their grid, to be tested singly.

The tube alone changes nobody's status: ten people shared it, and one of them, or none, is ill. Whoever was beyond
its capacity is named too, since their swab is in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from zerotrip.ids import new_id
from zerotrip.prevention.events.queries import offices_over
from zerotrip.prevention.events.telling import tell_offices
from zerotrip.prevention.models import Finding, Retest, Tube
from zerotrip.prevention.rosters.queries import homes
from zerotrip.prevention.screening.spec import rules
from zerotrip.prevention.screening.voiding import lock
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

_MEMBERS = """
SELECT t.code, t.outcome, t.area_path, s.person_id FROM prevention_tube t
JOIN prevention_sample s ON s.day = t.day AND s.tube_id = t.code
WHERE t.code = ANY(%s) AND t.outcome NOT IN ('', 'negative') AND s.at IS NOT NULL
    AND (s.void_at IS NULL OR s.at > s.void_at)
ORDER BY t.code, s.person_id
"""

_SETTLE = """
UPDATE prevention_retest r SET ended_at = %(at)s, outcome = t.outcome
FROM prevention_tube t JOIN prevention_sample s ON s.day = t.day AND s.tube_id = t.code
WHERE {which} = ANY(%(tubes)s) AND t.capacity = 1 AND t.outcome IN ('negative', 'positive')
    AND s.counts AND r.person_id = s.person_id AND r.tube_id <> t.code AND r.ended_at IS NULL
    AND EXISTS (SELECT 1 FROM prevention_tube pool JOIN prevention_sample mine
        ON mine.day = pool.day AND mine.tube_id = pool.code
        WHERE pool.code = r.tube_id AND mine.person_id = r.person_id AND mine.at < s.at)
"""
"""A single test made after the tube was filled settles what was open because of that tube."""
_SETTLE_BY, _SETTLE_OF = _SETTLE.format(which="t.code"), _SETTLE.format(which="r.tube_id")
"""By single tests that are now known; and of tubes whose members were tested singly before the tube was known."""


@transaction.atomic
def follow(tubes: Collection[str], *, at: datetime) -> int:
    """Do what follows from what is known of some tubes. Again, it changes nothing. How many are newly to be tested.

    Members of a tube that is positive, unclear or invalid are to be tested singly, each named once to whoever works
    over their grid; a tube that was corrected to negative sets its members free, and names them again if that was
    wrong; a single test settles.
    """
    codes = sorted(set(tubes))
    lock(codes)
    told: dict[str, Any] = {"tubes": codes, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [codes])
        members = cursor.fetchall()
        cursor.execute(_SETTLE_BY, told)
    freed = Retest.objects.open().filter(tube__in=codes, tube__outcome=Finding.NEGATIVE)
    freed.update(ended_at=at, outcome="")
    made = _named(members, at=at)
    if made:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE_OF, {**told, "tubes": sorted({row.tube_id for row in made})})
    made = list(Retest.objects.open().filter(pk__in=[row.pk for row in made]))
    _tell(made, at=at)
    return len(made)


def settle_open(*, at: datetime) -> None:
    """Settle what is open and whose single test is known: the tube and the test became known at once."""
    tubes = sorted(set(Retest.objects.open().values_list("tube", flat=True)))
    if tubes:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE_OF, {"tubes": tubes, "at": at})


def _named(members: Sequence[tuple[str, str, str, UUID]], *, at: datetime) -> list[Retest]:
    """The members who were not named yet, or were set free by a correction that did not last."""
    named = Retest.objects.named().filter(tube__in={code for code, *_rest in members})
    known = set(named.values_list("tube_id", "person_id"))
    where = homes([person for *_rest, person in members], on=at.astimezone(CHINA).date())
    due = at + timedelta(hours=rules().tubes.retest_hours)
    rows = [
        Retest(
            pk=new_id(),
            tube_id=code,
            person_id=person,
            because=outcome,
            area_path=where.get(person, area_path),
            told_at=at,
            due_at=due,
        )
        for code, outcome, area_path, person in members
        if (code, person) not in known
    ]
    return Retest.objects.bulk_create(rows, ignore_conflicts=True)


def _tell(made: Sequence[Retest], *, at: datetime) -> None:
    """Tell those who work over each grid, once for each tube."""
    groups: dict[tuple[str, str], list[Retest]] = defaultdict(list)
    for row in made:
        groups[row.tube_id, row.area_path].append(row)
    outcomes = dict(Tube.objects.filter(pk__in={code for code, _path in groups}).values_list("code", "outcome"))
    writes = Writes()
    for (code, area_path), rows in groups.items():
        told: dict[str, Any] = {"tube": code, "count": len(rows), "due": rows[0].due_at}
        tell_offices(
            writes,
            offices_over(area_path, at=at),
            area_path=area_path,
            template=f"tube_{outcomes[code]}",
            context=told,
            link=f"/desk/prevention/screening/retests/?tube={code}",
            key=f"retest:{min(str(row.pk) for row in rows)}",
            at=at,
        )
    writes.send()

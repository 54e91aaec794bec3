"""A sampling point under way, with people on its rosters, for the tests of screening."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.prevention.handing_in import GRID, STREET
from zerotrip.prevention.models import Enrolment, Person, Site, SiteKind
from zerotrip.prevention.screening import taking
from zerotrip.prevention.screening.taking import Taken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from zerotrip.parties.access import Actor

POINT_KIND = "sampling-point"


def point(name: str = "虚构采样点一号", area: str = STREET) -> Site:
    """A sampling point."""
    kind = SiteKind.objects.get(slug=POINT_KIND)
    return Site.objects.create(kind=kind, name=name, area_path=area, risk="medium", opened_on=date(2026, 3, 1))


def people(count: int, area: str = GRID, *, first: date = date(2026, 3, 1)) -> list[Person]:
    """So many residents of a grid."""
    known = Person.objects.count()
    rows = Person.objects.bulk_create(
        Person(
            name=f"甲{number}",
            name_key=f"甲{number}",
            phone=f"1390000{number:04}",
            created_at=world.MORNING,
        )
        for number in range(known, known + count)
    )
    Enrolment.objects.bulk_create(
        Enrolment(person=one, kind="resident", area_path=area, household="1-101", during=DateRange(first, None))
        for one in rows
    )
    return rows


def put(
    code: str,
    who: Sequence[Person | UUID],
    *,
    at_point: Site,
    by: Actor,
    at: datetime = world.MORNING,
    capacity: int = 10,
    out: bool = False,
    sealed: bool = False,
) -> taking.Filled:
    """People put into a tube one after the other, a second each, the last of them now."""
    keys = [one.pk if isinstance(one, Person) else one for one in who]
    begun = at - timedelta(seconds=len(keys))
    taken = [Taken(key, begun + timedelta(seconds=place), out) for place, key in enumerate(keys)]
    return taking.take(
        code, taken, capacity=capacity, point=at_point.pk, by=by, at=at, sealed_at=at if sealed else None
    )

"""The people a phone is given along: to be found by what they show, and never by a number it could read out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q, Value

from zerotrip.parties import seals
from zerotrip.prevention.models import Enrolment, Person
from zerotrip.prevention.rosters.identity import mask_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

MOST = 5000
"""People a phone is given along."""
AT_ONCE = 500
COUNTED_AT_ONCE = 200
"""Areas counted by one statement."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as a phone knows them."""

    id: UUID
    name: str
    """Masked."""
    shown: str
    """The last four of the number or the document."""
    digests: tuple[str, ...]
    """Of the number, the document and the telephone, under the key of the taking."""


def count(area_path: str, *, on: date, grids: Collection[str] = ()) -> int:
    """How many people are on a roster of an area on a day, or of the grids that are named."""
    return _enrolled(area_path, grids, on).count()


def counts(area_paths: Collection[str], *, on: date) -> dict[str, int]:
    """The same of several areas. One statement for each ``COUNTED_AT_ONCE`` of them."""
    return _counted({path: Q(area_path__startswith=path) for path in sorted(area_paths)}, on)


def counts_of_grids(sent: Mapping[str, Collection[str]], *, on: date) -> dict[str, int]:
    """The same of grids, by where they are sent."""
    return _counted({where: Q(area_path__in=grids) for where, grids in sent.items()}, on)


def _counted(wholes: Mapping[str, Q], on: date) -> dict[str, int]:
    found = dict.fromkeys(wholes, 0)
    each = [
        Enrolment.objects.on(on)
        .filter(inside)
        .order_by()
        .annotate(whole=Value(name))
        .values("whole")
        .annotate(count=Count("person", distinct=True))
        .values_list("whole", "count")
        for name, inside in wholes.items()
    ]
    for begin in range(0, len(each), COUNTED_AT_ONCE):
        first, *others = each[begin : begin + COUNTED_AT_ONCE]
        found |= dict(first.union(*others, all=True))
    return found


def people(
    area_path: str, *, on: date, key: bytes, grids: Collection[str] = (), after: UUID | None = None
) -> list[Known]:
    """The next ``AT_ONCE`` people of an area, or of the grids that are named, in the order of their keys, as a
    phone knows them."""
    rows = Person.objects.filter(pk__in=_enrolled(area_path, grids, on)).order_by("pk")
    return [_known(row, key) for row in (rows.filter(pk__gt=after) if after else rows)[:AT_ONCE]]


def digest(key: bytes, text: str) -> str:
    """What a phone compares something by that it must not hold, under the key of one taking."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _enrolled(area_path: str, grids: Collection[str], on: date) -> QuerySet[Enrolment, Any]:
    inside = Q(area_path__in=grids) if grids else Q(area_path__startswith=area_path)
    return Enrolment.objects.on(on).filter(inside).order_by().values("person").distinct()


def _known(row: Person, key: bytes) -> Known:
    number = seals.unseal(bytes(row.ric_sealed).decode()) if row.ric_sealed else ""
    document = seals.unseal(bytes(row.document_sealed).decode()) if row.document_sealed else ""
    return Known(
        id=row.pk,
        name=mask_name(row.name),
        shown=(number or document or row.phone)[-4:],
        digests=tuple(digest(key, text) for text in (number, document, row.phone) if text),
    )

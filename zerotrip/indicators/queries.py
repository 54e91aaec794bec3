"""Reading figures: which there are, the newest of each, and those that are still to come."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import get_language

from zerotrip.indicators.figures import Book, Key, Place, Row
from zerotrip.indicators.models import Filing, Indicator, Observation, Target
from zerotrip.indicators.periods import Period
from zerotrip.indicators.spec import IndicatorSpec
from zerotrip.parties.models import Area

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor

_OF_ONE = ("indicator_id", "year", "number", "area_path", "industry")


def spec_from(digest: str, definition: dict[str, Any]) -> IndicatorSpec:
    """A declaration as it was loaded, parsed once a process."""
    found = _parsed.get(digest)
    if found is None:
        found = _parsed[digest] = IndicatorSpec.model_validate_json(json.dumps(definition))
    return found


_parsed: dict[str, IndicatorSpec] = {}


def specs(actor: Actor) -> dict[str, IndicatorSpec]:
    """The indicators that are kept, in their order."""
    return {row.pk: row.spec for row in Indicator.objects.visible_to(actor).kept()}


def roots(actor: Actor) -> list[str]:
    """The paths of the areas in which somebody holds a seat, without those inside another."""
    paths = sorted({seat.area_path for seat in actor.seats})
    return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]


def places(path: str) -> dict[str, Place]:
    """An area and all inside it, by path, named in the reader's language."""
    english = (get_language() or "").startswith("en")
    rows = Area.objects.filter(path__startswith=path).values_list("path", "level", "name", "name_en")
    return {row[0]: Place(row[0], row[1], (row[3] if english else "") or row[2]) for row in rows}


def newest(rows: QuerySet[Observation]) -> QuerySet[Observation]:
    """The revisions that count."""
    return rows.order_by(*_OF_ONE, "-revision").distinct(*_OF_ONE)


def within(periods: Iterable[Period]) -> Q:
    """Figures of these periods."""
    found = Q(pk__in=[])
    for period in periods:
        found |= Q(year=period.year, number=period.number)
    return found


def book(
    actor: Actor,
    specs: dict[str, IndicatorSpec],
    *,
    path: str,
    periods: Collection[Period],
    industries: bool = False,
    targets: bool = True,
) -> Book:
    """What somebody sees of these indicators in an area and all inside it, of these periods.

    Two statements for the figures and the targets and one for the areas, however many there are.
    """
    seen = Observation.objects.visible_to(actor).filter(
        within(periods), indicator__in=specs, area_path__startswith=path
    )
    if not industries:
        seen = seen.filter(industry="")
    aims: dict[tuple[str, str, int], Decimal] = {}
    if targets:
        aims = targets_of(actor, specs, path=path, years={period.year for period in periods})
    return Book(specs=specs, rows=rows_of(seen), places=places(path), targets=aims)


def rows_of(seen: QuerySet[Observation]) -> dict[Key, Row]:
    """The newest of these figures by what they are of."""
    columns = ("indicator_id", "area_path", "industry", "year", "number")
    values = newest(seen).values_list(
        *columns, "value", "revision", "base", "base_note", "published", "published_places", "basis", "source"
    )
    return {
        Key(*row[:5]): Row(row[5], row[6], row[7], row[8], _as_published(row[9], row[10]), row[11], row[12])
        for row in values
    }


def rows_at(keys: Collection[Key]) -> dict[Key, Row]:
    """The newest figures of exactly these, each found by its key; one statement however many there are."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AT, list(map(list, zip(*keys, strict=True))))
        return {
            Key(*row[:5]): Row(row[5], row[6], row[7], row[8], _as_published(row[9], row[10]), row[11], row[12])
            for row in cursor.fetchall()
        }


_AT = """
SELECT wanted.*, newest.value, newest.revision, newest.base, newest.base_note, newest.published,
       newest.published_places, newest.basis, newest.source
FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::int[])
     AS wanted(indicator, area_path, industry, year, number),
     LATERAL (
         SELECT * FROM indicators_observation AS row
         WHERE row.indicator_id = wanted.indicator AND row.year = wanted.year AND row.number = wanted.number
             AND row.area_path = wanted.area_path AND row.industry = wanted.industry
         ORDER BY row.revision DESC LIMIT 1
     ) AS newest
"""
"""A look into the index of ``figure_once_per_revision`` for each."""


def _as_published(growth: Decimal | None, places: int) -> Decimal | None:
    """A growth with as many places as its source has."""
    return None if growth is None else growth.quantize(Decimal(1).scaleb(-places))


def targets_of(
    actor: Actor, specs: Collection[str], *, path: str, years: Collection[int]
) -> dict[tuple[str, str, int], Decimal]:
    """The newest targets by indicator, area and year."""
    rows = (
        Target.objects.visible_to(actor)
        .filter(indicator__in=specs, area_path__startswith=path, year__in=years)
        .order_by("indicator_id", "year", "area_path", "-revision")
        .distinct("indicator_id", "year", "area_path")
    )
    return {row[:3]: row[3] for row in rows.values_list("indicator_id", "area_path", "year", "value")}


def revisions(actor: Actor, key: Key) -> list[Observation]:
    """All revisions of a figure, the newest first, with who brought them."""
    rows = Observation.objects.visible_to(actor).filter(
        indicator=key.indicator, area_path=key.area_path, industry=key.industry, year=key.year, number=key.number
    )
    return list(rows.select_related("filing__account__person").order_by("-revision"))


def target_revisions(actor: Actor, indicator: str, area_path: str, year: int) -> list[Target]:
    """All revisions of a target, the newest first."""
    rows = Target.objects.visible_to(actor).filter(indicator=indicator, area_path=area_path, year=year)
    return list(rows.select_related("filing__account__person").order_by("-revision"))


def filings(actor: Actor, limit: int = 20) -> list[Filing]:
    """One's own filings of late."""
    return list(Filing.objects.visible_to(actor).order_by("-at")[:limit])


def filing(actor: Actor, filing_id: UUID) -> Filing | None:
    """One of one's own filings."""
    return Filing.objects.visible_to(actor).filter(pk=filing_id).first()


def owing(book: Book, spec: IndicatorSpec, path: str, period: Period) -> list[Place]:
    """The areas that report this indicator and have not, in the order of their codes."""
    own = [path] if book.places[path].level in spec.levels else []
    found: list[str] = []
    waiting = own or book.below(spec, path)
    while waiting:
        found += waiting
        waiting = [part for one in waiting for part in book.below(spec, one)]
    return [book.places[one] for one in sorted(found) if book.row(spec.id, one, period) is None]


def is_late(spec: IndicatorSpec, period: Period, today: date) -> bool:
    """Whether the day by which a period is to be reported is over."""
    return today > period.due(spec.due_days)

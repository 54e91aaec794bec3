"""A sampling point goes along: what it has to know, and whose people."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from zerotrip.parties.models import Area
from zerotrip.parties.queries import own_area_names
from zerotrip.prevention.events.rules import measures_for
from zerotrip.prevention.field.people import MOST, counts, counts_of_grids
from zerotrip.prevention.field.queries import planned
from zerotrip.prevention.models import SIZES, DocumentKind, Measure, Site
from zerotrip.prevention.screening.rules import POINT, may_sample
from zerotrip.prevention.screening.spec import rules as screening

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from zerotrip.parties.access import Actor

MOST_POINTS = 40
MOST_AREAS = 200
"""Areas that are offered inside another; how many more there are is said."""
PLANNED = "planned"
"""In place of the path of an area: the grids that are to come to the point today."""
DEEP = 2
"""Levels that are offered below an area with too many people: from a subdistrict down to its grids."""


def sites(actor: Actor, *, on: date) -> list[Site]:
    """The sampling points somebody works at today."""
    if Measure.SCREENING not in measures_for(actor, on=on):
        return []
    there = Site.objects.visible_to(actor).open_on(on).filter(kind=POINT)
    return [site for site in there.order_by("name", "pk")[:MOST_POINTS] if may_sample(actor, site.area_path)]


def points(actor: Actor, *, on: date) -> list[dict[str, Any]]:
    """The sampling points somebody works at today, each with the areas whose people could go along.

    First the grids a confirmed plan sends there today, then where it lies and the area above; and what lies inside
    the smaller of them that has too many people for a phone.
    """
    found = sites(actor, on=on)
    grids = planned([site.pk for site in found], on=on)
    around = {site.pk: areas_of(actor, site) for site in found}
    people = counts({path for paths in [*around.values(), *grids.values()] for path in paths}, on=on)
    large = {next((path for path in paths if people[path] > MOST), "") for paths in around.values()} - {""}
    inside, cut = _inside(large, people, on=on)
    coming = counts_of_grids({str(pk): sent for pk, sent in grids.items()}, on=on)
    names = own_area_names(people)
    told = []
    for site in found:
        sent = grids.get(site.pk, [])
        whole = [_of_plan(sent, coming[str(site.pk)])] if sent else []
        parts = sent if whole and whole[0]["people"] > MOST else []
        paths = dict.fromkeys([*parts, *_listed(around[site.pk], inside)])
        areas = [{"path": path, "name": names.get(path, ""), "people": people[path]} for path in paths]
        left = sum(cut.get(path, 0) for path in paths)
        told.append({"id": str(site.pk), "name": site.name, "areas": whole + areas, "left": left})
    return told


def areas_of(actor: Actor, site: Site) -> list[str]:
    """Where a point lies, and the area right above as far as one works there."""
    return [path for path in (site.area_path, _above(site)) if may_sample(actor, path)]


def _above(site: Site) -> str:
    return site.area_path[: site.area_path.rstrip("/").rindex("/") + 1]


def may_take(actor: Actor, site: Site, area_path: str, *, grids: Collection[str]) -> bool:
    """Whether the people of an area may go along to a point: of one around it or next to it where one works, and of
    the grids that are sent to it."""
    if area_path in grids or area_path == PLANNED:
        return bool(grids)
    near = area_path.startswith(_above(site)) and may_sample(actor, area_path)
    return near and Area.objects.filter(path=area_path).exists()


def _of_plan(grids: Sequence[str], people: int) -> dict[str, Any]:
    told = {"count": len(grids)}
    name = ngettext("今天安排来的 %(count)d 个网格", "今天安排来的 %(count)d 个网格", len(grids)) % told
    return {"path": PLANNED, "name": name, "people": people}


def _inside(
    large: Collection[str], people: dict[str, int], *, on: date
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """What lies inside areas that have too many people for a phone, down to what has not, counted along the way;
    and how many more than ``MOST_AREAS`` lie inside one."""
    found: dict[str, list[str]] = {}
    cut: dict[str, int] = {}
    for _level in range(DEEP):
        level: dict[str, list[str]] = defaultdict(list)
        rows = Area.objects.filter(parent__path__in=large).order_by("path").values_list("parent__path", "path")
        for parent, path in rows if large else ():
            level[parent].append(path)
        cut |= {parent: len(paths) - MOST_AREAS for parent, paths in level.items() if len(paths) > MOST_AREAS}
        found |= {parent: paths[:MOST_AREAS] for parent, paths in level.items()}
        listed = {path for parent in level for path in found[parent]}
        people |= counts(listed - people.keys(), on=on)
        large = [path for path in listed if people[path] > MOST]
    return found, cut


def _listed(paths: Collection[str], inside: Mapping[str, Sequence[str]]) -> list[str]:
    """Areas, each with what lies inside it behind it."""
    return [each for path in paths for each in (path, *_listed(inside.get(path, ()), inside))]


def of_sampling(site: Site) -> dict[str, Any]:
    """What a point has to know besides its people."""
    return {
        "point": {"id": str(site.pk), "name": site.name},
        "size": screening().tubes.size,
        "sizes": list(SIZES),
        "documents": [{"id": value, "name": str(label)} for value, label in DocumentKind.choices],
    }

"""The doors behind a seal: each by its grid or building and what is written on it; 1-101 is in many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from zerotrip.parties.queries import own_area_names
from zerotrip.prevention.models import Enrolment, Site

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from zerotrip.prevention.models import SealedArea
    from zerotrip.prevention.models.rosters import EnrolmentQuerySet


@dataclass(frozen=True, slots=True)
class Where:
    """A grid, or a building or other site in it."""

    area_path: str
    site: UUID | None = None

    @property
    def key(self) -> str:
        """It by itself, as forms send it."""
        return str(self.site or self.area_path)


@dataclass(frozen=True, slots=True)
class Door:
    """A household or a room."""

    where: Where
    name: str
    """As rosters write it."""


def enrolled(sealed: SealedArea, *, on: date) -> EnrolmentQuerySet:
    """Who is behind the seal on a day, by the rosters."""
    found = Q(pk__in=[])
    for place in sealed.places.all():
        if place.site_id is not None:
            found |= Q(site=place.site_id) | Q(site__within=place.site_id)
        elif place.door:
            found |= Q(area_path=place.area_path, household=place.door)
        else:
            found |= Q(area_path__startswith=place.area_path)
    return Enrolment.objects.on(on).filter(found)


def doors(sealed: SealedArea, *, on: date) -> list[Door]:
    """The doors behind the seal: those that were named, and those of the rosters."""
    named = {Door(Where(place.area_path), place.door) for place in sealed.places.all() if place.door}
    rows = enrolled(sealed, on=on).exclude(household="").values_list("area_path", "site", "household").distinct()
    return list(named | {Door(Where(area_path, site), name) for area_path, site, name in rows})


def wheres(sealed: SealedArea, *, on: date) -> list[Where]:
    """Where doors behind the seal may be: of several, a door is told apart by which."""
    rows = enrolled(sealed, on=on).exclude(household="").values_list("area_path", "site").distinct()
    found = [Where(place.area_path) for place in sealed.places.all() if place.door]
    found += [Where(area_path, site) for area_path, site in rows.order_by("area_path", "site__name")]
    sites = Site.objects.filter(pk__in=[place.site_id for place in sealed.places.all() if place.site_id])
    found += [Where(site.area_path, site.pk) for site in sites.order_by("area_path", "name")]
    return list({one.key: one for one in found}.values())


def names_of(those: Collection[Where]) -> dict[Where, str]:
    """What grids and buildings are called by themselves."""
    areas = own_area_names({one.area_path for one in those if one.site is None})
    sites = dict(Site.objects.filter(pk__in=[one.site for one in those if one.site]).values_list("pk", "name"))
    return {one: sites.get(one.site, "") if one.site else areas.get(one.area_path, "") for one in those}

"""Lists that a number of the picture of the day leads to: what of a list it counts, of the same area and moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.picture.lines import Asked, Link, Part
from zerotrip.web.requests import storable
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.web.requests import Request

FIRST_YEAR = 2000
"""Nothing is told of years before."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a list is narrowed to."""

    asked: Asked
    part: Part
    area: str
    """The name of the area; empty for all one may see."""
    query: str
    """The same as it was asked for, without the page."""

    @property
    def picture(self) -> str:
        """Where the number stands."""
        return address_of(Link("desk-picture", query=self.asked.query))


def counted_in(request: Request) -> Counted | None:
    """What of a list is asked for; None where it is asked for as it always is."""
    part = request.GET.get("part", "")
    if part not in Part.values:
        return None
    asked = asked_of(request)
    code = code_of(asked.area_path)
    query = urlencode([(name, value) for name, value in request.GET.items() if name != "page"])
    return Counted(asked, Part(part), area_names({code}).get(code, "") if code else "", query)


def asked_of(request: Request) -> Asked:
    """The area and the moment a page of the picture is asked for."""
    at = _moment(request)
    return Asked(request.actor, at, _area(request), past=at < request.now)


def address_of(link: Link) -> str:
    """Where a link leads."""
    return reverse(link.address, args=link.args) + (f"?{urlencode(link.query)}" if link.query else "")


def _moment(request: Request) -> datetime:
    """The moment that is asked after, if it is over; else now."""
    try:
        at = datetime.fromisoformat(request.GET.get("at", "")).replace(tzinfo=CHINA)
    except ValueError:
        return request.now
    return min(at, request.now) if at.year >= FIRST_YEAR else request.now


def _area(request: Request) -> str:
    """The path of the area that is open; empty for everything one works in."""
    asked = storable(request.GET.get("area", ""))[:120]
    found = Area.objects.filter(path=asked) if "/" in asked else Area.objects.filter(pk=asked)
    path = found.values_list("path", flat=True).first() if asked else None
    return path if path and any(path.startswith(seat.area_path) for seat in request.actor.seats) else ""

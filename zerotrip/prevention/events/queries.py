"""Reads over events: which one holds a place, and which offices work over it meanwhile."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.errors import Refused
from zerotrip.parties.models import HANDS
from zerotrip.parties.queries import seats_over
from zerotrip.prevention.models import Event


def offices_over(area_path: str, *, at: datetime) -> set[UUID]:
    """The office that declared the event, and those who work in a part of its area, nearest to the grid."""
    event = Event.objects.reaching([area_path]).order_by("-declared_at").first()
    if event is None:
        return set()
    seats = seats_over(HANDS, area_path=area_path, at=at)
    near = [seat for seat in seats if len(seat.area_path) > len(event.area_path)]
    return {event.department_id, *(seat.organisation_id for seat in near if seat.area_path == near[0].area_path)}


def held_over(area_path: str) -> Event:
    """The event that holds the people of a place, under way or over and not purged yet, locked. Raises Refused."""
    rows = Event.objects.held().reaching([area_path]).order_by("-starts_on")
    found = next((event for event in rows if area_path.startswith(event.area_path)), None)
    if found is None:
        raise Refused(_("这里没有防控，不能查看。"))
    return Event.objects.select_for_update(of=("self",)).get(pk=found.pk)

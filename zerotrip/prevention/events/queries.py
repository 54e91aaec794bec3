"""Reads over events: which offices work over a place while one holds it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

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

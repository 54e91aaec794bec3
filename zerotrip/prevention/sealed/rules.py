"""Who seals an area and serves it, and where its runs are owed. The button and the guard ask the same functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.duties.standing.scopes import Scope
from zerotrip.errors import NotAllowed, Refused
from zerotrip.parties.models import HANDS, WORKING_ROLES
from zerotrip.prevention.models import Event, Measure, SealedArea
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MEASURE = "sealed"
"""Of standing duties: what is owed where and while an area is sealed."""


def may_seal(actor: Actor, area_path: str) -> bool:
    """Whether the actor enters what was decided for an area: staff who work there. Who decided is on the record."""
    return bool(area_path) and any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*WORKING_ROLES))


def require_seal(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless ``may_seal``."""
    if not may_seal(actor, area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))


def may_serve(actor: Actor, area_path: str) -> bool:
    """Whether the actor notes what doors ask for: grid workers and all who work there."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def require_sealed(sealed: SealedArea, at: datetime) -> None:
    """Raise Refused for an area that is open again."""
    if sealed.lifted_at is not None or sealed.ends_at <= at:
        raise Refused(_("这里已经解封。"))


def scopes(measure: str, at: datetime) -> list[Scope]:
    """Where an area is sealed at a moment so that runs are owed, each with the day it began; none inside another.

    Only while an event asks for supplies there.
    """
    if measure != MEASURE:
        return []
    held = Event.objects.in_force(at.astimezone(CHINA).date()).filter(measures__contains=[Measure.SUPPLIES])
    events = tuple(held.values_list("area_path", flat=True))
    found: list[Scope] = []
    rows = SealedArea.objects.in_force(at).filter(has_runs=True).order_by("area_path", "during")
    for row in rows.only("area_path", "during"):
        inside = any(row.area_path.startswith(scope.area_path) for scope in found)
        if row.area_path.startswith(events) and not inside:
            found.append(Scope(row.area_path, row.starts_at.astimezone(CHINA).date()))
    return found

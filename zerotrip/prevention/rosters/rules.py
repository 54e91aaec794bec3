"""Who keeps rosters. The button and the guard ask the same functions; those who supervise look on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed
from zerotrip.parties.models import HANDS

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def may_keep(actor: Actor, area_path: str) -> bool:
    """Whether the actor enters, moves and leaves out people of an area: staff who work there."""
    return bool(area_path) and any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def keeps_any(actor: Actor) -> bool:
    """Whether the actor keeps the rosters of some area."""
    return bool(actor.seats_as(*HANDS))


def require_keeps_any(actor: Actor) -> None:
    """Raise NotAllowed unless ``keeps_any``."""
    if not keeps_any(actor):
        raise NotAllowed(_("名册由负责这个区域的工作人员登记。"))

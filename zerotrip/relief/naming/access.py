"""Who says who helps an enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.enterprises.access import over
from zerotrip.parties.models import LEADING_ROLES, Role

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

NAMING = (*LEADING_ROLES, Role.DUTY)
"""Those who lead an office over the enterprise's area, or have the duty of needs there."""


def may_name(actor: Actor, party: Party) -> bool:
    """Whether somebody may name a helper for an enterprise, or end one."""
    return actor.is_system or any(over(seat, party) for seat in actor.seats_as(*NAMING))

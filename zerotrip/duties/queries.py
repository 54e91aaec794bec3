"""Reads over what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotrip.duties.models import Obligation

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

IN_A_BLOCK = 12


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """What an enterprise owes, on its record, what is due first at the top, as far as ``actor`` may see it."""
    owed = Obligation.objects.visible_to(actor).filter(owner=party).due()
    found = list(owed.order_by("due_at")[:IN_A_BLOCK])
    return {"owed": found} if found else None

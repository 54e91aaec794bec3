"""What every page of the desk has around it."""

from __future__ import annotations

from typing import Any

from zerotrip.cases.queries import counts
from zerotrip.duties.queries import asked_at_desk
from zerotrip.parties.models import Role
from zerotrip.prevention.events.rules import seats_to_declare
from zerotrip.prevention.models import Event
from zerotrip.web.requests import Request


def rail(request: Request, current: str, *, apart: bool = False) -> dict[str, Any]:
    """The entries beside the page, with their numbers; ``current`` is the one that is open.

    With ``apart`` the numbers the worklist has above its rows, too.
    """
    also = {
        "asked": asked_at_desk(request.actor).due(),
        "events": Event.objects.visible_to(request.actor).held(),
    }
    counted = counts(request.actor, at=request.now, apart=apart, also=also)
    return {
        "rail": current,
        "counts": counted,
        "takes_in": bool(request.actor.seats_as(Role.CLERK)),
        "declares": bool(seats_to_declare(request.actor)),
    }

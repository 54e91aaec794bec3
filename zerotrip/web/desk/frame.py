"""What every page of the desk has around it."""

from __future__ import annotations

from typing import Any

from zerotrip.cases.queries import counts
from zerotrip.parties.models import Role
from zerotrip.web.requests import Request


def rail(request: Request, current: str) -> dict[str, Any]:
    """The entries beside the page, with their numbers; ``current`` is the one that is open."""
    takes_in = bool(request.actor.seats_as(Role.CLERK))
    return {"rail": current, "counts": counts(request.actor, at=request.now), "takes_in": takes_in}

"""What every page of the desk has around it."""

from __future__ import annotations

from typing import Any

from zerotrip.cases.queries import counts
from zerotrip.web.requests import Request


def rail(request: Request, current: str) -> dict[str, Any]:
    """The entries beside the page, with their numbers; ``current`` is the one that is open."""
    return {"rail": current, "counts": counts(request.actor, at=request.now)}

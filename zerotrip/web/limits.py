"""How often pages that anybody may open are opened from one address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.core.cache import caches
from django.http import HttpResponse

from zerotrip.web.errors import too_often
from zerotrip.web.requests import Request

A_MINUTE = 60
"""Seconds."""


def a_minute(most: int) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Show a page at most so often a minute to one address; beyond that it says when to come again (429).

    Meant for whoever tries codes by the thousand. Many people share one address, in a building or behind
    their operator, so ``most`` is to be more than all of them need. Counted in the memory of each process,
    by whole minutes: looking at a page writes nothing, and of several processes each allows as many.
    """

    def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def show(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            now = int(request.now.timestamp())
            if _count(f"{view.__name__}:{now // A_MINUTE}:{get_ip(request)}") > most:
                return too_often(request, seconds=A_MINUTE - now % A_MINUTE)
            return view(request, *args, **kwargs)

        return show

    return limited


def _count(key: str) -> int:
    """Count one more under a key, which is forgotten after a minute."""
    counts = caches["memory"]
    if counts.add(key, 1, timeout=A_MINUTE):
        return 1
    try:
        return counts.incr(key)
    except ValueError:  # forgotten since the line before
        return 1

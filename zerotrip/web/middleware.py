"""The edge: reads the clock and the account once, so that nothing below has to."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone

from zerotrip.parties.access import NOBODY, actor_for
from zerotrip.parties.models import User
from zerotrip.web.requests import Request


class ActorMiddleware:
    """Puts ``request.now`` and ``request.actor`` on each request."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.now = timezone.now()
        user = request.user
        request.actor = actor_for(user, at=request.now) if isinstance(user, User) else NOBODY
        return self.get_response(request)

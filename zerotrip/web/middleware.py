"""The edge: reads the clock and the account once, so that nothing below has to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from zerotrip.parties.access import NOBODY, Actor, actor_for
from zerotrip.parties.models import User
from zerotrip.web.requests import Request

A_MINUTE = 60
"""Seconds between two notes that a member of staff is still there."""


class ActorMiddleware:
    """Puts ``request.now`` and ``request.actor`` on each request.

    Seats count only for an account with a password and in a session in which the second factor was
    shown, so that nothing below has to ask: without them a member of staff is an applicant like
    others, and ``request.unproven`` is set.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.now = timezone.now()
        request.actor, request.unproven, request.helping = NOBODY, False, None
        user = request.user
        if isinstance(user, User):
            request.actor = _proven(request, actor_for(user, at=request.now), user)
        response = self.get_response(request)
        if request.actor.user_id and not response.has_header("Cache-Control"):
            # What somebody signed in is shown is theirs: nobody on the way keeps it, and it is asked for anew.
            response["Cache-Control"] = "private, no-cache"
        return response


def _proven(request: Request, actor: Actor, user: User) -> Actor:
    """The actor with the seats this session may use."""
    if not actor.is_staff:
        return actor
    shown = any(record["method"] == "mfa" for record in get_authentication_records(request, user))
    if shown and user.has_usable_password():
        _stay(request)
        return actor
    request.unproven = True
    # What a clerk does for people at the counter is work of the desk too.
    own = tuple(power for power in actor.powers if not power.assists)
    return replace(actor, seats=(), covers=(), powers=own)


def _stay(request: Request) -> None:
    """Let the session of staff end so long after their last request. Noted once a minute, not each time."""
    now = request.now.timestamp()
    if now - request.session.get("seen", 0) >= A_MINUTE:
        request.session["seen"] = now
        request.session.set_expiry(settings.STAFF_IDLE)

"""A request as it reaches the views: with who acts and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from datetime import datetime

    from django_htmx.middleware import HtmxDetails

    from zerotrip.parties.access import Actor
    from zerotrip.web.cases.helping import Helping


class Request(HttpRequest):
    """What the middleware has put on every request."""

    actor: Actor
    now: datetime
    unproven: bool
    helping: Helping | None
    htmx: HtmxDetails
    csp_nonce: str


def typed(request: HttpRequest, name: str, *, most: int | None = None) -> str:
    """What was typed into a control: without spaces around it, fit to be stored, cut if ``most`` says so."""
    return request.POST.get(name, "").replace("\0", "\ufffd").strip()[:most]

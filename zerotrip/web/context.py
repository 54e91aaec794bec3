"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from zerotrip.catalogue.queries import shown_district
from zerotrip.channels.models import Notice
from zerotrip.parties.access import NOBODY
from zerotrip.web.requests import Request

THEMES = ("light", "dark")


def site(request: Request) -> dict[str, Any]:
    """Who is looking, when, where, in which light, and whether this is the demo."""
    # What is refused before anybody is known, for a host that is not ours, still gets a page.
    actor, now = getattr(request, "actor", NOBODY), getattr(request, "now", None) or timezone.now()
    theme = request.COOKIES.get("theme")
    return {
        "actor": actor,
        "now": now,
        "demo": settings.DEMO,
        "district": SimpleLazyObject(shown_district),
        "theme": theme if theme in THEMES else "",
        "unread": SimpleLazyObject(lambda: Notice.objects.visible_to(actor).unread().count()),
    }

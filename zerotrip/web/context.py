"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from zerotrip.catalogue.queries import shown_district
from zerotrip.channels.models import Notice
from zerotrip.web.requests import Request

THEMES = ("light", "dark")


def site(request: Request) -> dict[str, Any]:
    """Who is looking, when, where, in which light, and whether this is the demo."""
    theme = request.COOKIES.get("theme")
    return {
        "actor": request.actor,
        "now": request.now,
        "demo": settings.DEMO,
        "district": SimpleLazyObject(shown_district),
        "theme": theme if theme in THEMES else "",
        "unread": SimpleLazyObject(lambda: Notice.objects.visible_to(request.actor).unread().count()),
    }

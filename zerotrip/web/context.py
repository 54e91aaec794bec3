"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Who is looking, when, and whether this is the demo."""
    return {"actor": request.actor, "now": request.now, "demo": settings.DEMO}

"""How somebody likes the pages: language and light. And what we promise about reaching them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from zerotrip.parties.actions import prefer_language
from zerotrip.web.context import THEMES
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpResponse

A_YEAR = 365 * 24 * 60 * 60


@require_POST
def language(request: Request) -> HttpResponse:
    """Show pages in the chosen language from now on, write in it too, and go back."""
    chosen, known = request.POST.get("language"), dict(settings.LANGUAGES)
    if chosen in known and request.actor.user_id:
        prefer_language(chosen, by=request.actor)
    return _kept(request, settings.LANGUAGE_COOKIE_NAME, chosen, known)


@require_POST
def theme(request: Request) -> HttpResponse:
    """Show pages light or dark from now on, or as the device likes; and go back."""
    return _kept(request, "theme", request.POST.get("theme"), THEMES)


def _kept(request: Request, cookie: str, value: str | None, known: Collection[str]) -> HttpResponse:
    """Back to the page one came from, with the choice in a cookie for a year; none for no choice."""
    response = redirect(_back(request))
    if value and value in known:
        response.set_cookie(
            cookie, value, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
        )
    elif not value:
        response.delete_cookie(cookie, samesite="Lax")
    return response


def _back(request: Request) -> str:
    """Where the form was, if that is one of our own pages."""
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours and asked.startswith("/") else "/"


@require_safe
def accessibility(request: Request) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "portal/accessibility.html")

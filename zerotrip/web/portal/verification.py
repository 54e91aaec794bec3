"""The public page that says what a licence is worth. Nobody needs an account for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zerotrip.errors import NotFound
from zerotrip.licences.queries import verify as verification_of
from zerotrip.web.limits import a_minute
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http import HttpResponse

TONES = {
    "valid": "",
    "future": "watch",
    "expired": "watch",
    "suspended": "late",
    "revoked": "late",
    "replaced": "late",
}
"""The colour of the banner for each standing; the words beside it say the same."""


@require_safe
def ask(request: Request) -> HttpResponse:
    """Ask for the code of a licence, and go to its page."""
    # As it is copied from a document: with the address before it, broken over lines.
    token = "".join(request.GET.get("code", "").split()).rstrip("/").rpartition("/")[2]
    if token:
        return redirect("verify", token)
    return render(request, "portal/verification.html", {"verification": None, "token": ""})


@never_cache
@require_safe
@a_minute(120)
def verify(request: Request, token: str) -> HttpResponse:
    """What the licence with this code is worth now, or that there is none (404)."""
    try:
        verification = verification_of(token, at=request.now)
    except NotFound as refusal:
        nothing = {"verification": None, "token": token, "reason": refusal.message}
        return render(request, "portal/verification.html", nothing, status=refusal.status)
    tone = TONES[verification.standing]
    context = {"verification": verification, "token": token, "tone": tone}
    return render(request, "portal/verification.html", context)

"""A phone asks whether we are there: what time it is, who it is to us, which version of the pages there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from zerotrip.prevention.models import Phone
from zerotrip.web.field.clock import milliseconds
from zerotrip.web.field.shell import version
from zerotrip.web.portal.cases.forms import uuid_from

if TYPE_CHECKING:
    from zerotrip.web.requests import Request


@require_GET
def hello(request: Request) -> JsonResponse:
    """The time, the account, and whether the phone was revoked. Of nobody signed in only the time."""
    told = {
        "now": milliseconds(request.now),
        "version": version(),
        "language": get_language(),
        "state": "sign-in",
        "token": get_token(request),
    }
    if request.actor.user_id is not None and not request.unproven:
        key = uuid_from(request.GET.get("phone", ""))
        phone = Phone.objects.filter(pk=key).first() if key else None
        mine = phone is None or phone.user_id == request.actor.user_id
        revoked = phone is not None and phone.revoked_at is not None
        told |= {
            "state": "revoked" if revoked else "good" if mine else "another",
            "account": str(request.actor.user_id),
            "name": request.actor.name,
        }
    answer = JsonResponse(told)
    answer["Cache-Control"] = "no-store"
    return answer

"""E-mail to the office, passed on by the mail server. docs/operations.md has the format."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from zerotrip.cases.actions import receive_mail
from zerotrip.channels.inbound import read
from zerotrip.errors import NotFound, Refusal, TooLarge, Unproven
from zerotrip.signed import is_fresh, is_signed

log = logging.getLogger(__name__)

LARGEST = 25 * 1024 * 1024
"""Bytes of one message."""
TIMESTAMP, SIGNATURE = "X-Mail-Timestamp", "X-Mail-Signature"


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Keep one message: 200 with what became of it; the same message again changes nothing.

    401 for a signature or time that is not right, 404 when no mail is taken here, 413 for too much,
    422 for what cannot be read. In each of these nothing is kept.
    """
    try:
        state = _take(request)
    except Refusal as refusal:
        log.warning("a message was refused: %s %s", refusal.status, refusal.message)
        return JsonResponse({"error": refusal.message}, status=refusal.status)
    return JsonResponse({"state": state})


def _take(request: HttpRequest) -> str:
    """Nothing is read that is too large, and nothing understood that our mail server did not sign."""
    if not settings.MAIL_SECRETS or not settings.MAIL_ADDRESS:
        raise NotFound(_("这里不接收电子邮件。"))
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(_("一次传来的内容太多。"))
    at = timezone.now()
    timestamp, given = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if not (is_signed(body, timestamp, given, secrets=settings.MAIL_SECRETS) and is_fresh(timestamp, at)):
        raise Unproven(_("签名或时间不对。"))
    return receive_mail(read(body, address=settings.MAIL_ADDRESS), at=at).state

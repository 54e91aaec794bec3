"""News of parcels, sent by the courier. docs/operations.md has the format."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from zerotrip.errors import Invalid, NotFound, Refusal, TooLarge
from zerotrip.licences.post.actions import take
from zerotrip.licences.post.couriers import courier
from zerotrip.licences.post.states import Source

if TYPE_CHECKING:
    from zerotrip.licences.post.actions import Taken

log = logging.getLogger(__name__)

LARGEST = 128 * 1024
"""Bytes of one message."""


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Keep what the courier tells: 200 with what became of each report.

    401 for a signature or time that is not right, 404 when no courier sends here, 413 for too much,
    422 for what cannot be read. In each of these nothing is kept.
    """
    try:
        taken = _take(request)
    except Refusal as refusal:
        log.warning("the courier's message was refused: %s %s", refusal.status, refusal.message)
        problems = refusal.problems if isinstance(refusal, Invalid) else {}
        return JsonResponse({"error": refusal.message, "problems": problems}, status=refusal.status)
    return JsonResponse(asdict(taken))


def _take(request: HttpRequest) -> Taken:
    """Nothing is read that is too large, and nothing understood whose sender is not proven."""
    told_by = courier()
    if told_by is None:
        raise NotFound(_("这里不接收快递推送。"))
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(_("一次传来的内容太多。"))
    at = timezone.now()
    return take(told_by.hear(body, request.headers, at=at), source=Source.WEBHOOK, at=at)

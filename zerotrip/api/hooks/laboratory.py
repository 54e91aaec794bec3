"""What laboratories' own systems send: results of tubes, boxes they took in. docs/operations.md has the format."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import AwareDatetime, Field, ValidationError

from zerotrip.errors import Invalid, NotFound, Refusal, TooLarge, Unproven
from zerotrip.prevention.models import Box, Finding, MishapKind, ResultFile
from zerotrip.prevention.screening import boxes
from zerotrip.prevention.screening.boxes import Came
from zerotrip.prevention.screening.results import actions
from zerotrip.prevention.screening.results.reading import Said
from zerotrip.prevention.screening.rules import code_of
from zerotrip.prevention.screening.taking import AHEAD
from zerotrip.questions.words import Part
from zerotrip.signed import is_fresh, is_signed

log = logging.getLogger(__name__)

LARGEST = 4 * 1024 * 1024
"""Bytes of one message."""
MOST = 20_000
"""Results of one message."""
TIMESTAMP, SIGNATURE = "X-Laboratory-Timestamp", "X-Laboratory-Signature"
Text = Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]


class SentResult(Part):
    """What was found in a tube."""

    tube: Text
    outcome: Finding
    issued_at: AwareDatetime


class SentBox(Part):
    """A box that was taken in: the tubes that are in it; of those that are damaged the kind of mishap."""

    code: Text
    tubes: Annotated[tuple[Text, ...], Field(max_length=boxes.MOST * 2)]
    receiver: Text
    damaged: dict[Text, MishapKind] = {}


class Sent(Part):
    """One message. ``id`` is the laboratory's own: the same again changes nothing."""

    id: UUID
    laboratory: Text
    results: Annotated[tuple[Any, ...], Field(max_length=MOST)] = ()
    boxes: Annotated[tuple[SentBox, ...], Field(max_length=100)] = ()


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Take in boxes and results: 200 with how many results are new, known, of tubes nobody filled yet, and which
    said nothing and why; and of each box what was found wrong.

    401 for a signature or time that is not right, 404 where no laboratory is heard or it was not handed the box,
    409 where screening is not in force or the id was another message's, 413 for too much, 422 for what cannot be
    read. Of a message that is refused nothing is kept.
    """
    at = timezone.now()
    try:
        body = _read(request)
        sent = Sent.model_validate_json(body)
        came = [Came(one.code, one.tubes, one.receiver, one.damaged) for one in sent.boxes]
        said, refused = _said(sent)
        row = actions.hear(said, body, came=came, laboratory=sent.laboratory, file_id=sent.id, at=at)
    except ValidationError as faults:
        problems = {".".join(map(str, each["loc"])): [each["msg"]] for each in faults.errors()[:20]}
        return JsonResponse({"error": _("内容读不懂。"), "problems": problems}, status=422)
    except Refusal as refusal:
        log.warning("a laboratory was refused: %s %s", refusal.status, refusal.message)
        problems = refusal.problems if isinstance(refusal, Invalid) else {}
        return JsonResponse({"error": refusal.message, "problems": problems}, status=refusal.status)
    counts = {name: count for name, count in row.found.items() if name != "boxes"}
    return JsonResponse({"results": counts, "refused": refused, "boxes": _boxes(row)})


def _read(request: HttpRequest) -> bytes:
    """Nothing is read that is too large, and nothing understood whose sender is not proven."""
    if not settings.LABORATORY_SECRETS:
        raise NotFound(_("这里不接收检测结果。"))
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(_("一次传来的内容太多。"))
    timestamp, given = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    signed = is_signed(body, timestamp, given, secrets=settings.LABORATORY_SECRETS)
    if not (signed and is_fresh(timestamp, timezone.now())):
        raise Unproven(_("签名或时间不对。"))
    return body


def _said(sent: Sent) -> tuple[list[Said], list[dict[str, Any]]]:
    """The results that say something, and of the others why not: one does not hold up the rest."""
    said, refused = [], []
    latest = timezone.now() + AHEAD
    for place, each in enumerate(sent.results):
        try:
            one = SentResult.model_validate_json(json.dumps(each))
        except ValidationError as faults:
            refused.append({"place": place, "why": [fault["msg"] for fault in faults.errors()]})
            continue
        code = code_of(one.tube)
        if not code:
            refused.append({"place": place, "why": [_("管码应为 4 到 32 位字母、数字或短横线。")]})
        elif one.issued_at > latest:
            refused.append({"place": place, "why": [_("报告时间晚于现在，请核对。")]})
        else:
            said.append(Said(code, one.outcome, one.issued_at))
    return said, refused


def _boxes(row: ResultFile) -> list[dict[str, Any]]:
    """The boxes a message took in, and what was wrong with their tubes."""
    keys = [UUID(key) for key in row.found.get("boxes", ())]
    held = Box.objects.in_bulk(keys)
    return [
        {"code": held[key].code, "mishaps": list(held[key].mishaps.order_by("code", "kind").values("code", "kind"))}
        for key in keys
        if key in held
    ]

"""Movements of goods, sent by other platforms. docs/operations.md has the format."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import AwareDatetime, Field, ValidationError

from zerotrip.errors import Invalid, NotFound, Refusal, TooLarge, Unproven
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.lots import actions
from zerotrip.prevention.models import Door, Lot, Movement
from zerotrip.questions.words import Part
from zerotrip.signed import is_fresh, is_signed

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024
"""Bytes of one message."""
MOST = 500
"""Movements of one message."""
TIMESTAMP, SIGNATURE = "X-Goods-Timestamp", "X-Goods-Signature"
Text = Annotated[str, Field(max_length=120)]


class Place(Part):
    """A holder: an enterprise by its credit code, with the name of a store, or a place by name and area."""

    uscc: Text = ""
    name: Text = ""
    area: Text = ""


class Sent(Part):
    """One movement as it is sent. ``id`` is the sender's own: the same again changes nothing."""

    id: UUID
    kind: Literal["receive", "move", "sell", "use"]
    quantity: Annotated[str, Field(max_length=20)]
    at: AwareDatetime | None = None
    place: Place
    """Where it arrives from outside, or leaves."""
    to: Place | None = None
    item: Text = ""
    lot: Text = ""
    """The number of the lot; of a receipt, nothing: it is given and comes back."""
    consignment: Text = ""
    country: Text = ""
    port: Text = ""
    marks: Text = ""
    produced_on: date | None = None
    expires_on: date | None = None
    outside: Text = ""
    outside_person: bool = False
    handler: Text = ""
    handler_phone: Text = ""
    plate: Text = ""
    reason: Text = ""


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> JsonResponse:
    """Record each movement of ``{"movements": […]}``: 200 with what became of each, in order.

    One that cannot be recorded says why and leaves the others alone. 401 for a signature or time that is not right,
    404 when no movements are taken here, 413 for too much, 422 for what cannot be read.
    """
    try:
        told = [_record(one, at=timezone.now()) for one in _read(request)]
    except Refusal as refusal:
        log.warning("movements were refused: %s %s", refusal.status, refusal.message)
        problems = refusal.problems if isinstance(refusal, Invalid) else {}
        return JsonResponse({"error": refusal.message, "problems": problems}, status=refusal.status)
    return JsonResponse({"movements": told})


def _read(request: HttpRequest) -> list[Any]:
    """Nothing is read that is too large, and nothing understood whose sender is not proven."""
    if not settings.GOODS_SECRETS:
        raise NotFound(_("这里不接收货物推送。"))
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge(_("一次传来的内容太多。"))
    timestamp, given = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    signed = is_signed(body, timestamp, given, secrets=settings.GOODS_SECRETS)
    if not (signed and is_fresh(timestamp, timezone.now())):
        raise Unproven(_("签名或时间不对。"))
    try:
        found = json.loads(body)["movements"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid(_('内容读不懂，应为 {"movements": […]}。')) from None
    if not isinstance(found, list):
        raise Invalid(_('内容读不懂，应为 {"movements": […]}。'))
    if len(found) > MOST:
        raise TooLarge(_("一次传来的内容太多。"))
    return found


def _record(one: Any, *, at: datetime) -> dict[str, Any]:
    key = one.get("id") if isinstance(one, dict) else None
    try:
        sent = Sent.model_validate(one)
        before = Movement.objects.filter(step=sent.id).exists()
        made = _act(sent, at=at)
    except ValidationError as faults:
        problems = {".".join(map(str, each["loc"])): [each["msg"]] for each in faults.errors()}
        return {"id": key, "state": "refused", "problems": problems}
    except Refusal as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else {}
        return {"id": key, "state": "refused", "error": refusal.message, "problems": problems}
    lot = made[0].target or made[0].source
    return {"id": key, "state": "again" if before else "recorded", "lot": lot.number if lot else ""}


def _act(sent: Sent, *, at: datetime) -> list[Movement]:
    stamp = actions.Stamp(sent.id, SYSTEM, at, Door.API)
    carried = actions.Carried(
        handler=sent.handler,
        handler_phone=sent.handler_phone,
        plate=sent.plate,
        outside=sent.outside,
        outside_person=sent.outside_person,
        reason=sent.reason,
    )
    if sent.kind == "receive":
        return actions.receive(_arrived(sent, carried), stamp=stamp)
    lot = Lot.objects.select_related("item").filter(number=sent.lot.upper()).first()
    if lot is None:
        raise Invalid(_("没有找到这个批次。"), {"lot": [_("没有找到这个批次。")]})
    source = actions.place_at(_where(sent.place), by=SYSTEM, at=at, field="place")
    told: Mapping[str, Any] = {"source": source, "carried": carried, "when": sent.at, "stamp": stamp}
    if sent.kind == "use":
        return actions.use(lot, sent.quantity, **told)
    to = _where(sent.to) if sent.to is not None else None
    if sent.kind == "sell":
        return actions.sell(lot, sent.quantity, to=to, **told)
    return actions.move(lot, sent.quantity, to=to or actions.Where(), **told)


def _arrived(sent: Sent, carried: actions.Carried) -> actions.Arrived:
    return actions.Arrived(
        item=sent.item,
        quantity=sent.quantity,
        where=_where(sent.place),
        country=sent.country,
        port=sent.port,
        consignment=sent.consignment,
        marks=sent.marks,
        produced_on=sent.produced_on,
        expires_on=sent.expires_on,
        arrived_at=sent.at,
        carried=carried,
    )


def _where(place: Place) -> actions.Where:
    return actions.Where(uscc=place.uscc, name=place.name, area=place.area)

"""The day is taken along: first how much it would be, then what was asked for, journalled and expiring."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST
from pydantic import Field

from zerotrip.prevention.field import actions
from zerotrip.prevention.models import Task
from zerotrip.questions.words import Part
from zerotrip.web.field import day
from zerotrip.web.field.clock import ReadingTold, milliseconds
from zerotrip.web.field.doors import for_phones, told
from zerotrip.web.requests import today_of

if TYPE_CHECKING:
    from zerotrip.web.requests import Request


@require_GET
@for_phones
def offered(request: Request) -> JsonResponse:
    """What this account may do in the field today, and how much of it would go along."""
    sites = day.gates(request.actor, on=today_of(request))
    found = day.dues(request.actor, at=request.now)
    return JsonResponse(
        {
            "gates": [{"id": str(site.pk), "name": site.name} for site in sites],
            "dues": len(found),
            "hours": settings.FIELD_HOURS,
        }
    )


class TakeTold(Part):
    """What a phone asks for."""

    key: UUID
    phone: UUID | None
    kind: Annotated[str, Field(max_length=400)] = ""
    sent: ReadingTold
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=4)]


@require_POST
@for_phones
def take(request: Request) -> JsonResponse:
    """Give a phone along what it asked for, with the key of its digests and when it has to be gone."""
    asked = told(request, TakeTold)
    off = request.now - asked.sent.read().at
    phone = actions.meet(asked.phone, kind=asked.kind, off=off, by=request.actor, at=request.now)
    taking = actions.take_along(
        phone.pk,
        key=asked.key,
        tasks=asked.tasks,
        place=None,
        area_path="",
        people=0,
        hours=settings.FIELD_HOURS,
        by=request.actor,
        at=request.now,
    )
    key = day.key_of(taking.pk, settings.DIGEST_KEY)
    given: dict[str, Any] = {}
    if Task.GATE in asked.tasks:
        given["gate"] = day.of_gates(day.gates(request.actor, on=today_of(request)), key, at=request.now)
    if Task.REPORT in asked.tasks:
        given["report"] = day.of_dues(day.dues(request.actor, at=request.now))
    answer = JsonResponse(
        {
            "now": milliseconds(request.now),
            "phone": str(phone.pk),
            "taking": str(taking.pk),
            "key": b64encode(key).decode(),
            "expires": milliseconds(min(taking.expires_at, request.now + timedelta(hours=settings.FIELD_HOURS))),
            "day": given,
        }
    )
    answer["Cache-Control"] = "no-store"
    return answer

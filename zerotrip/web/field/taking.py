"""The day is taken along: first how much it would be, then what was asked for, journalled and expiring."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from django.conf import settings
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import Field

from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.prevention.field import actions
from zerotrip.prevention.field.people import AT_ONCE, MOST, count
from zerotrip.prevention.field.people import people as known
from zerotrip.prevention.field.queries import planned
from zerotrip.prevention.models import Taking, Task
from zerotrip.prevention.screening.rules import point_for
from zerotrip.questions.words import Part
from zerotrip.web.field import day, sampling
from zerotrip.web.field.clock import ReadingTold, milliseconds
from zerotrip.web.field.doors import for_phones, told
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import today_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.prevention.models import Site
    from zerotrip.web.requests import Request


PERSON_BYTES = 240
"""Of somebody who goes along, as sent: a key, a masked name, four digits, the digests of number and telephone."""


@require_GET
@for_phones
def offered(request: Request) -> JsonResponse:
    """What this account may do in the field today, how much of it would go along, and roughly how many bytes."""
    on = today_of(request)
    whole = day.along(request.actor, list(Task), bytes(32), on=on, at=request.now)
    return JsonResponse(
        {
            "gates": whole.get("gate", {}).get("gates", []),
            "dues": len(whole.get("report", {}).get("dues", [])),
            "doors": len(whole.get("door", {}).get("doors", [])),
            "inspections": len(whole.get("inspection", [])),
            "visits": len(whole.get("leaflet", {}).get("visits", [])),
            "points": sampling.points(request.actor, on=on),
            "most": MOST,
            "hours": settings.FIELD_HOURS,
            "bytes": len(json.dumps(whole)),
            "person_bytes": PERSON_BYTES,
        }
    )


class TakeTold(Part):
    """What a phone asks for."""

    key: UUID
    phone: UUID | None
    kind: Annotated[str, Field(max_length=400)] = ""
    sent: ReadingTold
    tasks: Annotated[tuple[Task, ...], Field(min_length=1, max_length=len(Task))]
    point: UUID | None = None
    area: Annotated[str, Field(max_length=120)] = ""
    """Whose people go along to the point; ``planned`` for those of the grids that are to come to it today."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A point, and whose people go along to it."""

    point: Site
    area_path: str
    grids: Sequence[str]


def _point(request: Request, asked: TakeTold) -> _Asked | None:
    """The point asked for. Raises NotFound, NotAllowed for it or for an area that does not belong to it."""
    if Task.SAMPLING not in asked.tasks or asked.point is None:
        return None
    point = point_for(request.actor, asked.point)
    grids = planned([point.pk], on=today_of(request)).get(point.pk, [])
    if not sampling.may_take(request.actor, point, asked.area, grids=grids):
        raise NotAllowed(_("这个区域不归这个采样点。"))
    if asked.area == sampling.PLANNED:
        return _Asked(point, point.area_path, grids)
    return _Asked(point, asked.area, ())


@require_POST
@for_phones
def take(request: Request) -> JsonResponse:
    """Give a phone along what it asked for, with the key of its digests and when it has to be gone."""
    asked = told(request, TakeTold)
    to = _point(request, asked)
    people = count(to.area_path, grids=to.grids, on=today_of(request)) if to else 0
    if people > MOST:
        raise Refused(
            _("一次最多带 %(most)d 人，这里有 %(count)d 人。请选小一点的区域。") % {"most": MOST, "count": people}
        )
    off = request.now - asked.sent.read().at
    phone = actions.meet(asked.phone, kind=asked.kind, off=off, by=request.actor, at=request.now)
    taking = actions.take_along(
        phone.pk,
        key=asked.key,
        tasks=asked.tasks,
        place=to.point.pk if to else None,
        area_path=to.area_path if to else "",
        grids=to.grids if to else (),
        people=people,
        hours=settings.FIELD_HOURS,
        by=request.actor,
        at=request.now,
    )
    key = day.key_of(taking.pk, settings.DIGEST_KEY)
    given = day.along(request.actor, asked.tasks, key, on=today_of(request), at=request.now)
    if to is not None:
        given["sampling"] = sampling.of_sampling(to.point)
    answer = JsonResponse(
        {
            "people": people,
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


@require_GET
@for_phones
def people(request: Request, taking_id: UUID) -> JsonResponse:
    """The next people of what was taken along, after the one named: a download that broke off goes on there.

    Raises NotFound for what is not on a phone of the actor any more.
    """
    mine = Taking.objects.open(request.now).filter(phone__user=request.actor.user_id)
    taking = mine.filter(pk=taking_id).exclude(area_path="").first()
    if taking is None:
        raise NotFound(_("带着的资料已经到期，请重新下载。"))
    key = day.key_of(taking.pk, settings.DIGEST_KEY)
    after = uuid_from(request.GET.get("after", ""))
    rows = known(taking.area_path, grids=taking.grids, on=today_of(request), key=key, after=after)
    told = [{"id": str(one.id), "name": one.name, "shown": one.shown, "digests": one.digests} for one in rows]
    answer = JsonResponse({"people": told, "more": len(rows) == AT_ONCE})
    answer["Cache-Control"] = "no-store"
    return answer

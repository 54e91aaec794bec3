"""Looking somebody's way up, and who was at a place: only for a reason, which is journalled with the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import HANDS
from zerotrip.prevention.models import Event, Measure, Person, Site, VenueScan
from zerotrip.prevention.venues import queries
from zerotrip.prevention.venues.people import digests_asked, digests_of

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.venues.queries import Present

LONGEST = timedelta(days=31)
"""Over which somebody is looked up at once."""
MOST = 500
"""People of one look."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked up, and why."""

    first: datetime | None
    after: datetime | None
    reason: str


def may_trace(actor: Actor) -> bool:
    """Whether somebody looks people's ways up: staff who work on it, each in their own area."""
    return bool(actor.seats_as(*HANDS))


@transaction.atomic
def way_of(asked: Asked, *, number: str, person: UUID | None, by: Actor, at: datetime) -> list[VenueScan]:
    """The doors of the actor's area somebody came to, by their number or from a roster.

    Raises NotAllowed, NotFound, Refused where no event is held, Invalid by field.
    """
    _require(by)
    row: Person | None = None
    if person is not None:
        row = Person.objects.visible_to(by).filter(pk=person).first()
        if row is None:
            raise NotFound(_("名册里没有这个人，或不在您的辖区。"))
    digests: Sequence[bytes] = digests_of(row) if row else digests_asked(number)
    problems = _wrong_in(asked)
    if not digests:
        problems["number"] = [_("请填写身份证号、手机号或其他证件号。")]
    if problems or asked.first is None or asked.after is None:
        raise Invalid(_("还不能查。"), problems)
    told = {"person": str(row.pk) if row else ""}
    _journal("trace_person", {seat.area_path for seat in by.seats}, asked, told, by=by, at=at)
    return queries.where_was(digests, asked.first, asked.after, by=by)


@transaction.atomic
def present_at(asked: Asked, *, site: UUID, by: Actor, at: datetime) -> tuple[list[Present], int]:
    """Who was at a site in a time, and how many said not who they were. Raises as ``way_of`` does."""
    _require(by)
    place = Site.objects.visible_to(by).filter(pk=site).first()
    if place is None:
        raise NotFound(_("没有这个场所。"))
    problems = _wrong_in(asked)
    if problems or asked.first is None or asked.after is None:
        raise Invalid(_("还不能查。"), problems)
    told = {"site": str(place.pk)}
    _journal("trace_site", {place.area_path}, asked, told, by=by, at=at)
    return queries.were_there(place, asked.first, asked.after, by=by, most=MOST)


def _require(by: Actor) -> None:
    if not may_trace(by):
        raise NotAllowed(_("由负责这个区域的经办人查。"))


def _wrong_in(asked: Asked) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if asked.first is None or asked.after is None or not timedelta(0) < asked.after - asked.first <= LONGEST:
        problems["first"] = [_("请填写从什么时候到什么时候，最长 %(days)s 天。") % {"days": LONGEST.days}]
    if not asked.reason.strip():
        problems["reason"] = [_("请写明为什么查，会记入日志。")]
    return problems


def _journal(action: str, paths: set[str], asked: Asked, told: dict[str, Any], *, by: Actor, at: datetime) -> None:
    rows = Event.objects.held().reaching(paths).filter(measures__contains=[Measure.VENUES])
    found = rows.order_by("-starts_on", "pk").first()
    if found is None:
        raise Refused(_("这里没有防控，不能查看。"))
    event = Event.objects.select_for_update(of=("self",)).get(pk=found.pk)
    told |= {"first": f"{asked.first:%Y-%m-%dT%H:%M%z}", "after": f"{asked.after:%Y-%m-%dT%H:%M%z}"}
    ledger.append(event, action, by=by, at=at, reason=asked.reason.strip()[:400], details=told)
    event.save(update_fields=["ledger_length", "ledger_head"])

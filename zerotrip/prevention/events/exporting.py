"""Lists of people leave the system by named hands alone, for a reason that is kept with the event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import User
from zerotrip.parties.queries import areas_of_staff
from zerotrip.prevention.events.rules import require_change
from zerotrip.prevention.models import Event, Exporter
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

LONGEST = 366
"""Days for which somebody is named in one go."""


def right_of(actor: Actor, *, on: date, area_path: str = "") -> Exporter | None:
    """By which naming the actor may export on a day what belongs to an area; None: not at all."""
    rows = Exporter.objects.in_force(on).filter(user=actor.user_id, event__purged_at=None).select_related("event")
    paths = [area_path] if area_path else [seat.area_path for seat in actor.seats]
    return rows.filter(event__in=Event.objects.reaching(paths).values("pk")).order_by("named_at").first()


@transaction.atomic
def note(what: str, why: str, *, by: Actor, at: datetime, area_path: str = "") -> Event:
    """Note with the event that somebody takes a list out, and why. Raises NotAllowed, Invalid without a reason."""
    right = right_of(by, on=at.astimezone(CHINA).date(), area_path=area_path)
    if right is None:
        raise NotAllowed(_("名单由防控负责人指定的人员导出。由谁办理，见防控页面。"))
    if len(why.strip()) < 2:
        raise Invalid(_("还没有导出。"), {"why": [_("请写明导出做什么用。")]})
    event = Event.objects.select_for_update(of=("self",)).get(pk=right.event_id)
    ledger.append(event, "export", by=by, at=at, reason=why.strip()[:400], details={"what": what})
    event.save(update_fields=["ledger_length", "ledger_head"])
    return event


@transaction.atomic
def name(event_id: UUID, *, email: str, until: date | None, by: Actor, at: datetime) -> Exporter:
    """Name somebody of the staff who may export until a day; named already, until that day instead.

    Raises NotFound, NotAllowed for whoever does not answer for the event, Refused once it is purged, Invalid by
    field.
    """
    event = _held(event_id, by)
    today = at.astimezone(CHINA).date()
    problems: dict[str, list[str]] = {}
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first() if email.strip() else None
    if user is None or user.person_id not in areas_of_staff([user.person_id], at=at):
        problems["email"] = [_("没有这个工作人员，请填写他的登录邮箱。")]
    if until is None or not today <= until <= today + timedelta(days=LONGEST):
        problems["until"] = [_("请填写最后一天，从今天起 %(days)s 天以内。") % {"days": LONGEST}]
    if problems or user is None or until is None:
        raise Invalid(_("还没有保存。"), problems)
    row, _made = Exporter.objects.update_or_create(
        event=event, user=user, ended_at=None, defaults={"until": until, "named_by_id": by.account, "named_at": at}
    )
    _journal(event, "name_exporter", row, by=by, at=at)
    return row


@transaction.atomic
def end(exporter_id: UUID, *, by: Actor, at: datetime) -> Exporter:
    """Somebody may export no more. Again, it is as it was. Raises NotFound, NotAllowed, Refused."""
    row = Exporter.objects.visible_to(by).filter(pk=exporter_id).first()
    if row is None:
        raise NotFound(_("没有这条记录。"))
    event = _held(row.event_id, by)
    if Exporter.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at):
        _journal(event, "end_exporter", row, by=by, at=at)
    return row


def _held(event_id: UUID, by: Actor) -> Event:
    event = Event.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=event_id).first()
    if event is None:
        raise NotFound(_("没有这次防控。"))
    require_change(event, by)
    return event


def _journal(event: Event, action: str, row: Exporter, *, by: Actor, at: datetime) -> None:
    ledger.append(
        event, action, by=by, at=at, details={"account": str(row.user_id), "until": row.until.isoformat()}
    )
    event.save(update_fields=["ledger_length", "ledger_head"])

"""Every write about phones in the field: met, given something along, given no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext as _

from zerotrip.compiled import Compiled
from zerotrip.errors import NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.queries import history
from zerotrip.prevention.field.clock import SLACK
from zerotrip.prevention.models import Phone, Taking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.parties.access import Actor

SEEN_EVERY = timedelta(minutes=1)
"""How often it is noted that a phone is still there."""
ASIDE = "aside"
"""As the journal says that a record was given up."""


def meet(phone_id: UUID | None, *, kind: str, off: timedelta, by: Actor, at: datetime) -> Phone:
    """Note that a phone was heard from, and journal where its clock was set or is far off.

    One that has no number yet, or one nobody knows, gets one. Raises Refused as ``require_good``.
    """
    phone = _met(phone_id) if phone_id else None
    if phone is not None and not _is_news(phone, off=off, at=at):
        require_good(phone, by=by)
        return phone
    return _note(phone_id, kind=kind, off=off, by=by, at=at)


def _met(phone_id: UUID) -> Phone | None:
    rows = _MET.rows(phone=phone_id)
    return next((Phone.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in rows), None)


_COLUMNS = [field.attname for field in Phone._meta.concrete_fields]
_MET = Compiled(lambda phone: Phone.objects.filter(pk=phone).order_by().values_list(*_COLUMNS), phone=UUID)
"""A phone: asked for with everything it sends."""


@transaction.atomic
def _note(phone_id: UUID | None, *, kind: str, off: timedelta, by: Actor, at: datetime) -> Phone:
    phone = Phone.objects.select_for_update().filter(pk=phone_id).first() if phone_id else None
    if phone is None:
        phone = Phone(user_id=by.account, kind=kind[:120], off=timedelta(), met_at=at, seen_at=at)
        ledger.append(phone, "meet", by=by, at=at)
    require_good(phone, by=by)
    if _is_off(phone, off):
        ledger.append(phone, "clock", by=by, at=at, details={"seconds": round(off.total_seconds())})
        phone.off = off
    phone.seen_at = max(at, phone.seen_at)
    phone.save()
    return phone


def _is_news(phone: Phone, *, off: timedelta, at: datetime) -> bool:
    """Whether something is to be noted of a phone: most of its requests are not worth a row."""
    return at - phone.seen_at >= SEEN_EVERY or _is_off(phone, off)


def _is_off(phone: Phone, off: timedelta) -> bool:
    return abs(off - phone.off) > SLACK


def require_good(phone: Phone, *, by: Actor) -> None:
    """Raise Refused for a phone that is another's or was revoked."""
    if phone.revoked_at is not None:
        raise Refused(_("这部手机已停用。"), phone="revoked")
    if phone.user_id != by.user_id:
        raise Refused(_("这部手机登记在另一个账号下。"), phone="another")


@transaction.atomic
def take_along(
    phone_id: UUID,
    *,
    key: UUID,
    tasks: Sequence[str],
    place: UUID | None,
    area_path: str,
    grids: Sequence[str] = (),
    people: int,
    hours: int,
    by: Actor,
    at: datetime,
) -> Taking:
    """Note what a phone is given along, of how many people and until when. Twice by one key is once.

    Raises NotFound for a phone that was not met, Refused as ``require_good``.
    """
    phone = Phone.objects.select_for_update().filter(pk=phone_id).first()
    if phone is None:
        raise NotFound(_("没有这部手机。"))
    require_good(phone, by=by)
    found = Taking.objects.filter(pk=key, phone=phone).first()
    if found is not None:
        return found
    taking = Taking.objects.create(
        pk=key,
        phone=phone,
        tasks=list(tasks),
        place=place,
        area_path=area_path,
        grids=list(grids),
        people=people,
        at=at,
        expires_at=at + timedelta(hours=hours),
    )
    told = {"tasks": taking.tasks, "people": people, "area": area_path, "until": taking.expires_at.isoformat()}
    ledger.append(phone, "take", by=by, at=at, details=told)
    phone.area_path = area_path or phone.area_path
    phone.save()
    return taking


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that was not taken in and that nobody puts right."""

    record: UUID
    kind: str
    refused: str
    """Why it was not taken in."""
    why: str
    """Why nobody puts it right."""


@transaction.atomic
def set_aside(phone_id: UUID, aside: Aside, *, by: Actor, at: datetime) -> bool:
    """Journal that a record of a phone is given up, so that it does not vanish with the phone.

    What it says stays on the phone. Whether it was news. Raises NotFound.
    """
    phone = Phone.objects.select_for_update().filter(pk=phone_id).first()
    if phone is None:
        raise NotFound(_("没有这部手机。"))
    told = {"record": str(aside.record), "kind": aside.kind, "refused": aside.refused}
    if history(phone.pk).filter(action=ASIDE, details__record=told["record"]).exists():
        return False
    ledger.append(phone, ASIDE, by=by, at=at, reason=aside.why, details=told)
    phone.save()
    return True


@transaction.atomic
def revoke(phone_id: UUID, *, by: Actor, at: datetime) -> Phone:
    """Give a phone nothing more and take nothing from it; what it was given goes at its next contact.

    Twice is once. Raises NotFound.
    """
    phone = Phone.objects.visible_to(by).select_for_update().filter(pk=phone_id).first()
    if phone is None:
        raise NotFound(_("没有这部手机。"))
    if phone.revoked_at is None:
        phone.revoked_at = at
        ledger.append(phone, "revoke", by=by, at=at)
        phone.save()
    return phone


@transaction.atomic
def restore(phone_id: UUID, *, by: Actor, at: datetime) -> Phone:
    """Let a phone that was found again go on, so that what is still on it can be handed in. Raises NotFound."""
    phone = Phone.objects.visible_to(by).select_for_update().filter(pk=phone_id).first()
    if phone is None:
        raise NotFound(_("没有这部手机。"))
    if phone.revoked_at is not None:
        phone.revoked_at = None
        ledger.append(phone, "restore", by=by, at=at)
        phone.save()
    return phone

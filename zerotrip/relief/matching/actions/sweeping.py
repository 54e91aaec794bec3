"""What time alone brings about: entries asked after, hidden, ended; proposals and reservations that run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from zerotrip.errors import Refused
from zerotrip.parties.access import SYSTEM
from zerotrip.relief.matching.actions.steps import (
    drop_all,
    end_meeting,
    journal,
    lock_entries,
    locked_meeting,
    move_entry,
    rematch,
    save_entry,
    tell_owner,
    tell_side,
)
from zerotrip.relief.matching.kinds import SIDES
from zerotrip.relief.matching.queries import kind_of
from zerotrip.relief.matching.states import Move, Step
from zerotrip.relief.models import (
    Introduction,
    Meeting,
    Reservation,
    ReservationStatus,
    Resource,
    ResourceStatus,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

AT_ONCE = 500
"""Of each kind in one run; what is left has its turn a minute later."""
LIVE = (ResourceStatus.OPEN, ResourceStatus.ASLEEP)


def sweep(*, at: datetime) -> int:
    """Do what is due. Each finding is an action of its own, so that it can be killed anywhere. Returns how many."""
    held = Reservation.objects.filter(status=ReservationStatus.HELD, expires_at__lte=at)
    proposed = Introduction.objects.filter(status=Meeting.PROPOSED, answer_by__lte=at)
    live = Resource.objects.filter(status__in=LIVE)
    open_ones = Resource.objects.filter(status=ResourceStatus.OPEN)
    found: tuple[tuple[QuerySet[Any], Callable[[UUID, datetime], bool]], ...] = (
        (held, _run_out),
        (live.filter(valid_until__lte=at), _expire),
        (proposed, _lapse),
        (open_ones.filter(asked_at__isnull=False, sleep_at__lte=at), _sleep),
        (open_ones.filter(asked_at=None, confirm_at__lte=at), _ask),
    )
    done = 0
    for rows, action in found:
        for key in list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            done += action(key, at)
    return done


@transaction.atomic
def _run_out(key: UUID, at: datetime) -> bool:
    held = Reservation.objects.select_related("introduction").get(pk=key)
    row = locked_meeting(held.introduction)
    over = Reservation.objects.filter(pk=key, status=ReservationStatus.HELD, expires_at__lte=at)
    if not over.update(status=ReservationStatus.EXPIRED, ended_at=at):
        return False
    journal(row, "reservation_expires", by=SYSTEM, at=at)
    row.save(update_fields=["ledger_length", "ledger_head"])
    for side in SIDES:
        tell_side(row, side, "match_released", key=f"expired:{key}", at=at)
    rematch(row.offer)
    return True


@transaction.atomic
def _lapse(key: UUID, at: datetime) -> bool:
    row = locked_meeting(Introduction.objects.get(pk=key))
    if row.status != Meeting.PROPOSED or row.answer_by > at:
        return False
    agreed = row.offer_agreed_at or row.want_agreed_at
    row.offer_agreed_at = row.want_agreed_at = None
    row.offer_agreed_by = row.want_agreed_by = None
    end_meeting(row, Move.LAPSE, by=SYSTEM, at=at)
    if agreed:
        for side in SIDES:
            tell_side(row, side, "match_lapsed", key=f"lapsed:{at.isoformat()}", at=at)
    return True


@transaction.atomic
def _expire(key: UUID, at: datetime) -> bool:
    row = lock_entries(key)[key]
    if row.status not in LIVE or row.valid_until > at:
        return False
    move_entry(row, Step.EXPIRE, at=at)
    drop_all(row, by=SYSTEM, at=at)
    journal(row, "expire", by=SYSTEM, at=at)
    save_entry(row)
    tell_owner(row, "resource_expired", link=f"/resources/{row.pk}/", key=f"{row.pk}:expired", at=at)
    return True


@transaction.atomic
def _ask(key: UUID, at: datetime) -> bool:
    row = lock_entries(key)[key]
    if row.status != ResourceStatus.OPEN or row.asked_at is not None or row.confirm_at > at:
        return False
    days = kind_of(row.kind, withdrawn=True).spec.periods.grace_days
    row.asked_at, row.sleep_at = at, at + timedelta(days=days)
    row.save(update_fields=["asked_at", "sleep_at"])
    asked = f"{row.pk}:confirm:{at.isoformat()}"
    tell_owner(row, "resource_confirm", link=f"/resources/{row.pk}/", key=asked, at=at, until=row.sleep_at)
    return True


@transaction.atomic
def _sleep(key: UUID, at: datetime) -> bool:
    row = lock_entries(key)[key]
    if row.asked_at is None or row.sleep_at is None or row.sleep_at > at:
        return False
    try:
        move_entry(row, Step.SLEEP)
    except Refused:  # confirmed, withdrawn or done meanwhile
        return False
    journal(row, "sleep", by=SYSTEM, at=at)
    save_entry(row)
    asleep = f"{row.pk}:asleep:{at.isoformat()}"
    tell_owner(row, "resource_asleep", link=f"/resources/{row.pk}/", key=asleep, at=at)
    return True

"""Setting an offer aside for a want: never more than there is, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, Refused
from zerotrip.relief.matching.access import require_side
from zerotrip.relief.matching.actions.steps import journal, let_go, locked_meeting, rematch, require_move, tell_side
from zerotrip.relief.matching.kinds import SIDES
from zerotrip.relief.matching.queries import kind_of, plain
from zerotrip.relief.matching.states import Move
from zerotrip.relief.models import Introduction, Reservation, ReservationStatus, Resource, ResourceStatus

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind


@transaction.atomic
def reserve(
    introduction: Introduction, *, quantity: Decimal | None = None, key: UUID, by: Actor, at: datetime
) -> Reservation:
    """Set the offer, or ``quantity`` of it, aside for the want, for the time of its kind. By the side that wants.

    Of two at the same moment one gets the last of it and the other is told. The same ``key`` is one reservation.
    Raises Refused when there is not enough left or the two are not introduced, Invalid for an amount that is none,
    NotAllowed for anybody else.
    """
    row = locked_meeting(introduction)
    require_side(row, "want", by)
    found = Reservation.objects.filter(pk=key, introduction=row).first()
    if found is not None:
        return found
    require_move(row, Move.RESERVE)
    kind = kind_of(row.kind, withdrawn=True)
    _expire_of(row.offer, at=at)
    amount = _amount(kind, row, quantity)
    if Reservation.objects.filter(introduction=row, status=ReservationStatus.HELD).exists():
        raise Refused(_("您已经预留了，不用再留一次。"))
    _require_left(row.offer, amount)
    made = Reservation(
        id=key,
        introduction=row,
        offer=row.offer,
        quantity=amount,
        whole=not kind.divisible,
        made_at=at,
        made_by_id=by.user_id,
        expires_at=at + timedelta(hours=kind.spec.periods.reserve_hours),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:  # the database counts too
        raise Refused(_taken()) from error
    details = {"quantity": str(amount), "expires_at": made.expires_at.isoformat()}
    journal(row, "reserve", by=by, at=at, details=details)
    row.save(update_fields=["ledger_length", "ledger_head"])
    tell_side(row, "offer", "match_reserved", key=f"reserved:{made.pk}", at=at, until=made.expires_at)
    return made


def _taken() -> str:
    return _("晚了一步：别人刚刚预留了。预留到期或取消后会再通知您，也可以看看其他匹配。")


def _amount(kind: Kind, row: Introduction, quantity: Decimal | None) -> Decimal:
    if not kind.divisible:
        return row.offer.quantity
    if quantity is None or quantity <= 0 or quantity != round(quantity, 2) or quantity > row.offer.quantity:
        text = _("请填写预留多少，不超过 %(most)s。") % {"most": plain(row.offer.quantity)}
        raise Invalid(text, {"quantity": [text]})
    return quantity


def _require_left(offer: Resource, amount: Decimal) -> None:
    if offer.status not in (ResourceStatus.OPEN, ResourceStatus.ASLEEP):
        raise Refused(_("这条供给%(status)s，不能预留。") % {"status": offer.get_status_display()})
    left = offer.quantity - offer.reserved - offer.used
    if left <= 0:
        raise Refused(_taken())
    if amount > left:
        text = _("现在只剩 %(left)s，请改一下数量。") % {"left": plain(left)}
        raise Invalid(text, {"quantity": [text]})


def _expire_of(offer: Resource, *, at: datetime) -> None:
    """End what is held of a locked offer past its time, before the sweep comes round."""
    over = Reservation.objects.filter(offer=offer, status=ReservationStatus.HELD, expires_at__lte=at)
    if over.update(status=ReservationStatus.EXPIRED, ended_at=at):
        offer.refresh_from_db(fields=["reserved"])


@transaction.atomic
def release(introduction: Introduction, *, by: Actor, at: datetime) -> bool:
    """Give back what is set aside, by either side. Whether anything was. Raises NotAllowed."""
    row = locked_meeting(introduction)
    _require_either(row, by)
    if not let_go(row, at=at):
        return False
    journal(row, "release", by=by, at=at)
    row.save(update_fields=["ledger_length", "ledger_head"])
    for side in SIDES:
        stamp = f"released:{at.isoformat()}"
        tell_side(row, side, "match_released", key=stamp, at=at)
    rematch(row.offer)
    return True


def _require_either(row: Introduction, by: Actor) -> None:
    from zerotrip.relief.matching.access import sides

    if not sides(row, by) and not by.is_system:
        require_side(row, "want", by)

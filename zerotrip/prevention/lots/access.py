"""Who may see a lot, who may record what happens at a holder, who may recall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.parties.models import HANDS, LEADING_ROLES
from zerotrip.prevention.models import Holder, Lot, Measure, Movement, SupplyRequest

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor, Seat
    from zerotrip.prevention.models import Item


def measure_of(item: Item) -> Measure:
    """What an event must ask for so that an item is kept in the ledger."""
    return Measure.COLD_CHAIN if item.is_cold else Measure.SUPPLIES


def load_lot(lot_id: UUID, actor: Actor) -> Lot:
    """The lot with its item, if ``actor`` may see it. Raises NotFound alike for both reasons."""
    found = Lot.objects.visible_to(actor).select_related("item", "recall").filter(pk=lot_id).first()
    if found is None:
        raise NotFound(_("没有找到这个批次。"))
    return found


def load_holder(holder_id: UUID | None, actor: Actor) -> Holder:
    """The holder, if ``actor`` may see it. Raises NotFound."""
    found = Holder.objects.visible_to(actor).filter(pk=holder_id).first() if holder_id else None
    if found is None:
        raise NotFound(_("没有找到这个存放点。"))
    return found


def load_movement(movement_id: UUID, actor: Actor) -> Movement:
    """The movement, if ``actor`` may see it. Raises NotFound."""
    rows = Movement.objects.visible_to(actor).select_related("source__item", "source_holder", "target_holder")
    found = rows.filter(pk=movement_id).first()
    if found is None:
        raise NotFound(_("没有找到这笔记录。"))
    return found


def load_request(request_id: UUID, actor: Actor) -> SupplyRequest:
    """The request, if ``actor`` may see it. Raises NotFound."""
    rows = SupplyRequest.objects.visible_to(actor).select_related("item", "holder__party")
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("没有找到这条物资申请。"))
    return found


def serves(actor: Actor, area_path: str) -> bool:
    """Whether a seat that does work is held over an area."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def may_record(holder: Holder, actor: Actor) -> bool:
    """Whether ``actor`` may record what happens there: whose it is, or staff of its area."""
    return actor.is_system or holder.party_id in actor.represents or serves(actor, holder.area_path)


def require_record(holder: Holder, actor: Actor) -> None:
    """Raises NotAllowed unless ``may_record``."""
    if not may_record(holder, actor):
        raise NotAllowed(_("只能登记本企业的货物；工作人员只能登记辖区内的。"))


def seat_to_recall(lot: Lot, actor: Actor) -> Seat | None:
    """The seat from which a lot may be held: one that leads an office over a place where it lies or lay."""
    seats = actor.seats_as(*LEADING_ROLES)
    paths = list(lot.balances.values_list("holder__area_path", flat=True)) if seats else []
    return next((seat for seat in seats if any(path.startswith(seat.area_path) for path in paths)), None)

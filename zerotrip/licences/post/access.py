"""Who may see a parcel or a batch, and whose hands they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.licences.post.models import Batch, Shipment
from zerotrip.parties.models import Role

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor

HANDS = (Role.CLERK, Role.ADMINISTRATOR)
"""Who packs, labels, hands over and hands out; only they read the whole address."""


def load_shipment(shipment_id: UUID, actor: Actor) -> Shipment:
    """The parcel, if it is of the actor's office. Raises NotFound alike for both reasons."""
    found = (
        Shipment.objects.of_office(actor)
        .select_related("case__delivery", "case__applicant", "case__licence", "department", "handed_out_by__person")
        .filter(pk=shipment_id)
        .first()
    )
    if found is None:
        raise NotFound(_("没有找到这个件。"))
    return found


def load_batch(number: str, actor: Actor) -> Batch:
    """The batch of this number, if it is of the actor's office. Raises NotFound alike for both reasons."""
    found = (
        Batch.objects.visible_to(actor)
        .select_related("department", "opened_by__person", "closed_by__person")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise NotFound(_("没有找到这个批次。"))
    return found


def may_handle(row: Shipment | Batch, actor: Actor) -> bool:
    """Whether the parcel or batch is in this person's hands."""
    return actor.sits(department_id=row.department_id, area_path=row.area_path, roles=HANDS)


def require_may_handle(row: Shipment | Batch, actor: Actor) -> None:
    """Refuse unless ``may_handle``."""
    if not may_handle(row, actor):
        raise NotAllowed(_("只有发证部门的窗口工作人员可以办理寄送。"))

"""The applicant says how the result is to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.access import require_may_act
from zerotrip.cases.states import Status as CaseStatus
from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.licences.post.actions.moving import arrived, end_label, locked, locked_case, move
from zerotrip.licences.post.actions.parcels import open_shipment
from zerotrip.licences.post.models import Delivery, Shipment
from zerotrip.licences.post.recipients import FIELDS, checked
from zerotrip.licences.post.rules import why_not_change
from zerotrip.licences.post.states import Status, Step, Way
from zerotrip.parties.models import Deed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor


@transaction.atomic
def choose(case: Case, *, way: str, to: Mapping[str, Any], by: Actor, at: datetime) -> Delivery:
    """Receive the result this way; for post, ``to`` names recipient, phone and address.

    May be said again until the paper is handed over: a label made before is void, and who wants no
    paper any more has the electronic copy, with which the case closes. The same again changes nothing.
    Raises Refused when the service does not offer this or it is too late, Invalid for what a courier
    could not deliver to.
    """
    held = locked_case(case.pk)
    require_may_act(held, by, Deed.FILL if held.status == CaseStatus.DRAFT else Deed.RECEIVE)
    offered = {Way.ELECTRONIC.value, *spec_of(held.version_id).delivery}
    if way not in offered:
        raise Invalid(_("请选择如何领取结果。"), {"delivery": [_("请选择如何领取结果。")]})
    wanted, problems = checked(to) if way == Way.POST else (dict.fromkeys(FIELDS, ""), {})
    if problems:
        raise Invalid(_("收件信息还不完整。"), problems)
    delivery = Delivery.objects.filter(case=held).first()
    if delivery is not None and (delivery.way, _recipient(delivery)) == (way, wanted):
        return delivery
    shipment = Shipment.objects.filter(case=held).first()
    if shipment is not None:
        shipment = locked(shipment.pk)
    if reason := why_not_change(held, shipment):
        raise Refused(reason)
    delivery = _keep(delivery, held, way, wanted, by=by, at=at)
    if shipment is not None:
        _follow(shipment, delivery, by=by, at=at)
    elif held.status == CaseStatus.ISSUED:
        open_shipment(held, by=by, at=at)
    return delivery


def _recipient(delivery: Delivery) -> dict[str, str]:
    return {name: getattr(delivery, name) for name in FIELDS}


def _keep(
    before: Delivery | None, case: Case, way: str, wanted: dict[str, str], *, by: Actor, at: datetime
) -> Delivery:
    """Write the choice. The journal has what changed, and no address."""
    delivery = before or Delivery(case=case)
    changed = [name for name in ("way", *FIELDS) if getattr(delivery, name) != {**wanted, "way": way}[name]]
    delivery.way, delivery.chosen_by_id, delivery.chosen_at = way, by.account, at
    for name, value in wanted.items():
        setattr(delivery, name, value)
    ledger.append(delivery, "choose", by=by, at=at, details={"way": way, "changed": changed})
    delivery.save(force_insert=before is None)
    return delivery


def _follow(shipment: Shipment, delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Let the parcel go where it is now to go."""
    if delivery.way == Way.ELECTRONIC:
        end_label(shipment, at=at)
        move(shipment, Step.CANCEL, by=by, at=at)
        arrived(shipment, at=at)
        return
    if shipment.status == Status.LABELLED:
        end_label(shipment, at=at)
        move(shipment, Step.VOID, by=by, at=at)
    if shipment.status == Status.UNDELIVERED and delivery.way == Way.COUNTER:
        end_label(shipment, at=at)
        move(shipment, Step.AGAIN, by=by, at=at, last_event_at=None)
    if shipment.way != delivery.way:
        shipment.way = delivery.way
        ledger.append(shipment, "change", by=by, at=at, details={"way": delivery.way})
        shipment.save(update_fields=["way", "ledger_length", "ledger_head"])

"""A parcel begins when the licence is issued; it is handed out at the counter or sent anew."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.ledger import actions as ledger
from zerotrip.licences import actions as licences
from zerotrip.licences.post.actions.moving import arrived, end_label, locked, move, tell_applicant
from zerotrip.licences.post.models import Delivery, Event, Shipment
from zerotrip.licences.post.rules import require
from zerotrip.licences.post.states import Step, Way

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor

LONGEST_NAME = 60
"""Characters of who took it."""


@transaction.atomic
def produce(case: Case, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The outcome handler of kind ``licence``: the licence, and the parcel if paper is wanted too."""
    made = licences.produce(case, by=by, at=at)
    open_shipment(case, by=by, at=at)
    return made


def open_shipment(case: Case, *, by: Actor, at: datetime) -> Shipment | None:
    """The parcel of a case whose applicant wants paper, begun once; None for all others.

    The caller holds the case's lock.
    """
    delivery = Delivery.objects.filter(case=case).exclude(way=Way.ELECTRONIC).first()
    if delivery is None:
        return None
    existing = Shipment.objects.filter(case=case).first()
    if existing is not None:
        return existing
    shipment = Shipment(
        case=case, department_id=case.department_id, area_path=case.area_path, way=delivery.way, opened_at=at
    )
    ledger.append(shipment, "open", by=by, at=at, details={"way": delivery.way, "case": case.number})
    shipment.save(force_insert=True)
    template = "paper_to_be_posted" if delivery.way == Way.POST else "paper_to_be_collected"
    tell_applicant(template, shipment, at=at, department=_called(shipment))
    return shipment


def _called(shipment: Shipment) -> dict[str, str]:
    return {"zh": shipment.department.name, "en": shipment.department.name_en}


@transaction.atomic
def collect(shipment: Shipment, *, taken_by: str, by: Actor, at: datetime) -> Shipment:
    """Hand the paper out at the counter, against a name: with that the case closes.

    Raises NotAllowed, Refused or Stale when this may not be, Invalid without a name.
    """
    held = locked(shipment.pk)
    require(Step.COLLECT, held, by)
    name = taken_by.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(_("请填写领取人姓名。"), {"taken_by": [_("请填写领取人姓名，不超过 60 字。")]})
    move(held, Step.COLLECT, by=by, at=at, delivered_at=at, signed_by=name, handed_out_by_id=by.account)
    arrived(held, at=at)
    return held


@transaction.atomic
def send_again(shipment: Shipment, *, note: str, by: Actor, at: datetime) -> Shipment:
    """Put an undelivered parcel back into the queue. It gets a new label; the old one is kept.

    Raises NotAllowed, Refused or Stale when this may not be.
    """
    held = locked(shipment.pk)
    require(Step.AGAIN, held, by)
    end_label(held, at=at)
    details = {"undelivered": held.reason}
    move(held, Step.AGAIN, by=by, at=at, because=note.strip()[:500], details=details, last_event_at=None)
    return held


@transaction.atomic
def purge(*, at: datetime) -> int:
    """Wipe recipients, phones, addresses and signatures ``settings.DELIVERY_KEEP`` days after the case closed.

    Returns how many deliveries were wiped.
    """
    before = at - timedelta(days=settings.DELIVERY_KEEP)
    over = list(
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(purged_at=None, case__closed_at__lte=before)
        .values_list("case", flat=True)[:1000]
    )
    Delivery.objects.filter(case__in=over).update(recipient="", phone="", address="", purged_at=at)
    Shipment.objects.filter(case__in=over).exclude(signed_by="").update(signed_by="")
    told = Event.objects.filter(label__shipment__case__in=over)
    told.exclude(note="", signed_by="").update(note="", signed_by="")
    return len(over)

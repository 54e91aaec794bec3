"""Labels and batches: parcels are labelled together, handed over one by one, and what is missing is named."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.licences.actions import next_number
from zerotrip.licences.post.access import HANDS, require_may_handle
from zerotrip.licences.post.actions.moving import locked, move, present_label, tell_applicant
from zerotrip.licences.post.actions.tracking import follow_latest
from zerotrip.licences.post.couriers import COURIER
from zerotrip.licences.post.models import Batch, Label, Shipment
from zerotrip.licences.post.rules import require
from zerotrip.licences.post.states import Step

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor

BATCH_NUMBERS = "P{year}-{seq:04}"
MOST = 200
"""Parcels in a batch."""


@transaction.atomic
def make_batch(shipments: Collection[UUID], *, by: Actor, at: datetime) -> Batch:
    """Label these parcels and put them into a new batch.

    A parcel that was labelled before and not handed over keeps its label. Raises Invalid for none or
    too many, Stale or Refused, naming the parcel, when one of them cannot be posted now.
    """
    if not 0 < len(set(shipments)) <= MOST:
        message = ngettext("请选择 1 到 %(most)d 件。", "请选择 1 到 %(most)d 件。", MOST) % {"most": MOST}
        raise Invalid(message, {"parcel": [message]})
    in_order = Shipment.objects.of_office(by).filter(pk__in=shipments).order_by("case").values_list("pk", flat=True)
    held = [locked(pk) for pk in in_order]
    if not held or len({one.department_id for one in held}) > 1:
        raise Refused(_("一个批次只能有同一部门的件。"))
    batch = _open_batch(held, by=by, at=at)
    for shipment in held:
        label = _label(shipment, by=by, at=at)
        label.batch = batch
        label.save()
    return batch


def _open_batch(held: list[Shipment], *, by: Actor, at: datetime) -> Batch:
    department = held[0].department_id
    areas = [seat.area_path for seat in by.seats_as(*HANDS) if seat.department_id == department]
    area = next((path for path in areas if all(one.area_path.startswith(path) for one in held)), None)
    if area is None:
        raise NotAllowed(_("只有发证部门的窗口工作人员可以办理寄送。"))
    batch = Batch(
        number=next_number(BATCH_NUMBERS, day=timezone.localtime(at).date()),
        department_id=department,
        area_path=area,
        courier=COURIER,
        opened_at=at,
        opened_by_id=by.account,
    )
    ledger.append(batch, "open", by=by, at=at, details={"number": batch.number, "parcels": len(held)})
    batch.save(force_insert=True)
    return batch


def _label(shipment: Shipment, *, by: Actor, at: datetime) -> Label:
    """The label of a parcel: the one it has, if it is in no batch, else a new one."""
    label = present_label(shipment)
    if label is not None and label.batch_id is None:
        return label
    if label is not None and label.batch is not None and label.handed_over_at is None:
        raise Stale(
            _("%(case)s 已经在批次 %(batch)s 里。") % {"case": shipment.case.number, "batch": label.batch.number}
        )
    require(Step.LABEL, shipment, by)
    label = Label(
        shipment=shipment,
        courier=COURIER,
        tracking=next_number(settings.COURIER_NUMBERS, day=timezone.localtime(at).date()),
        made_at=at,
        made_by_id=by.account,
    )
    move(shipment, Step.LABEL, by=by, at=at, details={"tracking": label.tracking})
    return label


@transaction.atomic
def hand_over(batch: Batch, code: str, *, by: Actor, at: datetime) -> Label:
    """The parcel whose label was scanned goes to the courier.

    Raises Refused for a code that is of no label or of another batch, or for a void label; Stale for
    what was handed over before, naming by whom and when.
    """
    held = _locked_batch(batch, by)
    tracking = unicodedata.normalize("NFKC", code).strip().upper()
    readable = tracking.isascii() and tracking.isprintable()
    found = Label.objects.filter(courier=held.courier, tracking=tracking).first() if readable else None
    if found is None:
        raise Refused(_("没有这个单号：%(code)s。请核对后再扫。") % {"code": tracking[:40]})
    shipment = locked(found.shipment_id)
    label = Label.objects.select_related("batch", "handed_over_by__person").get(pk=found.pk)
    _require_in(held, label, shipment)
    require(Step.HAND_OVER, shipment, by)
    label.handed_over_at, label.handed_over_by_id = at, by.account
    label.save(update_fields=["handed_over_at", "handed_over_by"])
    move(shipment, Step.HAND_OVER, by=by, at=at, details={"tracking": tracking, "batch": held.number})
    tell_applicant("paper_posted", shipment, at=at, tracking=tracking)
    follow_latest(shipment, label, at=at)
    return label


def _locked_batch(batch: Batch, by: Actor) -> Batch:
    held = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    require_may_handle(held, by)
    if held.closed_at is not None:
        raise Stale(_("批次 %(number)s 已经交接完毕。") % {"number": held.number})
    return held


def _require_in(batch: Batch, label: Label, shipment: Shipment) -> None:
    """Refuse what does not belong into this batch, and what is out already."""
    if shipment.department_id != batch.department_id:
        raise Refused(_("没有这个单号：%(code)s。请核对后再扫。") % {"code": label.tracking})
    named = {"code": label.tracking}
    if label.ended_at is not None:
        raise Refused(_("%(code)s 的面单已作废，请取出，不要交寄。") % named)
    if label.handed_over_at is not None and label.handed_over_by is not None:
        when = timezone.localtime(label.handed_over_at)
        told = {**named, "who": label.handed_over_by.person.name, "when": f"{when:%H:%M}"}
        raise Stale(_("%(code)s 已由%(who)s在 %(when)s 交寄，不用再扫。") % told)
    if label.batch_id != batch.pk:
        other = label.batch.number if label.batch else "—"
        raise Refused(_("%(code)s 不在本批次（在 %(batch)s），请放回。") % {**named, "batch": other})


@transaction.atomic
def close_batch(batch: Batch, *, missing: int, by: Actor, at: datetime) -> Batch:
    """End the hand-over. What was not scanned is named, and returns to the queue with its label.

    ``missing`` is how many the clerk was shown. Raises Stale when it is another number by now.
    """
    held = _locked_batch(batch, by)
    left = Label.objects.filter(batch=held, handed_over_at=None).order_by("tracking")
    names = list(left.values_list("tracking", flat=True))
    if len(names) != missing:
        raise Stale(_("这期间又有变化，请刷新后再交接。"))
    left.update(batch=None)
    held.closed_at, held.closed_by_id, held.missing = at, by.account, names
    ledger.append(held, "close", by=by, at=at, details={"missing": names})
    held.save(update_fields=["closed_at", "closed_by", "missing", "ledger_length", "ledger_head"])
    return held

"""What is told of a parcel: kept once, in whichever order it comes; the latest by its own time counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.licences.post.access import require_may_handle
from zerotrip.licences.post.actions.moving import arrived, locked, move, present_label, tell_applicant
from zerotrip.licences.post.couriers import COURIER, Report
from zerotrip.licences.post.models import Event, Label, Shipment
from zerotrip.licences.post.rules import require
from zerotrip.licences.post.states import TOLD, TRANSITIONS, EventKind, Source, Step
from zerotrip.parties.access import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from zerotrip.parties.access import Actor

SKEW = timedelta(minutes=5)
"""By how much a courier's clock may differ from ours."""


@dataclass(frozen=True)
class Taken:
    """What became of a courier's reports, by its own numbers of them."""

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@transaction.atomic
def take(reports: Sequence[Report], *, source: Source, at: datetime, asked: Collection[str] | None = None) -> Taken:
    """Keep what a courier told, all or nothing. What was told before changes nothing.

    Refused, and not kept, is what speaks of no parcel of ours (or, with ``asked``, of none that was
    asked for), or of a time that cannot be: to come, or before the label was made.
    """
    taken = Taken()
    numbers = {report.tracking for report in reports if asked is None or report.tracking in asked}
    found = Label.objects.filter(courier=COURIER, tracking__in=numbers).order_by("shipment__case", "pk")
    for label in found:
        mine = [report for report in reports if report.tracking == label.tracking]
        _take_of(label, sorted(mine, key=lambda report: report.at), taken, source=source, at=at)
    settled = {*taken.new, *taken.known, *taken.refused}
    taken.refused.extend(report.id for report in reports if report.id not in settled)
    return taken


def _take_of(label: Label, reports: list[Report], taken: Taken, *, source: Source, at: datetime) -> None:
    shipment = locked(label.shipment_id)
    label.refresh_from_db()
    for report in reports:
        if not label.made_at - SKEW <= report.at <= at + SKEW:
            taken.refused.append(report.id)
            continue
        event = _keep(label, report, source=source, at=at)
        (taken.known if event is None else taken.new).append(report.id)
        if event is not None:
            _follow(shipment, label, event, by=SYSTEM, at=at)


def _keep(label: Label, report: Report, *, source: Source, at: datetime) -> Event | None:
    """The event, or None if one of this number was kept before."""
    event = Event(
        label=label,
        courier=label.courier,
        key=report.id,
        kind=report.kind,
        at=report.at,
        place=report.place,
        note=report.note,
        signed_by=report.signed_by,
        source=source,
        received_at=at,
    )
    Event.objects.bulk_create([event], ignore_conflicts=True)
    return event if Event.objects.filter(pk=event.pk).exists() else None


def follow_latest(shipment: Shipment, label: Label, *, at: datetime) -> None:
    """Let what was told before the parcel was scanned count now."""
    latest = Event.objects.filter(label=label).order_by("-at", "-received_at", "-id").first()
    if latest is not None:
        _follow(shipment, label, latest, by=SYSTEM, at=at)


def _follow(shipment: Shipment, label: Label, event: Event, *, by: Actor, at: datetime) -> None:
    """Move the parcel to where the event says it is, unless something later is known already."""
    step = TOLD[EventKind(event.kind)]
    late = shipment.last_event_at is not None and event.at < shipment.last_event_at
    if label.ended_at is not None or late or shipment.status not in TRANSITIONS[step][0]:
        return
    if shipment.status == TRANSITIONS[step][1]:
        shipment.last_event_at = event.at
        shipment.save(update_fields=["last_event_at"])
        return
    told = {"tracking": label.tracking, "event": event.key, "source": event.source}
    if step is Step.DELIVER:
        _deliver(shipment, event, told, by=by, at=at)
    elif step is Step.FAIL:
        reason = event.note or _("快递没有说明原因")
        move(shipment, step, by=by, at=at, because=reason, details=told, reason=reason, last_event_at=event.at)
        tell_applicant("paper_undelivered", shipment, at=at, reason=reason.rstrip("。."), tracking=label.tracking)
    else:
        move(shipment, step, by=by, at=at, details=told, last_event_at=event.at)


def _deliver(shipment: Shipment, event: Event, told: dict[str, Any], *, by: Actor, at: datetime) -> None:
    changes: dict[str, Any] = {"last_event_at": event.at, "delivered_at": event.at, "signed_by": event.signed_by}
    move(shipment, Step.DELIVER, by=by, at=at, details=told, **changes)
    arrived(shipment, at=at)


@transaction.atomic
def record(shipment: Shipment, kind: EventKind, *, said: str, key: str, by: Actor, at: datetime) -> Shipment:
    """Write down what a courier told by telephone or on paper: delivered or not, and to whom or why.

    The same press of the button (``key``) counts once. Raises NotAllowed, Refused or Stale when this
    may not be, Invalid without a name or a reason.
    """
    held = locked(shipment.pk)
    require_may_handle(held, by)
    label = present_label(held)
    delivered = kind is EventKind.DELIVERED
    if label is not None and Event.objects.filter(courier=label.courier, key=f"hand:{key}").exists():
        return held
    require(TOLD[kind], held, by)
    said = said.strip()
    if not said:
        message = _("请填写签收人。") if delivered else _("请填写未能送达的原因。")
        raise Invalid(message, {"said": [message]})
    if label is None:
        raise AssertionError("what is with the courier has a label")
    told = Report(
        id=f"hand:{key}",
        tracking=label.tracking,
        kind=kind,
        at=at,
        note="" if delivered else said[:200],
        signed_by=said[:60] if delivered else "",
    )
    event = _keep(label, told, source=Source.HAND, at=at)
    if event is not None:
        _follow(held, label, event, by=by, at=at)
    return held


def mark_asked(numbers: Collection[str], *, at: datetime) -> None:
    """Remember that the courier is asked about these now, so that others come first the next time."""
    Label.objects.filter(courier=COURIER, tracking__in=numbers).update(asked_at=at)

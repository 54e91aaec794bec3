"""Reading deliveries, parcels and batches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q

from zerotrip.licences.post.couriers import COURIER
from zerotrip.licences.post.models import Batch, Delivery, Event, Label, Shipment
from zerotrip.licences.post.states import UNDER_WAY, Status, Way

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor

_LOOSE = Q(Exists(Label.objects.filter(shipment=OuterRef("pk"), ended_at=None, batch=None)))
"""Labelled, and in no batch: what was missing when one was closed."""
TABS: dict[str, Q] = {
    "post": Q(way=Way.POST, status=Status.WAITING) | Q(status=Status.LABELLED) & _LOOSE,
    "batched": Q(status=Status.LABELLED) & ~_LOOSE,
    "counter": Q(way=Way.COUNTER, status=Status.WAITING),
    "sent": Q(status__in=(Status.HANDED_OVER, Status.IN_TRANSIT)),
    "undelivered": Q(status=Status.UNDELIVERED),
    "done": Q(status__in=(Status.DELIVERED, Status.CANCELLED)),
}
"""The lists of the desk: what is to be posted, in a batch, to be collected, on its way, came back, over."""


def arrived_by(case: Case) -> str | None:
    """By which way the result of an issued case has arrived; None while paper is on its way."""
    shipment = Shipment.objects.filter(case=case).only("way", "status").first()
    if shipment is None or shipment.status == Status.CANCELLED:
        return Way.ELECTRONIC.value
    return shipment.way if shipment.status == Status.DELIVERED else None


def listed(actor: Actor, tab: str) -> QuerySet[Shipment]:
    """One list of the desk, oldest first; what is over, latest first."""
    found = (
        Shipment.objects.of_office(actor)
        .filter(TABS[tab])
        .select_related("case__applicant", "case__version", "case__delivery", "case__licence", "department")
        .prefetch_related(_labels(), "case__assistances")
    )
    return (
        found.order_by("-opened_at", "-pk") if tab == "done" else found.order_by("case__due_at", "opened_at", "pk")
    )


def _labels() -> Prefetch[str]:
    present = Label.objects.filter(ended_at=None).select_related("batch")
    return Prefetch("labels", present, to_attr="present")


def counts(actor: Actor) -> dict[str, int]:
    """How many are on each list, in one query; what is over is not counted."""
    wanted = {tab: Count("pk", filter=TABS[tab]) for tab in TABS if tab != "done"}
    open_ones = Shipment.objects.of_office(actor).exclude(status__in=(Status.DELIVERED, Status.CANCELLED))
    return dict(open_ones.aggregate(**wanted))


def batches(actor: Actor) -> QuerySet[Batch]:
    """The batches of one's office, latest first, with how many parcels and how many are handed over."""
    out = Count("labels", filter=Q(labels__handed_over_at__isnull=False))
    return (
        Batch.objects.visible_to(actor)
        .select_related("department", "opened_by__person")
        .annotate(parcels=Count("labels"), handed_over=out)
        .order_by("-opened_at", "-pk")
    )


def labels_of(batch: Batch) -> QuerySet[Label]:
    """The labels of a batch in order of their numbers, with what a row or a printed label shows."""
    return (
        Label.objects.filter(batch=batch)
        .select_related(
            "shipment__case__delivery", "shipment__case__version", "shipment__department", "handed_over_by__person"
        )
        .order_by("tracking")
    )


def events_of(shipment: Shipment) -> QuerySet[Event]:
    """What was told of all labels of a parcel, latest first."""
    return (
        Event.objects.filter(label__shipment=shipment)
        .select_related("label")
        .order_by("-at", "-received_at", "-pk")
    )


@dataclass(frozen=True)
class Journey:
    """How the result of a case reaches its applicant, as far as it has come."""

    delivery: Delivery | None
    shipment: Shipment | None = None
    labels: tuple[Label, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def label(self) -> Label | None:
        """The label that counts."""
        return next((label for label in self.labels if label.ended_at is None), None)

    @property
    def sent(self) -> Label | None:
        """The latest label that was handed over."""
        return next((label for label in reversed(self.labels) if label.handed_over_at), None)


def journey_of(case_id: UUID) -> Journey:
    """The delivery of a case. Who may see the case may see that; the address is for its applicant alone."""
    delivery = Delivery.objects.filter(case=case_id).first()
    if delivery is None or delivery.way == Way.ELECTRONIC:
        return Journey(delivery)
    shipment = Shipment.objects.select_related("department", "handed_out_by__person").filter(case=case_id).first()
    if shipment is None or shipment.way == Way.COUNTER:
        return Journey(delivery, shipment)
    labels = Label.objects.filter(shipment=shipment).order_by("made_at", "pk")
    return Journey(delivery, shipment, tuple(labels), tuple(events_of(shipment)))


def last_choice(actor: Actor, applicant_id: UUID) -> Delivery | None:
    """What this person chose last for this applicant, so that it need not be typed again."""
    mine = Delivery.objects.filter(
        chosen_by=actor.user_id, case__applicant=applicant_id, case__applicant__in=actor.acts_for, purged_at=None
    )
    return mine.filter(way=Way.POST).order_by("-chosen_at").first()


AT_ONCE = 50
"""Tracking numbers asked about in one request."""
MOST = 1000
"""Tracking numbers asked about in one round."""


def to_ask() -> Iterator[list[str]]:
    """The tracking numbers under way, in portions, those first that were not asked about for longest."""
    waiting = Label.objects.filter(
        courier=COURIER, ended_at=None, handed_over_at__isnull=False, shipment__status__in=UNDER_WAY
    ).order_by(F("asked_at").asc(nulls_first=True), "pk")
    numbers = iter(list(waiting.values_list("tracking", flat=True)[:MOST]))
    while portion := list(islice(numbers, AT_ONCE)):
        yield portion

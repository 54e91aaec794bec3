"""How a result is wanted, and the parcel that brings it: labels, batches, what the courier told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from zerotrip.cases.models import Case
from zerotrip.cases.models.case import mandated
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.licences.post.states import EventKind, Source, Status, Way
from zerotrip.parties.models import Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def _of_office(actor: Actor) -> Q:
    """Rows of the departments and areas of the actor's seats; supervisors see all of their area."""
    seen = Q(pk__in=[])
    for seat in actor.seats:
        within = Q(area_path__startswith=seat.area_path)
        seen |= within if seat.role == Role.SUPERVISOR else within & Q(department=seat.department_id)
    return seen


class Delivery(Chained):
    """How the applicant wants the result of one case, and for post to whom. Wiped some time after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.CASCADE, related_name="delivery")
    way = models.CharField(max_length=10, choices=Way)
    recipient = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=200, blank=True)
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(way=Way.POST, purged_at=None) & ~Q(recipient="") & ~Q(phone="") & ~Q(address="")
                | (~Q(way=Way.POST) | Q(purged_at__isnull=False)) & Q(recipient="", phone="", address=""),
                name="post_says_to_whom_and_nothing_else_does",
            ),
        ]
        indexes = [
            models.Index(fields=["chosen_by", "-chosen_at"], name="delivery_latest_of_account"),
            models.Index(fields=["chosen_at"], name="delivery_to_purge", condition=Q(way=Way.POST, purged_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.way}"

    @property
    def masked_phone(self) -> str:
        """The number as those see it who do not need it: 139****0001."""
        return f"{self.phone[:3]}****{self.phone[-4:]}" if len(self.phone) > 7 else "****" if self.phone else ""


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    """Shipments, chainable."""

    def visible_to(self, actor: Actor) -> ShipmentQuerySet:
        """Those of the cases one acts for; staff see those of their department and area."""
        return self.filter(Q(case__applicant__in=actor.acts_for) | mandated(actor, "case__") | _of_office(actor))

    def of_office(self, actor: Actor) -> ShipmentQuerySet:
        """Those of the departments and areas the actor sits in."""
        return self.filter(_of_office(actor))


class Shipment(Chained):
    """The paper of one case on its way: by post, or waiting at the counter."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="shipment")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    way = models.CharField(max_length=10, choices=[(way.value, way.label) for way in (Way.POST, Way.COUNTER)])
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    opened_at = models.DateTimeField()
    last_event_at = models.DateTimeField(
        null=True, blank=True, help_text="When what was last told of the present label happened."
    )
    reason = models.CharField(max_length=200, blank=True, help_text="Why it could not be delivered.")
    delivered_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=60, blank=True, help_text="Who took it. Wiped with the address.")
    handed_out_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=(Way.POST, Way.COUNTER)), name="shipment_is_of_paper"),
            models.CheckConstraint(
                condition=Q(way=Way.POST) | Q(status__in=(Status.WAITING, Status.DELIVERED, Status.CANCELLED)),
                name="what_waits_at_the_counter_does_not_travel",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DELIVERED, delivered_at__isnull=False)
                | ~Q(status=Status.DELIVERED) & Q(delivered_at=None, signed_by=""),
                name="delivered_shipment_says_when",
            ),
            models.CheckConstraint(
                condition=Q(way=Way.COUNTER, status=Status.DELIVERED, handed_out_by__isnull=False)
                | (~Q(way=Way.COUNTER) | ~Q(status=Status.DELIVERED)) & Q(handed_out_by=None),
                name="counter_says_who_handed_out",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.UNDELIVERED) & ~Q(reason="")
                | ~Q(status=Status.UNDELIVERED) & Q(reason=""),
                name="undelivered_shipment_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "way", "status", "opened_at"],
                name="shipment_to_do",
                condition=~Q(status__in=(Status.DELIVERED, Status.CANCELLED)),
            ),
            models.Index(fields=["department", "-opened_at"], name="shipment_of_department"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"

    @property
    def standing(self) -> str:
        """Where the paper is, in the reader's words."""
        if self.way == Way.COUNTER and self.status in (Status.WAITING, Status.DELIVERED):
            return _("待领取") if self.status == Status.WAITING else _("已领取")
        return self.get_status_display()


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches, chainable."""

    def visible_to(self, actor: Actor) -> BatchQuerySet:
        """Those of the departments and areas the actor sits in."""
        return self.filter(_of_office(actor))


class Batch(Chained):
    """Parcels that are handed over together, with a sheet that names them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    courier = models.CharField(max_length=30)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    missing = models.JSONField(default=list, help_text="Tracking numbers that were not handed over.")

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, missing=[])
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_batch_says_when_and_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["department", "-opened_at"], name="batch_of_department")]

    def __str__(self) -> str:
        return self.number


class Label(models.Model):
    """One attempt to send a parcel: its tracking number. Kept when it no longer counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="labels")
    courier = models.CharField(max_length=30)
    tracking = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="labels")
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it stopped to count.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the courier was last asked.")

    class Meta:
        ordering = ("made_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["courier", "tracking"], name="tracking_number_once_per_courier"),
            models.UniqueConstraint(
                fields=["shipment"], condition=Q(ended_at=None), name="one_label_counts_per_shipment"
            ),
            models.CheckConstraint(
                condition=Q(handed_over_at=None, handed_over_by=None)
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False, batch__isnull=False),
                name="handed_over_label_says_when_by_whom_in_which_batch",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")), name="label_ends_after_it_was_made"
            ),
        ]

    def __str__(self) -> str:
        return self.tracking


class Event(models.Model):
    """What was told of a parcel, once for each of the courier's own numbers.

    The database refuses to change or delete it, but for wiping what names people.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    label = models.ForeignKey(Label, models.PROTECT, related_name="events")
    courier = models.CharField(max_length=30)
    key = models.CharField(max_length=80, help_text="The courier's own number of the event.")
    kind = models.CharField(max_length=20, choices=EventKind)
    at = models.DateTimeField()
    place = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    signed_by = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("at", "received_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["courier", "key"], name="event_once_per_courier"),
        ]
        indexes = [models.Index(fields=["label", "at"], name="event_of_label")]

    def __str__(self) -> str:
        return f"{self.courier} {self.key}"

"""What passes a gate: vehicles with their drivers and goods, in and out; and whom no gate lets in.

The log is partitioned by the day its ids were made (UUIDv7), as the journal is by month: what is written lies
together, and a day that was purged is dropped as a whole. The id is made by the device, so that a replay changes
nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class HealthColour(models.TextChoices):
    """What a health code showed."""

    GREEN = "green", _("绿码")
    YELLOW = "yellow", _("黄码")
    RED = "red", _("红码")
    NONE = "none", _("没有出示")


class PassageQuerySet(models.QuerySet["Passage"]):
    """Passages, chainable."""

    def inside(self) -> PassageQuerySet:
        """Vehicles that were let in and have not left."""
        return self.filter(refused="", left_at=None)

    def overdue(self, at: datetime, hours: int) -> PassageQuerySet:
        """Those inside for longer than they may be."""
        return self.inside().filter(entered_at__lt=at - timedelta(hours=hours))

    def visible_to(self, actor: Actor) -> PassageQuerySet:
        """Staff see the gates of their area."""
        found = Q(pk__in=[])
        for path in {seat.area_path for seat in actor.seats}:
            found |= Q(area_path__startswith=path)
        return self.filter(found)


class Passage(models.Model):
    """A vehicle that came to a gate: let in, and out again, or refused with the reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gate = models.ForeignKey(Site, models.PROTECT, related_name="passages", db_index=False)
    area_path = models.CharField(max_length=120)
    plate = models.CharField(max_length=20, help_text="Normalised: 鲁A12345.")
    plate_odd = models.BooleanField(default=False, help_text="Not as plates are written; kept as it was read.")
    driver = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    origin = models.CharField(max_length=80)
    goods = models.SlugField(max_length=60, db_index=False)
    goods_note = models.CharField(max_length=120, blank=True)
    to = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    to_name = models.CharField(
        max_length=120, blank=True, help_text="To whom, where that is no enterprise on record."
    )
    temperature = models.DecimalField(max_digits=3, decimal_places=1)
    colour = models.CharField(max_length=8, choices=HealthColour)
    disinfected = models.BooleanField(default=False, help_text="Vehicle and outer packing, before it was let in.")
    picture = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    entered_at = models.DateTimeField(help_text="When it came; of a refused one too.")
    left_at = models.DateTimeField(null=True, blank=True)
    refused = models.CharField(max_length=200, blank=True, help_text="Why it was not let in.")
    device_at = models.DateTimeField(help_text="What the clock of the device said; it may be wrong.")
    received_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    left_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    left_id = models.UUIDField(null=True, blank=True, help_text="Made by the device for the way out.")

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ("-entered_at", "-id")
        constraints = [
            models.CheckConstraint(condition=~Q(plate=""), name="passage_has_a_plate"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at"), refused=""), name="passage_leaves_later"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, left_by=None) | Q(left_at__isnull=False, left_by__isnull=False),
                name="passage_says_who_let_it_out",
            ),
            models.CheckConstraint(
                condition=Q(temperature__gte=30, temperature__lte=45), name="temperature_is_of_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "-entered_at"], name="passage_area"),
            models.Index(fields=["plate", "-entered_at"], name="passage_plate"),
            models.Index(fields=["entered_at"], name="passage_inside", condition=Q(left_at=None, refused="")),
        ]

    def __str__(self) -> str:
        return f"{self.plate} {self.entered_at:%Y-%m-%d %H:%M}"


class BlockQuerySet(models.QuerySet["Block"]):
    """Blocks, chainable."""

    def in_force(self, at: datetime) -> BlockQuerySet:
        """Those that hold at a moment."""
        return self.filter(lifted_at=None, during__contains=at)

    def visible_to(self, actor: Actor) -> BlockQuerySet:
        """Staff see those that reach their area."""
        found = Q(pk__in=[])
        for path in {seat.area_path for seat in actor.seats}:
            codes = path.strip("/").split("/")
            around = ["/" + "/".join(codes[: count + 1]) + "/" for count in range(len(codes))]
            found |= Q(area_path__startswith=path) | Q(area_path__in=around)
        return self.filter(found)


class Block(Chained):
    """A plate, or the telephone number of a driver, that no gate of an area lets in, and why, until when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_path = models.CharField(max_length=120)
    plate = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=200)
    during = DateTimeRangeField()
    put_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    put_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ("-put_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=(Q(plate="") | Q(phone="")) & ~Q(plate="", phone=""),
                name="block_is_of_a_plate_or_a_person",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="block_has_a_reason"),
            ExclusionConstraint(
                name="blocked_once_at_a_time",
                expressions=[
                    ("area_path", RangeOperators.EQUAL),
                    ("plate", RangeOperators.EQUAL),
                    ("phone", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(lifted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.plate or self.phone

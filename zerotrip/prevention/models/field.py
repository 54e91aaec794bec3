"""Phones that go on without a network, and what each of them was given along.

Neither holds anything of people: what a phone was given is on the phone, and gone from it by ``expires_at``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import LEADING_ROLES, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class PhoneQuerySet(models.QuerySet["Phone"]):
    """Phones, chainable."""

    def visible_to(self, actor: Actor) -> PhoneQuerySet:
        """One's own; whoever leads an office, those that were given something of its area along."""
        seen = Q(user=actor.user_id) if actor.user_id else Q(pk__in=[])
        for seat in actor.seats_as(*LEADING_ROLES):
            seen |= Q(area_path__startswith=seat.area_path) & ~Q(area_path="")
        return self.filter(seen)


class Phone(Chained):
    """A browser in which somebody works in the field. Its id is made by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=120, blank=True, help_text="What the browser says it is.")
    area_path = models.CharField(max_length=120, blank=True, help_text="Of what it was last given along.")
    off = models.DurationField(help_text="How far its clock was behind ours when that was last noted.")
    met_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PhoneQuerySet.as_manager()

    class Meta:
        ordering = ("-seen_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(seen_at__gte=F("met_at")), name="phone_is_seen_after_it_is_met")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Task(models.TextChoices):
    """For what something is taken along."""

    GATE = "gate", _("卡口登记")
    REPORT = "report", _("每日要求")
    SAMPLING = "sampling", _("采样")
    DOOR = "door", _("门口查验")
    INSPECTION = "inspection", _("场所检查")
    LEAFLET = "leaflet", _("上门签收")


class TakingQuerySet(models.QuerySet["Taking"]):
    """What was taken along, chainable."""

    def visible_to(self, actor: Actor) -> TakingQuerySet:
        """As the phones they went to."""
        return self.filter(phone__in=Phone.objects.visible_to(actor).values("pk"))

    def open(self, at: datetime) -> TakingQuerySet:
        """Those still on their phones."""
        return self.filter(expires_at__gt=at, phone__revoked_at=None)


class Taking(models.Model):
    """What a phone was given along for a day: for what, of how many people, until when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone = models.ForeignKey(Phone, models.PROTECT, related_name="takings")
    tasks = models.JSONField(help_text="For what: see Task.")
    place = models.UUIDField(null=True, blank=True, help_text="The point or site whose people went along.")
    area_path = models.CharField(max_length=120, blank=True, help_text="The area whose people went along.")
    grids = models.JSONField(default=list, blank=True, help_text="Of grids alone that a plan sent to the point.")
    people = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = TakingQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="taking_expires"),
            models.CheckConstraint(condition=Q(people=0) | ~Q(area_path=""), name="taking_of_people_has_an_area"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_id} {self.at:%Y-%m-%d %H:%M}"

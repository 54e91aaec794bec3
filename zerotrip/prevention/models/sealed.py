"""Sealed areas (封控区): where people stay in, from when to when, who serves them, and what doors ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor

LONGEST_DOOR = 80


class SealedAreaQuerySet(models.QuerySet["SealedArea"]):
    """Sealed areas, chainable."""

    def in_force(self, at: datetime) -> SealedAreaQuerySet:
        """Those sealed at a moment."""
        return self.filter(during__contains=at)

    def visible_to(self, actor: Actor) -> SealedAreaQuerySet:
        """Staff see those that lie in their area."""
        seen = Q(pk__in=[])
        for path in {seat.area_path for seat in actor.seats}:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)

    def carried_by(self, actor: Actor) -> SealedAreaQuerySet:
        """Those whose runs the actor's enterprise makes."""
        return self.filter(carrier__in=actor.represents)


class SealedArea(Chained):
    """A grid, some buildings or some doors, sealed from when to when. Its end moves with a reason; it stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    level = models.SlugField(max_length=60, help_text="Of the pack: sealed, controlled, watched.")
    has_runs = models.BooleanField(help_text="Whether meals, waste and medicine are brought: the level says so.")
    area_path = models.CharField(max_length=120)
    basis = models.CharField(max_length=200, help_text="The notice or the law it rests on, with its number.")
    decided_by = models.CharField(max_length=80, help_text="Who decided: the office or command, by name.")
    during = DateTimeRangeField()
    carrier = models.ForeignKey(
        Party,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The enterprise that makes its runs.",
    )
    transfer = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", help_text="Temporary transfer point."
    )
    points = models.ManyToManyField(Site, related_name="sealed_areas", help_text="Its collection points.")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True, help_text="When it ended before its day.")
    agreed = models.PositiveIntegerField(
        default=0, help_text="The entry of its journal with which what is owed there agrees."
    )

    objects = SealedAreaQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(basis="") & ~Q(decided_by=""), name="sealed_area_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="sealed_area_begins_and_ends",
            ),
        ]
        indexes = [models.Index(fields=["area_path"], name="sealed_area_prefix", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name

    @property
    def starts_at(self) -> datetime:
        """When it was or will be closed."""
        starts: datetime = self.during.lower
        return starts

    @property
    def ends_at(self) -> datetime:
        """When it is open again, as far as is known."""
        ends: datetime = self.during.upper
        return ends

    @property
    def is_in_step(self) -> bool:
        """Whether what is owed there agrees with what was decided last."""
        return not self.has_runs or self.agreed >= self.ledger_length

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is sealed at a moment."""
        return self.starts_at <= at < self.ends_at


class SealedPlace(models.Model):
    """What of an area is sealed: all of it, a site, or a door. The same place is not sealed twice at a time."""

    sealed = models.ForeignKey(SealedArea, models.CASCADE, related_name="places")
    key = models.CharField(max_length=220, help_text="The place by itself: area, site or door.")
    area_path = models.CharField(max_length=120)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=LONGEST_DOOR, blank=True, help_text="As rosters write it.")
    during = DateTimeRangeField()

    class Meta:
        ordering = ("id",)
        constraints = [
            ExclusionConstraint(
                name="a_place_is_sealed_once_at_a_time",
                expressions=[("key", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(site=None) | Q(door=""), name="sealed_place_is_a_site_or_a_door"),
        ]

    def __str__(self) -> str:
        return self.key


class Wanted(models.TextChoices):
    """What a household in a sealed area asks for."""

    MEAL = "meal", _("餐食")
    MEDICINE = "medicine", _("药品")
    GOODS = "goods", _("生活物资")
    OTHER = "other", _("其他帮助")


class DoorRequestQuerySet(models.QuerySet["DoorRequest"]):
    """What doors ask for, chainable."""

    def open(self) -> DoorRequestQuerySet:
        """Those nobody has brought yet."""
        return self.filter(settled_at=None)

    def visible_to(self, actor: Actor) -> DoorRequestQuerySet:
        """Staff see those of their area."""
        return self.filter(sealed__in=SealedArea.objects.visible_to(actor))


class DoorRequest(models.Model):
    """A household asks for something: on the next run sheet until it was brought. Purged with the event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sealed = models.ForeignKey(SealedArea, models.PROTECT, related_name="requests")
    area_path = models.CharField(max_length=120, help_text="Down to the grid the door is in, where that is known.")
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The building the door is in, where rosters say it.",
    )
    door = models.CharField(max_length=LONGEST_DOOR)
    kind = models.CharField(max_length=10, choices=Wanted)
    what = models.CharField(max_length=200)
    persons = models.PositiveSmallIntegerField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: the household itself."
    )
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    objects = DoorRequestQuerySet.as_manager()
    where: str = ""
    """What its grid or building is called: with the rows of ``sealed.queries.asked``."""

    class Meta:
        ordering = ("door", "at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(door="") & ~Q(what=""), name="door_request_says_what"),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="settled_door_request_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["sealed", "at"], name="door_request_open", condition=Q(settled_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} {self.door}"

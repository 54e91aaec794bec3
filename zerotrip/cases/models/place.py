"""A place among the licences that are limited in number (行政许可法 art. 57)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from zerotrip.cases.models.case import Case
from zerotrip.catalogue.models import Service

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places, chainable."""

    def visible_to(self, actor: Actor) -> PlaceQuerySet:
        """Who sees the case sees which place it took."""
        return self.filter(case__in=Case.objects.visible_to(actor))

    def taken(self) -> PlaceQuerySet:
        """Those that are not free again."""
        return self.filter(given_up_at=None)


class Place(models.Model):
    """One of so many that a service grants: number 3 of 20. No two have the same, none is beyond the last."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="place")
    service = models.ForeignKey(Service, models.PROTECT, related_name="places")
    period = models.PositiveSmallIntegerField(help_text="The year of acceptance; 0: not by the year.")
    number = models.PositiveIntegerField()
    most = models.PositiveIntegerField(help_text="How many there were when it was taken.")
    taken_at = models.DateTimeField()
    given_up_at = models.DateTimeField(null=True, blank=True, help_text="When the licence ended, and made room.")

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "period", "number"], condition=Q(given_up_at=None), name="each_place_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=F("most")), name="no_place_beyond_the_last"
            ),
            models.CheckConstraint(
                condition=Q(given_up_at=None) | Q(given_up_at__gte=F("taken_at"), period=0),
                name="only_places_for_all_time_are_given_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.number}/{self.most}"

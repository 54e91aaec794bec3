"""Who came to the door of a site: whoever scanned its poster, and whom its door keeper checked.

Rows are narrow, never changed, and partitioned by the day their ids were made (UUIDv7), as the gate log is: a day
that was purged is dropped as a whole. The id is made by the device, so that a replay changes nothing. Nobody is
named: a keyed digest finds a person again who is asked for by their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.models.gates import HealthColour
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class Outcome(models.TextChoices):
    """What came of it at the door."""

    ENTERED = "entered", _("自行登记进入")
    IN = "in", _("放行")
    REGISTERED = "registered", _("登记后放行")
    AWAY = "away", _("劝返")


class TurnedAway(models.TextChoices):
    """Why somebody was not let in, or only with a note of who it was."""

    FEVER = "fever", _("体温异常")
    COLOUR = "colour", _("健康码异常")
    MASK = "mask", _("没有戴口罩")
    NO_CODE = "no_code", _("没有健康码")
    DOWN = "down", _("健康码服务不通")
    REPORT = "report", _("没有核酸报告")


class ToldBy(models.TextChoices):
    """Who told the colour of a code."""

    SERVICE = "service", _("健康码服务")
    EYE = "eye", _("当面查看")
    DOWN = "down", _("服务不通，当面查看")
    NOBODY = "nobody", _("没有查看")


class VenueScanQuerySet(models.QuerySet["VenueScan"]):
    """Scans, chainable."""

    def visible_to(self, actor: Actor) -> VenueScanQuerySet:
        """Staff see those of their area; whoever acts for an enterprise, those of its sites."""
        seen = Q(site__owner__in=actor.acts_for) if actor.acts_for else Q(pk__in=[])
        for path in {seat.area_path for seat in actor.seats}:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)

    def between(self, first: datetime, after: datetime) -> VenueScanQuerySet:
        """Those of a time."""
        return self.filter(at__gte=first, at__lt=after)

    def let_in(self) -> VenueScanQuerySet:
        """Those after which somebody was inside."""
        return self.exclude(outcome=Outcome.AWAY)


class VenueScan(models.Model):
    """Somebody at the door of a site, once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="scans", db_index=False)
    area_path = models.CharField(max_length=120)
    person = models.BinaryField(
        max_length=32, null=True, help_text="Keyed digest of who it was; None where nobody said."
    )
    outcome = models.CharField(max_length=10, choices=Outcome)
    reasons = ArrayField(models.CharField(max_length=8, choices=TurnedAway), default=list)
    colour = models.CharField(max_length=8, choices=HealthColour)
    told_by = models.CharField(max_length=8, choices=ToldBy)
    temperature = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    mask = models.BooleanField(null=True)
    at = models.DateTimeField(help_text="By the clock of the device, put right.")
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = VenueScanQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.AWAY) | Q(reasons__len__gt=0),
                name="whoever_is_turned_away_is_told_why",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ENTERED, by=None, temperature=None, mask=None, told_by=ToldBy.NOBODY)
                | ~Q(outcome=Outcome.ENTERED) & Q(by__isnull=False) & ~Q(told_by=ToldBy.NOBODY),
                name="check_at_a_door_has_a_keeper",
            ),
            models.CheckConstraint(
                condition=Q(temperature=None) | Q(temperature__gte=30, temperature__lte=45),
                name="temperature_at_a_door_is_of_a_person",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "at"], name="scan_of_site"),
            models.Index(fields=["person", "at"], name="scan_of_person", condition=Q(person__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.at:%Y-%m-%d %H:%M}"

"""What a district has declared: where, from when, which measures, and when what they hold is purged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.parties.paths import around, code_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.access import Actor


class Measure(models.TextChoices):
    """What an event brings up. What it does not bring up lies dormant."""

    SCREENING = "screening", _("核酸筛查")
    CHECKS = "checks", _("每日核查")
    VENUES = "venues", _("场所防控")
    COLD_CHAIN = "cold_chain", _("冷链追溯")
    GATES = "gates", _("卡口登记")
    POSTS = "posts", _("值班值守")
    SUPPLIES = "supplies", _("物资保障和封控区")


LONGEST_KEPT = 365
"""Days after its end after which what an event holds is purged at the latest; a district may decide on fewer.

The Personal Information Protection Law asks for the shortest time the purpose needs (《个人信息保护法》第十九条).
"""
LEAST_KEPT = 14
"""Days for which a record is kept at least while its event runs on: results, calls and swaps are open that long."""


class EventQuerySet(models.QuerySet["Event"]):
    """Events, chainable."""

    def in_force(self, on: date) -> EventQuerySet:
        """Those under way on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)

    def held(self) -> EventQuerySet:
        """Those whose records are still there."""
        return self.filter(purged_at=None)

    def over(self, on: date) -> EventQuerySet:
        """Those that ended before a day."""
        return self.filter(ends_on__lt=on)

    def reaching(self, paths: Iterable[str]) -> EventQuerySet:
        """Those of an area, of one inside it or of one around it, for any of the areas."""
        found = Q(pk__in=[])
        for path in paths:
            found |= Q(area_path__startswith=path) | Q(area_path__in=around(path))
        return self.filter(found)

    def visible_to(self, actor: Actor) -> EventQuerySet:
        """Staff see those that reach an area they work in."""
        return self.reaching({seat.area_path for seat in actor.seats})


class Event(Chained):
    """An emergency a district has declared for an area: measures come up, and go down again with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    area_path = models.CharField(max_length=120)
    measures = ArrayField(models.CharField(max_length=12, choices=Measure))
    basis = models.CharField(max_length=200, help_text="The notice or the law it rests on, with its number.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Its last day; None: not known yet.")
    keep_days = models.PositiveSmallIntegerField(
        help_text="Days after its last day until what it holds of people's health and movements is purged;"
        " and after its own day, until a record is."
    )
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", help_text="That answers for it.")
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    kept_from = models.DateField(
        null=True, blank=True, help_text="The first day whose records are still there; None: all are."
    )
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(basis=""), name="event_has_name_and_basis"),
            models.CheckConstraint(condition=Q(measures__len__gt=0), name="event_brings_something_up"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="event_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(keep_days__lte=LONGEST_KEPT), name="event_is_not_kept_longer"),
            models.CheckConstraint(
                condition=Q(purged_at=None) | Q(ends_on__isnull=False), name="purged_event_has_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="event_held", condition=Q(purged_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> str:
        """The code of its area."""
        return code_of(self.area_path)

    def is_in_force(self, on: date) -> bool:
        """Whether it is under way on a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)

    @property
    def days_kept(self) -> int:
        """Days after its own day for which a record is kept, whether or not a last day is known."""
        return max(self.keep_days, LEAST_KEPT)

    @property
    def purge_on(self) -> date | None:
        """The day from which what it holds is purged; None while no last day is known."""
        return None if self.ends_on is None else self.ends_on + timedelta(days=self.keep_days + 1)


class ExporterQuerySet(models.QuerySet["Exporter"]):
    """Exporters, chainable."""

    def in_force(self, on: date) -> ExporterQuerySet:
        """Those who may export on a day."""
        return self.filter(ended_at=None, until__gte=on)

    def visible_to(self, actor: Actor) -> ExporterQuerySet:
        """Staff see who it is in their area."""
        return self.filter(event__in=Event.objects.visible_to(actor).values("pk"))


class Exporter(models.Model):
    """Somebody who may take lists of people out of the system, named by whoever answers for the event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="exporters", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    until = models.DateField(help_text="The last day.")
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ExporterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"], condition=Q(ended_at=None), name="one_exporter_of_an_account_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.until}"

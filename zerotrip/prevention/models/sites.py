"""The places prevention looks after: what kinds there are, and each of them. They stay between events."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party

if TYPE_CHECKING:
    from datetime import date

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.sites.spec import SiteKindSpec


class Risk(models.TextChoices):
    """How much may happen at a place."""

    LOW = "low", _("低")
    MEDIUM = "medium", _("中")
    HIGH = "high", _("高")


class SiteKindQuerySet(models.QuerySet["SiteKind"]):
    """Kinds of site, chainable."""

    def visible_to(self, actor: Actor) -> SiteKindQuerySet:
        """Which kinds there are is known to all staff."""
        return self if actor.is_staff else self.none()

    def kept(self) -> SiteKindQuerySet:
        """Those a pack still declares."""
        return self.filter(withdrawn_at=None)


class SiteKind(models.Model):
    """A kind of place, as a pack declares it. What rules ask about stands in columns."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60, db_index=False)
    place = models.PositiveSmallIntegerField(help_text="In the order of the pack.")
    group = models.SlugField(max_length=60, db_index=False)
    small = models.BooleanField(help_text="One of the nine kinds of small venue (九小场所).")
    risk = models.CharField(max_length=8, choices=Risk, help_text="What a new site of the kind begins with.")
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    loaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = SiteKindQuerySet.as_manager()

    class Meta:
        ordering = ("place", "slug")

    def __str__(self) -> str:
        return self.slug

    @property
    def spec(self) -> SiteKindSpec:
        """The declaration, parsed once a process."""
        from zerotrip.prevention.sites.declared import spec_from

        return spec_from(self.digest, self.definition)


_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """A venue code nobody can guess: 16 characters of 31, 79 bits, none of which looks like another."""
    return "".join(secrets.choice(_LETTERS) for _place in range(16))


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, chainable."""

    def visible_to(self, actor: Actor) -> SiteQuerySet:
        """Staff see those of their area; whoever acts for an enterprise, its own."""
        seen = Q(owner__in=actor.acts_for) if actor.acts_for else Q(pk__in=[])
        for path in {seat.area_path for seat in actor.seats}:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)

    def open_on(self, day: date) -> SiteQuerySet:
        """Those that are there on a day."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=day), opened_on__lte=day)


class Site(Chained):
    """A place that is looked after: a shop, a dormitory, a building site, a gate, a sampling point …"""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(SiteKind, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="sites")
    area_path = models.CharField(max_length=120, help_text="Down to its grid, where that is known.")
    address = models.CharField(max_length=200, blank=True)
    risk = models.CharField(max_length=8, choices=Risk)
    contact = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    within = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    details = models.JSONField(default=dict, blank=True, help_text="Answers to the fields of its kind, by name.")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True, help_text="The first day it is not there any more.")

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area_path", "kind", "name", "address"],
                condition=Q(closed_on=None),
                name="one_open_site_of_a_kind_name_and_address",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(area_path=""), name="site_has_name_and_area"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="site_closes_after_it_opens"
            ),
            models.CheckConstraint(condition=Q(within=None) | ~Q(within=F("id")), name="site_is_not_in_itself"),
            models.CheckConstraint(condition=Q(code__regex=r"^[2-9A-HJKMNP-Z]{16}$"), name="site_has_a_venue_code"),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="site_area_prefix", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

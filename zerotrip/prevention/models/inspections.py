"""Inspections of sites: what was looked at, what was found, and by which draw whom and what it fell to.

What was found wrong is an obligation of whoever owns the site (``duties``, kind DEFECT), by a day its severity
gives; see docs/decisions/0038.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Obligation
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Found(models.TextChoices):
    """What an inspector says of an item."""

    OK = "ok", _("合格")
    DEFECT = "defect", _("不合格")
    NONE = "none", _("不适用")


class DrawQuerySet(models.QuerySet["Draw"]):
    """Draws, chainable."""

    def visible_to(self, actor: Actor) -> DrawQuerySet:
        """Staff see those of their area and those of their office, whose inspectors they are."""
        seen = Q(office__in={seat.department_id for seat in actor.seats})
        for path in {seat.area_path for seat in actor.seats}:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)


class Draw(Chained):
    """A draw of sites and of inspectors (双随机).

    The lists are frozen, and with the digest of a secret they are journalled, before the public value is known on
    which the outcome hangs as well; afterwards anybody can work it out again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    office = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    lists = models.TextField(help_text="Sites, inspectors, recusals and terms, in one canonical form.")
    lists_hash = models.CharField(max_length=64, help_text="SHA-256 of the lists.")
    source = models.CharField(max_length=200, help_text="The public value that is waited for, named beforehand.")
    known_at = models.DateTimeField(
        help_text="When that value becomes known, said beforehand: none is taken before."
    )
    secret_sealed = models.TextField(editable=False)
    secret_hash = models.CharField(max_length=64, help_text="SHA-256 of the secret, which so cannot change.")
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.CharField(max_length=400, blank=True, help_text="Why it is drawn once more.")
    value = models.CharField(max_length=200, blank=True, help_text="The public value.")
    secret = models.CharField(max_length=64, blank=True, help_text="Laid open with the outcome.")
    outcome = models.JSONField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        ordering = ("-frozen_at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(source=""), name="draw_has_name_and_source"),
            models.CheckConstraint(
                condition=Q(drawn_at=None, value="", secret="", outcome=None)
                | Q(drawn_at__isnull=False, outcome__isnull=False) & ~Q(value="") & ~Q(secret=""),
                name="draw_lays_everything_open_at_once",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None, reason="") | Q(replaces__isnull=False) & ~Q(reason=""),
                name="draw_once_more_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(known_at__gte=F("frozen_at")), name="draw_waits_for_what_is_to_come"
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None) | Q(drawn_at__gte=F("known_at")), name="draw_is_drawn_once_it_is_known"
            ),
            models.UniqueConstraint(
                fields=["office", "area_path"], condition=Q(drawn_at=None), name="one_draw_of_an_office_waits"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Inspections, chainable."""

    def visible_to(self, actor: Actor) -> InspectionQuerySet:
        """Staff see those of their area; whoever acts for the owner of the site, those that are signed by both."""
        seen = Q(site__owner__in=actor.acts_for, signed_at__isnull=False, countersigned_at__isnull=False)
        for path in {seat.area_path for seat in actor.seats}:
            seen |= Q(area_path__startswith=path)
        return self.filter(seen)

    def done(self) -> InspectionQuerySet:
        """Those both inspectors signed."""
        return self.filter(countersigned_at__isnull=False)


class Inspection(Chained):
    """One look at a site by two inspectors, item by item of a list that is kept as it was then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="inspections")
    area_path = models.CharField(max_length=120)
    office = models.ForeignKey(Party, models.PROTECT, related_name="+", help_text="That looks after what is found.")
    checklist = models.SlugField(max_length=60, db_index=False)
    items = models.JSONField(help_text="The list as it was when the inspection began.")
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, blank=True, related_name="inspections")
    others_because = models.CharField(
        max_length=400, blank=True, help_text="Why others inspect than those the draw fell to. Anybody can read it."
    )
    first = models.ForeignKey(User, models.PROTECT, related_name="+")
    second = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    countersigned_at = models.DateTimeField(null=True, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="two_inspectors_are_two"),
            models.CheckConstraint(
                condition=Q(countersigned_at=None) | Q(signed_at__isnull=False, score__isnull=False),
                name="second_inspector_signs_after_the_first",
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="score_is_of_a_hundred"),
            models.CheckConstraint(
                condition=Q(others_because="") | Q(draw__isnull=False), name="others_are_others_than_a_draw_fell_to"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="inspection_area", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.started_at:%Y-%m-%d}"


class InspectionItem(models.Model):
    """What was found of one item."""

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="findings")
    item = models.SlugField(max_length=60, db_index=False)
    found = models.CharField(max_length=8, choices=Found)
    note = models.CharField(max_length=400, blank=True)
    found_at = models.DateTimeField(
        null=True, help_text="Of two answers the later counts, whichever comes in first."
    )
    photo = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    photo_at = models.DateTimeField(null=True, help_text="The same of photographs.")
    stamped = models.ForeignKey(
        Blob,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The photograph with time and place drawn on it.",
    )
    owed = models.OneToOneField(
        Obligation, models.PROTECT, null=True, blank=True, related_name="+", help_text="What has to be put right."
    )

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["inspection", "item"], name="item_is_answered_once"),
            models.CheckConstraint(
                condition=Q(owed=None) | Q(found=Found.DEFECT), name="only_a_defect_is_to_be_put_right"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection_id} {self.item}"

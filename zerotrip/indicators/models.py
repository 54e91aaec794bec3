"""Indicators, what was reported of them, and what was aimed at. Figures are never written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.under_way import UnderWay
from zerotrip.ids import new_id
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.parties.access import Actor


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Indicators, chainable."""

    def visible_to(self, actor: Actor) -> IndicatorQuerySet:
        """Which figures are kept is known to all staff."""
        return self if actor.is_staff else self.none()

    def kept(self) -> IndicatorQuerySet:
        """Those a pack still declares."""
        return self.filter(withdrawn_at=None)


class Indicator(models.Model):
    """What is measured, as the pack declares it. Its slug never means anything else."""

    slug = models.SlugField(max_length=60, primary_key=True)
    pack = models.SlugField(max_length=60)
    place = models.PositiveSmallIntegerField(help_text="In the order of the pack.")
    digest = models.CharField(max_length=64)
    definition = models.JSONField()
    loaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ("place", "slug")

    def __str__(self) -> str:
        return self.slug

    @property
    def spec(self) -> IndicatorSpec:
        """The declaration, parsed once a process."""
        from zerotrip.indicators.queries import spec_from

        return spec_from(self.digest, self.definition)


class Door(models.TextChoices):
    """How figures came in."""

    FORM = "form", _("页面填报")
    FILE = "file", _("表格导入")


class FilingState(models.TextChoices):
    """Where a filing is: a file is looked through first, and taken when somebody says so."""

    QUEUED = "queued", _("排队检查")
    CHECKING = "checking", _("正在检查")
    CHECKED = "checked", _("已检查，待确认")
    WAITING = "waiting", _("已确认，排队入库")
    SAVING = "saving", _("正在入库")
    TAKEN = "taken", _("已入库")
    FAILED = "failed", _("没有成功")
    DROPPED = "dropped", _("已放弃")


TO_LOOK_THROUGH = (FilingState.QUEUED, FilingState.CHECKING)
TO_TAKE = (FilingState.WAITING, FilingState.SAVING)
UNDER_WAY = (*TO_LOOK_THROUGH, *TO_TAKE)
"""What the worker has, or is to have."""


class FilingQuerySet(models.QuerySet["Filing"]):
    """Filings, chainable."""

    def visible_to(self, actor: Actor) -> FilingQuerySet:
        """One's own."""
        return self.filter(account=actor.user_id, account__isnull=False)

    def under_way(self) -> FilingQuerySet:
        """Those the worker has, or is to have."""
        return self.filter(state__in=UNDER_WAY)


class Filing(UnderWay):
    """Figures or targets that came in together: by whom, when, how, and why where they replace others."""

    STATE = "state"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=4, choices=Door)
    state = models.CharField(max_length=8, choices=FilingState)
    at = models.DateTimeField()
    name = models.CharField(max_length=200, blank=True, help_text="Of the file.")
    reason = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="In which the faults of a file are told.")
    because = models.CharField(
        max_length=400, blank=True, help_text="Why a file failed, or is looked through anew."
    )
    found = models.JSONField(
        default=dict, help_text="What looking through a file found; how far it is, while it is looked through."
    )

    objects = FilingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=FilingState.FAILED) | ~Q(because=""), name="failed_filing_says_why"
            ),
            models.CheckConstraint(
                condition=Q(door=Door.FILE) | Q(state=FilingState.TAKEN), name="what_is_typed_is_taken_at_once"
            ),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="filing_of_account")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.door}"

    @property
    def percent(self) -> int:
        """How much of a file is looked through."""
        rows, total = self.found.get("rows", 0), self.found.get("total", 0)
        return min(100, rows * 100 // total) if total else 0


class FigureQuerySet(models.QuerySet["Observation"]):
    """Observations, chainable."""

    def visible_to(self, actor: Actor) -> FigureQuerySet:
        """Those of the areas in which one holds a seat: figures are for staff until the district publishes them."""
        return self.filter(inside(actor))


def inside(actor: Actor) -> Q:
    """Rows of areas in which somebody holds a seat."""
    found = Q(pk__in=[])
    for path in {seat.area_path for seat in actor.seats}:
        found |= Q(area_path__startswith=path)
    return found


class Basis(models.TextChoices):
    """At which prices a published growth is."""

    NOMINAL = "nominal", _("现价")
    COMPARABLE = "comparable", _("可比价")
    UNSTATED = "unstated", _("未说明口径")


class Observation(models.Model):
    """One figure: of an indicator, in an area and perhaps an industry, in a period; a revision of it.

    The newest revision counts; the others stay as they were. The database refuses changes.
    """

    id = models.BigAutoField(primary_key=True)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations", db_index=False)
    area_path = models.CharField(max_length=120)
    industry = models.CharField(max_length=4, blank=True, help_text="GB/T 4754; empty: all of them.")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(help_text="Of the month or quarter in its year, from 1.")
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    base = models.DecimalField(
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Last year's figure as it is comparable, where firms or areas counted have changed.",
    )
    base_note = models.CharField(max_length=200, blank=True, help_text="Why that is the base.")
    published = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="Growth in per cent as its source has it."
    )
    published_places = models.PositiveSmallIntegerField(default=0, help_text="Places after its point.")
    basis = models.CharField(max_length=10, choices=Basis, blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="Where it is not the indicator's.")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it replaces the one before.")
    filing = models.ForeignKey(Filing, models.PROTECT, related_name="observations")

    objects = FigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "number", "area_path", "industry", "revision"],
                name="figure_once_per_revision",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949, year__lte=2199, number__gte=1, number__lte=12),
                name="figure_is_of_a_period",
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | (Q(revision__gt=1) & ~Q(reason="")), name="revision_says_why"
            ),
            models.CheckConstraint(
                condition=Q(base=None, base_note="") | (Q(base__isnull=False) & ~Q(base_note="")),
                name="comparable_base_says_why",
            ),
            models.CheckConstraint(
                condition=Q(published=None, basis="") | (Q(published__isnull=False) & ~Q(basis="")),
                name="published_growth_says_at_which_prices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.area_path} {self.year}-{self.number} r{self.revision}"


class TargetQuerySet(models.QuerySet["Target"]):
    """Targets, chainable."""

    def visible_to(self, actor: Actor) -> TargetQuerySet:
        """As figures are."""
        return self.filter(inside(actor))


class Target(models.Model):
    """What an area is to reach in a year; a revision of it. The newest counts, the others stay."""

    id = models.BigAutoField(primary_key=True)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets", db_index=False)
    area_path = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    source = models.CharField(max_length=200, help_text="The plan or document it is from.")
    reason = models.CharField(max_length=300, blank=True)
    filing = models.ForeignKey(Filing, models.PROTECT, related_name="targets")

    objects = TargetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "area_path", "revision"], name="target_once_per_revision"
            ),
            models.CheckConstraint(condition=Q(year__gte=1949, year__lte=2199), name="target_is_of_a_year"),
            models.CheckConstraint(condition=~Q(source=""), name="target_says_where_from"),
            models.CheckConstraint(
                condition=Q(revision=1) | (Q(revision__gt=1) & ~Q(reason="")), name="new_target_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.area_path} {self.year}"

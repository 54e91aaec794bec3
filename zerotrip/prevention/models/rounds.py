"""Rounds of screening: what they are called, who calls the missing, where people go, and figures that are frozen.

Who owes a test and has not come is in the dues of a window (decision 35); nothing here says it a second time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.duties.models import Due, Window
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.models.events import Event
from zerotrip.prevention.models.posts import inside
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Round(models.Model):
    """A round over an area that somebody opened: the name of its window. Its key is made by whoever opens it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    window = models.OneToOneField(Window, models.PROTECT, related_name="round")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="round_has_a_name")]

    def __str__(self) -> str:
        return self.name


AFTER = timedelta(days=14)
"""After the end of a round, in which its missing are still called, and excused. Ours: no rule gives the days."""


def followed(at: datetime, window: str = "") -> Q:
    """Windows whose missing are called at a moment: not closed and under way, or of a round that ended lately.

    What a regime asks for is over with its window: who is missing then is history, and owes in the next one.
    """
    where = f"{window}__" if window else ""
    under_way, lately = {f"{where}ends__gt": at}, {f"{where}ends__gt": at - AFTER, f"{where}round__isnull": False}
    return Q(**{f"{where}closed_at": None}) & (Q(**under_way) | Q(**lately))


class CallerQuerySet(models.QuerySet["Caller"]):
    """Who calls whom, chainable."""

    def open(self) -> CallerQuerySet:
        """Those who still have somebody to call."""
        return self.filter(ended_at=None)

    def missing(self, at: datetime) -> CallerQuerySet:
        """Of those who still owe it, in windows whose missing are called at a moment."""
        owed = Due.objects.filter(
            day=OuterRef("window__day"), window=OuterRef("window"), subject=OuterRef("subject")
        )
        return self.filter(Exists(owed.filter(kept_at=None, released_at=None)), followed(at, "window"))

    def visible_to(self, actor: Actor) -> CallerQuerySet:
        """One's own; staff see those of their area."""
        return self.filter(inside(actor) | Q(caller=actor.user_id)) if actor.user_id else self.none()


class Caller(models.Model):
    """The member of staff who rings somebody missing in a round, or goes to a firm of a survey.

    Until they came, answered or are excused, or another one is named.
    """

    id = models.BigAutoField(primary_key=True)
    window = models.ForeignKey(Window, models.PROTECT, related_name="+", db_index=False)
    subject = models.UUIDField(help_text="Somebody on a roster, or a firm.")
    area_path = models.CharField(max_length=120)
    caller = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text="When they are to be called next.")
    calls = models.PositiveSmallIntegerField(default=0)
    last = models.SlugField(max_length=60, blank=True, db_index=False, help_text="What the last call ended with.")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CallerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["window", "subject"], condition=Q(ended_at=None), name="one_caller_of_a_subject_and_window"
            ),
        ]
        indexes = [
            models.Index(fields=["caller", "next_at"], name="caller_has_to_call", condition=Q(ended_at=None)),
            models.Index(fields=["subject"], name="caller_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.caller_id} {self.subject}"


class Call(models.Model):
    """A call and what it ended with. Append-only; its key is made where it is noted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.ForeignKey(Caller, models.CASCADE, related_name="log")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    outcome = models.SlugField(max_length=60, db_index=False)
    note = models.CharField(max_length=200, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    exclusion = models.UUIDField(null=True, blank=True, help_text="That was recorded upon it.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(outcome=""), name="call_has_an_outcome")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.outcome}"


class PointQuerySet(models.QuerySet["Point"]):
    """Sampling points, chainable."""

    def visible_to(self, actor: Actor) -> PointQuerySet:
        """Staff see those of their area."""
        return self.filter(inside(actor, "site__area_path"))


class Point(models.Model):
    """What a sampling point has besides what every site has: windows, a team, hours, and how long the queue is."""

    site = models.OneToOneField(Site, models.PROTECT, primary_key=True, related_name="point")
    windows = models.PositiveSmallIntegerField(default=1, help_text="Sampling windows.")
    per_hour = models.PositiveSmallIntegerField(default=100, help_text="People a window takes an hour.")
    samplers = models.PositiveSmallIntegerField(default=0)
    registrars = models.PositiveSmallIntegerField(default=0)
    keepers = models.PositiveSmallIntegerField(default=0, help_text="Who keep order.")
    queue = models.PositiveSmallIntegerField(null=True, blank=True, help_text="People waiting, as last told.")
    queue_at = models.DateTimeField(null=True, blank=True)
    queue_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    objects = PointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(windows__gte=1, windows__lte=200), name="point_has_windows"),
            models.CheckConstraint(condition=Q(per_hour__gte=1, per_hour__lte=1000), name="window_takes_people"),
            models.CheckConstraint(
                condition=Q(queue=None, queue_at=None, queue_by=None)
                | Q(queue__isnull=False, queue_at__isnull=False, queue_by__isnull=False),
                name="queue_says_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return str(self.site_id)

    @property
    def an_hour(self) -> int:
        """People it takes an hour."""
        return self.windows * self.per_hour


class Opening(models.Model):
    """When a point is open on a day of the week; on a day without one it is shut."""

    point = models.ForeignKey(Point, models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField(help_text="0: Monday.")
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ("weekday",)
        constraints = [
            models.UniqueConstraint(fields=["point", "weekday"], name="point_opens_once_a_day"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="point_closes_after_it_opens"),
            models.CheckConstraint(condition=Q(weekday__lt=7), name="point_opens_on_a_day_of_the_week"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}–{self.closes:%H:%M}"


class PointPlan(models.Model):
    """Which grid of a round goes to which point when: proposed, put right by hand, and confirmed."""

    window = models.OneToOneField(Window, models.PROTECT, primary_key=True, related_name="point_plan")
    area_path = models.CharField(max_length=120)
    opens = models.TimeField(null=True, help_text="From when a day it was planned; None: not kept then.")
    closes = models.TimeField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="confirmed_point_plan_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return str(self.window_id)


class GridSlot(models.Model):
    """A grid comes to a point from a moment to a moment, some of its doors at each step."""

    plan = models.ForeignKey(PointPlan, models.CASCADE, related_name="slots", db_index=False)
    area_path = models.CharField(max_length=120, help_text="The grid.")
    point = models.ForeignKey(Site, models.PROTECT, related_name="+")
    people = models.PositiveIntegerField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    steps = models.JSONField(
        default=list,
        blank=True,
        help_text="Of each step: when, its first and last door, how many people, who by name.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "area_path"], name="grid_comes_once_in_a_plan"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="grid_slot_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.area_path} {self.starts:%Y-%m-%d %H:%M}"


class TallyQuerySet(models.QuerySet["Tally"]):
    """Frozen figures, chainable."""

    def before(self, at: datetime) -> TallyQuerySet:
        """Those of moments before one, the latest first."""
        return self.filter(at__lt=at).order_by("-at")


class Tally(models.Model):
    """The figures of a window at a moment a pack names. They never change."""

    id = models.BigAutoField(primary_key=True)
    window = models.ForeignKey(Window, models.PROTECT, related_name="tallies", db_index=False)
    at = models.DateTimeField(help_text="The moment they are of.")
    made_at = models.DateTimeField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["window", "at"], name="one_tally_of_a_window_and_moment")]

    def __str__(self) -> str:
        return f"{self.window_id} {self.at:%Y-%m-%d %H:%M}"


class By(models.TextChoices):
    """By what figures are told apart."""

    WHOLE = "whole", _("合计")
    AREA = "area", _("按区域")
    SITE_KIND = "site_kind", _("按场所类型")
    EMPLOYER = "employer", _("按单位")


class TallyLine(models.Model):
    """One line of a tally. ``asked`` = ``kept`` + ``excused`` + ``missing``."""

    id = models.BigAutoField(primary_key=True)
    tally = models.ForeignKey(Tally, models.CASCADE, related_name="lines", db_index=False)
    by = models.CharField(max_length=10, choices=By)
    key = models.CharField(max_length=120, blank=True, help_text="The area, the kind of site, the employer.")
    asked = models.PositiveIntegerField()
    sampled = models.PositiveIntegerField(help_text="Who came at least once.")
    kept = models.PositiveIntegerField()
    excused = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    positives = models.PositiveIntegerField(null=True, help_text="None: nobody counts them.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tally", "by", "key"], name="one_line_of_a_tally"),
            models.CheckConstraint(
                condition=Q(asked=F("kept") + F("excused") + F("missing")), name="tally_line_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.key}"

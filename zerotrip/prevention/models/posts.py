"""Duty posts: where somebody stands day and night, who may stand there, and who does when."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.prevention.models.sites import Site

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

LONGEST_TURN = 12
"""Hours somebody may stand at a stretch."""
LONGEST_PLAN = 7
"""Days one plan is made for at most."""


def inside(actor: Actor, field: str = "area_path") -> Q:
    """What lies in an area the actor works in."""
    found = Q(pk__in=[])
    for path in {seat.area_path for seat in actor.seats}:
        found |= Q(**{f"{field}__startswith": path})
    return found


def new_secret() -> bytes:
    """What the codes shown at a post are made from."""
    return secrets.token_bytes(20)


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, chainable."""

    def open(self) -> PostQuerySet:
        """Those that are still manned."""
        return self.filter(closed_at=None)

    def visible_to(self, actor: Actor) -> PostQuerySet:
        """Staff see those in their area, and those they lead."""
        return self.filter(inside(actor) | Q(lead=actor.user_id)) if actor.user_id else self.none()


class Post(Chained):
    """A place somebody has to stand at, so many at each turn; a gate of the park, or a motorway exit far off."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    place = models.CharField(max_length=120, help_text="Where people go, in words.")
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="posts", help_text="The gate or place it is at."
    )
    area_path = models.CharField(max_length=120)
    outside = models.BooleanField(default=False, help_text="A deployment elsewhere: a motorway exit, a goods yard.")
    skills = ArrayField(
        models.SlugField(max_length=60), default=list, help_text="Of each, somebody on every turn has to have it."
    )
    lead = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="Who is told of gaps and absences.")
    secret = models.BinaryField(max_length=20, default=new_secret, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(place=""), name="post_has_name_and_place"),
            models.UniqueConstraint(
                fields=["area_path", "name"], condition=Q(closed_at=None), name="one_open_post_of_a_name"
            ),
        ]
        indexes = [models.Index(fields=["area_path"], name="post_area", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """A stretch of each day at a post and how many people it takes: 07:00, 8 hours, 2 people."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="turns")
    starts = models.PositiveSmallIntegerField(help_text="Hour of the day, 0 to 23.")
    hours = models.PositiveSmallIntegerField()
    people = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("starts", "id")
        constraints = [
            models.UniqueConstraint(fields=["post", "starts"], name="one_turn_begins_at_an_hour"),
            models.CheckConstraint(condition=Q(starts__lt=24), name="turn_begins_in_the_day"),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=LONGEST_TURN), name="turn_is_no_longer"),
            models.CheckConstraint(condition=Q(people__gte=1, people__lte=50), name="turn_takes_people"),
        ]

    def __str__(self) -> str:
        return f"{self.starts:02}:00–{(self.starts + self.hours) % 24:02}:00 ×{self.people}"


class WorkerKind(models.TextChoices):
    """In what quality somebody stands at a post."""

    STAFF = "staff", _("工作人员")
    PIONEER = "pioneer", _("党员先锋")
    VOLUNTEER = "volunteer", _("志愿者")


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Workers, chainable."""

    def enlisted(self) -> WorkerQuerySet:
        """Those who have not left."""
        return self.filter(left_at=None)

    def ready(self) -> WorkerQuerySet:
        """Those who may be given shifts."""
        return self.enlisted().filter(accepted_at__isnull=False)

    def visible_to(self, actor: Actor) -> WorkerQuerySet:
        """Oneself; staff see those who enlisted for their area."""
        return self.filter(inside(actor) | Q(person=actor.person_id)) if actor.person_id else self.none()


class Worker(Chained):
    """Somebody who may be given shifts: a member of staff, or whoever enlisted and was accepted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Party, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=WorkerKind)
    area_path = models.CharField(max_length=120, help_text="Where they are ready to stand.")
    phone = models.CharField(max_length=20)
    unit = models.CharField(
        max_length=80, blank=True, help_text="Where they come from: firm, school, party branch."
    )
    skills = ArrayField(models.SlugField(max_length=60), default=list)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, help_text="Monday is 0; empty: all.")
    no_nights = models.BooleanField(default=False)
    most_a_week = models.PositiveSmallIntegerField(default=5, help_text="Shifts in seven days.")
    enlisted_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)
    minutes_before = models.PositiveIntegerField(
        default=0, help_text="Credited minutes of shifts whose records were purged."
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ("person__name", "id")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(left_at=None), name="enlisted_once"),
            models.CheckConstraint(condition=Q(most_a_week__gte=1, most_a_week__lte=7), name="worker_rests"),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=list(range(7))), name="worker_knows_seven_weekdays"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="accepted_worker_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["area_path"], name="worker_area", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.person.name

    @property
    def volunteers(self) -> bool:
        """Whether what they wish binds, and their hours are credited."""
        return self.kind != WorkerKind.STAFF


class PlanStatus(models.TextChoices):
    """How far a plan is."""

    ASKED = "asked", _("正在排班")
    DRAFTED = "drafted", _("待发布")
    PUBLISHED = "published", _("已发布")
    DROPPED = "dropped", _("已作废")


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans, chainable."""

    def visible_to(self, actor: Actor) -> PlanQuerySet:
        """Staff see those of their area."""
        return self.filter(inside(actor))


class Plan(Chained):
    """Shifts of the posts of an area for some days: made by the solver, changed by hand, then published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_path = models.CharField(max_length=120)
    posts = models.ManyToManyField(Post, related_name="plans")
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(max_length=12, choices=PlanStatus, default=PlanStatus.ASKED)
    seed = models.PositiveIntegerField(default=1, help_text="The same people, posts and seed give the same plan.")
    progress = models.PositiveSmallIntegerField(default=0, help_text="Per cent.")
    proven = models.BooleanField(
        default=False, help_text="Whether it is proven that no plan leaves less uncovered."
    )
    failed = models.TextField(blank=True, help_text="Why it could not be made, in words.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-asked_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), ends_on__lt=F("starts_on") + timedelta(days=LONGEST_PLAN)),
                name="plan_has_days",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="plan_progress_is_per_cent"),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.PUBLISHED, published_at__isnull=False)
                | ~Q(status=PlanStatus.PUBLISHED) & Q(published_at=None),
                name="published_plan_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}–{self.ends_on}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Shifts, chainable."""

    def standing(self) -> ShiftQuerySet:
        """Those that were not taken away."""
        return self.filter(dropped_at=None)

    def told(self) -> ShiftQuerySet:
        """Those people were told of."""
        return self.standing().filter(published_at__isnull=False)

    def between(self, start: datetime, end: datetime) -> ShiftQuerySet:
        """Those that touch a stretch of time."""
        return self.filter(during__overlap=(start, end))

    def visible_to(self, actor: Actor) -> ShiftQuerySet:
        """One's own that were published; staff see those of their area, leads those of their post."""
        if actor.person_id is None:
            return self.none()
        own = Q(worker__person=actor.person_id, published_at__isnull=False)
        return self.filter(inside(actor) | Q(post__lead=actor.user_id) | own)


class Shift(Chained):
    """One person at one post from when to when. Nobody is at two at a time: the database sees to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="shifts")
    post = models.ForeignKey(Post, models.PROTECT, related_name="shifts")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="shifts")
    area_path = models.CharField(max_length=120)
    during = DateTimeRangeField()
    override = models.CharField(max_length=200, blank=True, help_text="Why a rule was set aside for it.")
    published_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    signed_on_at = models.DateTimeField(null=True, blank=True)
    signed_off_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the post's lead was told of an absence."
    )
    credited = models.PositiveSmallIntegerField(default=0, help_text="Minutes.")

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ("during", "id")
        constraints = [
            ExclusionConstraint(
                name="nobody_stands_at_two_posts",
                expressions=[("worker", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(dropped_at=None),
                # At the end of each statement: two who swap are changed by one.
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="shift_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at=None)
                | Q(signed_on_at__isnull=False, signed_off_at__gte=F("signed_on_at")),
                name="signed_off_after_on",
            ),
            models.CheckConstraint(
                condition=Q(credited=0) | Q(signed_off_at__isnull=False), name="credited_when_signed_off"
            ),
            models.CheckConstraint(
                condition=Q(signed_on_at=None) | Q(published_at__isnull=False), name="signed_on_to_what_was_told"
            ),
        ]
        indexes = [
            models.Index(fields=["post", "during"], name="shift_of_post", condition=Q(dropped_at=None)),
            models.Index(fields=["area_path"], name="shift_area", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.worker} {self.post} {self.during}"

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        return cast(datetime, self.during.lower)

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return cast(datetime, self.during.upper)


class SwapQuerySet(models.QuerySet["Swap"]):
    """Swaps, chainable."""

    def open(self) -> SwapQuerySet:
        """Those not settled."""
        return self.filter(settled_at=None)

    def visible_to(self, actor: Actor) -> SwapQuerySet:
        """The two it is between, and staff of the post's area."""
        if actor.person_id is None:
            return self.none()
        of_them = Q(shift__worker__person=actor.person_id) | Q(other__person=actor.person_id)
        return self.filter(inside(actor, "shift__area_path") | Q(shift__post__lead=actor.user_id) | of_them)


class Swap(models.Model):
    """Somebody asks another to take a shift, in exchange for one of theirs or for none (a stand-in)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps")
    asked_by = models.ForeignKey(Worker, models.CASCADE, related_name="+", help_text="Whose shift it was.")
    other = models.ForeignKey(Worker, models.CASCADE, related_name="+")
    returned = models.ForeignKey(
        Shift, models.CASCADE, null=True, blank=True, related_name="+", help_text="None: the other stands in."
    )
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    done = models.BooleanField(default=False)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: the rules allowed it."
    )

    objects = SwapQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["shift"], condition=Q(settled_at=None), name="one_open_swap_per_shift"),
            models.CheckConstraint(
                condition=Q(done=False) | Q(settled_at__isnull=False, agreed_at__isnull=False),
                name="done_swap_was_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} → {self.other_id}"


class Gap(models.Model):
    """A turn that is not staffed as it should be, found a day before: its lead was told. Gone when it is filled."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="gaps")
    area_path = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    missing = models.PositiveSmallIntegerField()
    skills = ArrayField(models.SlugField(max_length=60), default=list)
    flagged_at = models.DateTimeField()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [models.UniqueConstraint(fields=["post", "starts_at"], name="gap_is_flagged_once")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.starts_at}"

"""What cases add up to: facts of each case, and their sums by month. See docs/decisions/0017.

Nothing here is a source: every row follows from the rows of cases and can be made anew from them.
Times are working minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import Case
from zerotrip.parties.models import LEADING_ROLES, Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def led_rows(actor: Actor) -> Q:
    """What one answers for: supervisors their area, leaders and heads their department in their area."""
    seen = Q(pk__in=[])
    for seat in actor.seats:
        within = Q(area_path__startswith=seat.area_path)
        if seat.role == Role.SUPERVISOR:
            seen |= within
        elif seat.role in LEADING_ROLES:
            seen |= within & Q(department=seat.department_id)
    return seen


class Measures(models.Model):
    """What can be added up: of one case noughts and ones and minutes, of many their sums."""

    granted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    declined = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    lapsed = models.PositiveIntegerField(default=0)
    terminated = models.PositiveIntegerField(default=0)
    judged = models.PositiveIntegerField(default=0, help_text="Whose promise can be told kept or not.")
    on_time = models.PositiveIntegerField(default=0, help_text="Of those judged, within the promise.")
    on_time_unpaused = models.PositiveIntegerField(default=0, help_text="So too if nothing had been paused.")
    bound = models.PositiveIntegerField(default=0, help_text="Under a limit of the law.")
    lawful = models.PositiveIntegerField(default=0, help_text="Of those bound, within every limit of the law.")
    late_minutes = models.PositiveBigIntegerField(default=0, help_text="By how much promises were missed.")
    hands = models.PositiveBigIntegerField(default=0, help_text="Minutes in our hands.")
    applicant = models.PositiveBigIntegerField(default=0, help_text="Minutes in the applicant's hands.")
    paused = models.PositiveBigIntegerField(default=0, help_text="Minutes of special procedures.")
    pauses = models.PositiveIntegerField(default=0)
    extensions = models.PositiveIntegerField(default=0)
    corrections = models.PositiveIntegerField(default=0, help_text="Notices that stood.")
    again = models.PositiveIntegerField(default=0, help_text="Notices beyond the single one.")
    taken_back = models.PositiveIntegerField(default=0)
    zero_trip = models.PositiveIntegerField(default=0, help_text="Ended without a visit to a counter.")

    class Meta:
        abstract = True


MEASURES = tuple(field.name for field in Measures._meta.local_fields)
"""The names of what adds up."""


class FactsQuerySet(models.QuerySet["Facts"]):
    """Facts, chainable."""

    def visible_to(self, actor: Actor) -> FactsQuerySet:
        """Of the cases one answers for; nobody else sees numbers of a whole department."""
        return self.filter(led_rows(actor))


class Facts(Measures):
    """What one case counts as, from the day it was handed in. Measured once it is closed."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="facts")
    service = models.CharField(max_length=60)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    door = models.CharField(max_length=8)
    green = models.BooleanField(default=False)
    received_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="The end these measures were taken at.")

    objects = FactsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "facts"
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_at=None) | Q(closed_on__isnull=False, closed_at__isnull=False),
                name="closed_facts_say_when",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "service", "closed_on"], name="facts_closed"),
            models.Index(fields=["department", "service", "received_on"], name="facts_received"),
            models.Index(fields=["closed_on"], name="facts_of_days"),
            models.Index(fields=["received_on"], name="facts_received_on_days"),
            models.Index(
                fields=["department", "service", "green", "area_path"],
                name="facts_open",
                condition=Q(closed_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.service}"


class HandQuerySet(models.QuerySet["Hand"]):
    """Pieces of work done, chainable."""

    def visible_to(self, actor: Actor) -> HandQuerySet:
        """One's own, and those of whom one answers for."""
        return self.filter(Q(account=actor.user_id, account__isnull=False) | led_rows(actor))


class Hand(models.Model):
    """A piece of staff work in a case that is closed: who did it, in which time, in time or late."""

    assignment = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    service = models.CharField(max_length=60)
    stage = models.CharField(max_length=60)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    green = models.BooleanField(default=False)
    closed_on = models.DateField()
    minutes = models.PositiveIntegerField(help_text="Working minutes in which it lay with staff.")
    late = models.BooleanField(default=False)
    late_unpaused = models.BooleanField(default=False, help_text="So too, or late, if nothing had been paused.")

    objects = HandQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["department", "service", "closed_on"], name="hand_of_office"),
            models.Index(fields=["account", "closed_on"], name="hand_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"


class MarkKind(models.TextChoices):
    """What takes time out of the count, or asks the applicant again."""

    PAUSE = "pause", _("暂停计时")
    EXTENSION = "extension", _("延期")
    CORRECTION = "correction", _("补正告知")
    AGAIN = "again", _("再次补正")
    TAKEN_BACK = "taken_back", _("收回补正")


class MarkQuerySet(models.QuerySet["Mark"]):
    """Marks, chainable."""

    def visible_to(self, actor: Actor) -> MarkQuerySet:
        """One's own, and those of whom one answers for."""
        return self.filter(Q(account=actor.user_id, account__isnull=False) | led_rows(actor))


class Mark(models.Model):
    """A pause, an extension, a notice of corrections in a case that is closed: by whom, why, how long."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=MarkKind)
    what = models.CharField(max_length=16, blank=True, help_text="Of a pause, its special procedure.")
    reason = models.TextField(blank=True)
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    service = models.CharField(max_length=60)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    green = models.BooleanField(default=False)
    at = models.DateTimeField()
    closed_on = models.DateField()
    minutes = models.PositiveIntegerField(default=0)

    objects = MarkQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["department", "closed_on"], name="mark_of_office"),
            models.Index(fields=["account", "closed_on"], name="mark_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Tally(Measures):
    """The facts of a month added up: what boards are read from. Of closed cases but for ``received``."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField(help_text="Its first day.")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    service = models.CharField(max_length=60)
    door = models.CharField(max_length=8)
    green = models.BooleanField()
    received = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["month", "department", "service", "door", "green"], name="tally_once_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.service}"


class Lens(models.TextChoices):
    """What a spread is of."""

    CASE = "case", "case"
    STAGE = "stage", "stage"
    PERSON = "person", "person"


class Spread(models.Model):
    """How many took how long in a month, in steps of a quarter of an hour: medians are read from it."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    lens = models.CharField(max_length=6, choices=Lens)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    service = models.CharField(max_length=60, blank=True, help_text="Not of a person.")
    what = models.CharField(max_length=60, blank=True, help_text="A stage, or the key of an account.")
    green = models.BooleanField()
    minutes = models.PositiveIntegerField(help_text="Rounded up to a quarter of an hour.")
    count = models.PositiveIntegerField()
    late = models.PositiveIntegerField(default=0)
    late_unpaused = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lens", "month", "department", "service", "what", "green", "minutes"],
                name="spread_once_a_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.lens} {self.what}"


class Fold(models.Model):
    """How far the sums go. One row; whoever adds to them holds its lock."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    received_until = models.DateTimeField(null=True, blank=True)
    closed_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_fold")]

    def __str__(self) -> str:
        return str(self.at)

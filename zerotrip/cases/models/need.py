"""What an enterprise's need (企业诉求) has beside what every case has, and the reminders of helping with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zerotrip.cases.models.case import Case
from zerotrip.cases.models.work import Assignment
from zerotrip.files.models import Attached
from zerotrip.ids import new_id
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class NeedQuerySet(models.QuerySet["Need"]):
    """Needs, chainable."""

    def visible_to(self, actor: Actor) -> NeedQuerySet:
        """Who sees the case sees where the need came from."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class Need(models.Model):
    """A case that is a need: with which others it was raised, where it came from, how far up it went."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="need")
    request = models.UUIDField(db_index=True, help_text="Those raised in one request have the same.")
    source = models.CharField(
        max_length=40, blank=True, help_text="What it came out of, such as visit; empty: it was simply raised."
    )
    source_id = models.UUIDField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(default=0, help_text="How often the firm was not content.")

    objects = NeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source="", source_id=None) | ~Q(source="") & Q(source_id__isnull=False),
                name="source_of_a_need_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["source_id"], name="need_of_source", condition=Q(source_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class NeedFileQuerySet(models.QuerySet["NeedFile"]):
    """Files of needs, chainable."""

    def visible_to(self, actor: Actor) -> NeedFileQuerySet:
        """Who sees the need sees what was handed in with it: all of it is said between the firm and its helpers."""
        return self.filter(case__in=Case.objects.visible_to(actor))


class NeedFile(Attached):
    """A picture or paper that came with a need, with what the firm added, or with what a helper said."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="need_files", db_index=False)
    step = models.CharField(
        max_length=20, help_text="What it came with: raise, add, answer, plan, report, resolve."
    )
    assignment = models.ForeignKey(
        Assignment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The work of whoever handed it in; None: it came with the need or from the firm.",
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="As the journal has the step it came with.")

    objects = NeedFileQuerySet.as_manager()

    class Meta:
        ordering = ("at", "place", "id")
        constraints = [
            models.UniqueConstraint(fields=["case", "step", "at", "blob"], name="need_file_once_with_what_it_says"),
        ]


class Reminder(models.Model):
    """Whoever helps was reminded of a need on a day: once, however often it is looked at."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="reminders", db_index=False)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "day"], name="reminded_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.day}"

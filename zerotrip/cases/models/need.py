"""What an enterprise's need (企业诉求) has beside what every case has, and the reminders of helping with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zerotrip.cases.models.case import Case
from zerotrip.cases.models.work import Assignment
from zerotrip.ids import new_id

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

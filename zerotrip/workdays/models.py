"""The calendar as data: years, days that differ from their weekday, a stamp that tells of changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained


class Calendar(Chained):
    """The calendar of an area, or of everywhere, as what its journal is about. Changed under its lock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_path = models.CharField(max_length=120, blank=True, unique=True, help_text="Empty: everywhere.")

    def __str__(self) -> str:
        return self.area_path or "/"


class CalendarYear(models.Model):
    """A year that was loaded: from the State Council's notice, or a guess until it comes."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    official = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(year__gte=2004, year__lte=2060), name="calendar_year_in_range"),
        ]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that is not as its weekday says: everywhere, or in one area."""

    date = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=80)
    area_path = models.CharField(max_length=120, blank=True, help_text="Empty: everywhere.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "area_path"], name="calendar_day_once_per_area"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class OfficeHours(models.Model):
    """The office hours of an area, as ``[["08:30", "12:00"], …]``; an empty path is the default."""

    area_path = models.CharField(max_length=120, blank=True, unique=True)
    hours = models.JSONField()

    class Meta:
        verbose_name_plural = "office hours"

    def __str__(self) -> str:
        return self.area_path or "/"


class CalendarStamp(models.Model):
    """One row, counted up with every change, so that each process knows when to read anew."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    changes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_calendar_stamp")]

    def __str__(self) -> str:
        return str(self.changes)

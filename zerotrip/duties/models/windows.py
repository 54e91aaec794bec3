"""Standing duties: the same thing owed again and again by many at once, kept in narrow rows.

A ``Window`` is one time over which a standing requirement asks; a ``Due`` is what one person, site or
enterprise owes within it. Millions of them are written, counted and reconciled by one statement each, so a
due has neither words nor a journal: its window says what is owed, its reports say what was done.
See docs/decisions/0035.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zerotrip.duties.models.obligations import Requirement
from zerotrip.files.models import Attached, Blob
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.parties.paths import around

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor


class Subject(models.TextChoices):
    """Who or what owes a standing duty."""

    PERSON = "person", _("个人")
    SITE = "site", _("场所")
    ENTERPRISE = "enterprise", _("企业")
    SHIFT = "shift", pgettext_lazy("值守", "班次")


class WindowQuerySet(models.QuerySet["Window"]):
    """Windows, chainable."""

    def open(self) -> WindowQuerySet:
        """Those that are not closed."""
        return self.filter(closed_at=None)

    def around(self, at: datetime) -> WindowQuerySet:
        """Those under way at a moment."""
        return self.filter(starts__lte=at, ends__gt=at)

    def visible_to(self, actor: Actor) -> WindowQuerySet:
        """Staff see those that reach an area they work in; others those in which they owe something."""
        seen = Q(Exists(Due.objects.filter(window=OuterRef("pk"), day=OuterRef("day"), subject__in=actor.acts_for)))
        for seat in actor.seats:
            seen |= Q(area_path__startswith=seat.area_path) | Q(area_path__in=around(seat.area_path))
        return self.filter(seen)


class Window(models.Model):
    """One time over which a standing requirement asks for records, of everybody it is about in an area."""

    id = models.AutoField(primary_key=True)
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="windows", db_index=False)
    subject = models.CharField(max_length=10, choices=Subject)
    area_path = models.CharField(max_length=120)
    day = models.DateField(help_text="Its first day, in China: the partition its dues are in.")
    starts = models.DateTimeField()
    ends = models.DateTimeField(help_text="The first moment that is too late.")
    needs = models.PositiveSmallIntegerField(help_text="Records owed within it.")
    opened_at = models.DateTimeField()
    reconciled_at = models.DateTimeField(help_text="When its dues were last made to agree with the rosters.")
    where = models.JSONField(
        default=dict, blank=True, help_text="Criteria of those it asks alone, among whom the duty is about."
    )
    reminded = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it was settled that nobody is missing.")
    closed_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="None of one that is closed: its measure was in force no more.",
    )

    objects = WindowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "area_path", "starts"], name="window_once_per_requirement_and_area"
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="window_takes_time"),
            models.CheckConstraint(condition=Q(needs__gt=0), name="window_asks_for_something"),
            models.CheckConstraint(
                condition=Q(closed_by=None) | Q(closed_at__isnull=False), name="window_is_closed_by_whom_it_says"
            ),
        ]
        indexes = [models.Index(fields=["ends"], name="window_by_end")]

    def __str__(self) -> str:
        return f"{self.requirement_id} {self.starts:%Y-%m-%d %H:%M}"

    @property
    def is_whole(self) -> bool:
        """Whether everybody who owes is written: it is not being opened. A query, unless ``filling`` came along."""
        return not hasattr(self, "filling")


class Filling(models.Model):
    """A window that is being opened: its dues are written part by part, and this is gone once it is whole.

    Everybody who is asked is written as of the moment the window was opened.
    """

    window = models.OneToOneField(Window, models.CASCADE, primary_key=True, related_name="filling")
    people = models.PositiveIntegerField(null=True, help_text="Whom the rosters name; None: not looked yet.")
    ends = models.JSONField(default=list, help_text="The last subject of each part but the last.")
    done = models.PositiveIntegerField(default=0, help_text="Parts that are written.")

    def __str__(self) -> str:
        return str(self.window_id)

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return len(self.ends) + 1

    @property
    def percent(self) -> int:
        """Hundredths that are written."""
        return self.done * 100 // self.parts


class Why(models.TextChoices):
    """Why nothing is owed any more. Other words are those of exclusions, said by whoever keeps the roster."""

    LEFT = "left", _("不在名册")
    STRICTER = "stricter", _("按更严的要求")
    WITHDRAWN = "withdrawn", _("已撤回")


def _of(parties: Collection[UUID]) -> Q:
    return Q(subject__in=parties) | Q(window__subject=Subject.SITE, place__in=parties)


class DueQuerySet(models.QuerySet["Due"]):
    """Dues, chainable."""

    def of(self, parties: Collection[UUID]) -> DueQuerySet:
        """Those some parties owe themselves, and those of their sites."""
        return self.filter(_of(parties))

    def visible_to(self, actor: Actor) -> DueQuerySet:
        """One's own, those of whom one acts for and of their sites; staff see those of their area."""
        seen = _of(actor.acts_for)
        for seat in actor.seats:
            seen |= Q(area_path__startswith=seat.area_path)
        return self.filter(seen)

    def owed(self, at: datetime) -> DueQuerySet:
        """What was owed at a moment, done or not: it had begun to be, and was not yet released."""
        return self.filter(Q(released_at=None) | Q(released_at__gt=at), since__lte=at)

    def kept(self, at: datetime) -> DueQuerySet:
        """What had been done by a moment."""
        return self.filter(kept_at__lte=at, since__lte=at)

    def asked(self, at: datetime) -> DueQuerySet:
        """What counts as owed at a moment: all but what was released before it was done."""
        return self.filter(Q(released_at=None) | Q(released_at__gt=at) | Q(kept_at__lte=at), since__lte=at)

    def missing(self, at: datetime) -> DueQuerySet:
        """What was owed at a moment and had not been done by then."""
        return self.owed(at).filter(Q(kept_at=None) | Q(kept_at__gt=at))


class Due(models.Model):
    """What one subject owes within one window. Partitioned by the first day of the window."""

    pk = models.CompositePrimaryKey("day", "window", "subject")
    day = models.DateField()
    window = models.ForeignKey(Window, models.PROTECT, related_name="dues", db_constraint=False, db_index=False)
    subject = models.UUIDField()
    place = models.UUIDField(
        null=True, help_text="Through which a person owes it: a site or an employer; of a site, whose it is."
    )
    area_path = models.CharField(max_length=120)
    since = models.DateTimeField()
    done = models.PositiveSmallIntegerField(default=0, help_text="Records that count, up to what the window needs.")
    kept_at = models.DateTimeField(null=True, help_text="The moment of the record that made it enough.")
    released_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=12, default="", help_text="Why it was released.")

    objects = DueQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.window_id} {self.subject}"


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports, chainable."""

    def visible_to(self, actor: Actor) -> ReportQuerySet:
        """Those one filed, those of whom one acts for; staff see those of their area."""
        seen = Q(owner__in=actor.acts_for)
        if actor.user_id is not None:
            seen |= Q(by=actor.user_id)
        for seat in actor.seats:
            seen |= Q(area_path__startswith=seat.area_path)
        return self.filter(seen)


class Report(models.Model):
    """Something was done and said so: a form filled in, a log, a sign-on. Append-only; it counts for what it is of.

    Its key is made by whoever files it, where they file it: the same report sent again changes nothing.
    Partitioned by the month in which the key was made, which a UUIDv7 tells.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    duty = models.CharField(max_length=120, help_text="The standing duty by its pack and name, in every edition.")
    subject = models.UUIDField()
    owner = models.UUIDField(null=True, help_text="The party that answers for the subject.")
    area_path = models.CharField(max_length=120)
    at = models.DateTimeField(help_text="When it was done, by the clock of whoever did it, put right.")
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answers = models.JSONField(default=dict)
    position = models.JSONField(null=True, help_text="Where it was done: latitude, longitude, metres of error.")
    corrects = models.UUIDField(null=True, help_text="The report it puts right, which counts no more.")

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(corrects=F("id")), name="report_corrects_another")]
        indexes = [
            models.Index(fields=["duty", "subject", "at"], name="report_of_subject"),
            models.Index(fields=["corrects"], name="report_put_right", condition=Q(corrects__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.subject}"


MOST_WRONG = 5
"""Codes in a row that were wrong, after which none is looked at for a while."""


class WrongCodes(models.Model):
    """How many codes of receipt were wrong of late, of one place and duty."""

    duty = models.CharField(max_length=120, help_text="As reports say it.")
    subject = models.UUIDField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "subject"], name="wrong_codes_counted_once"),
            models.CheckConstraint(condition=Q(tries__lte=MOST_WRONG), name="wrong_codes_are_a_few"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.subject}"


class ReportFile(Attached):
    """A photograph or paper with a report."""

    report = models.UUIDField()
    stamped = models.ForeignKey(
        Blob,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The photograph with time and place drawn on it; the original stays.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "blob"], name="report_has_a_file_once")]

    @property
    def told(self) -> dict[str, Any]:
        """What of it is shown in lists."""
        return {"name": self.name, "blob": self.blob_id}

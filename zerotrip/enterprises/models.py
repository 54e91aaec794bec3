"""Two enterprises that turned out to be one; sheets of enterprises on their way in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.under_way import UnderWay
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class MergerQuerySet(models.QuerySet["Merger"]):
    """Mergers, chainable."""

    def standing(self) -> MergerQuerySet:
        """Those that were not undone."""
        return self.filter(undone_at=None)

    def visible_to(self, actor: Actor) -> MergerQuerySet:
        """Staff see those of their area; an enterprise's own people need not know how it was kept twice."""
        seen = Q(pk__in=[])
        for seat in actor.seats:
            seen |= Q(survivor__area_path__startswith=seat.area_path)
        return self.filter(seen)


class Merger(models.Model):
    """Two parties turned out to be one: what moved from which to which, so that exactly that can move back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    survivor = models.ForeignKey(Party, models.PROTECT, related_name="mergers")
    loser = models.ForeignKey(Party, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    moved = models.JSONField(help_text="Keys of the rows that moved, by app.Model.field.")
    stayed = models.JSONField(default=dict, help_text="Keys of those the survivor could not take, likewise.")
    ended = models.JSONField(default=list, help_text="Keys of the memberships the survivor had too.")
    merged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MergerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="a_party_is_merged_into_one_other"
            ),
            models.CheckConstraint(condition=~Q(survivor=F("loser")), name="nobody_is_merged_into_themselves"),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="undone_merger_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="merger_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.survivor_id}"


class SheetKind(models.TextChoices):
    """Which way a sheet goes."""

    IN = "in", _("导入")
    OUT = "out", _("导出")


class SheetStatus(models.TextChoices):
    """Where a sheet is."""

    QUEUED = "queued", _("排队中")
    CHECKING = "checking", _("核对中")
    CHECKED = "checked", _("已核对，等您确认")
    WAITING = "waiting", _("已确认，排队中")
    SAVING = "saving", _("写入中")
    WRITING = "writing", _("生成中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有成功")
    DROPPED = "dropped", _("已放弃")


UNDER_WAY = (
    SheetStatus.QUEUED,
    SheetStatus.CHECKING,
    SheetStatus.WAITING,
    SheetStatus.SAVING,
    SheetStatus.WRITING,
)


class SheetQuerySet(models.QuerySet["Sheet"]):
    """Sheets, chainable."""

    def visible_to(self, actor: Actor) -> SheetQuerySet:
        """One's own: a sheet holds what its owner might see and write, and nobody else's."""
        return self.filter(account=actor.user_id) if actor.user_id else self.none()

    def under_way(self) -> SheetQuerySet:
        """Those the worker has, or is to have."""
        return self.filter(status__in=UNDER_WAY)

    def over(self, at: datetime) -> SheetQuerySet:
        """Those whose files are to go."""
        return self.filter(expires_at__lte=at, purged=False)


class Sheet(UnderWay):
    """A workbook of enterprises: handed in, checked, confirmed and taken over, or written from what was found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=3, choices=SheetKind)
    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True, help_text="What the file was called.")
    sha256 = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="Who states what an incoming sheet says.")
    as_of = models.DateField(null=True, blank=True, help_text="The day what it says was so, where it gives none.")
    search = models.JSONField(default=dict, help_text="What an outgoing sheet lists: see queries.Search.")
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=SheetStatus, default=SheetStatus.QUEUED)
    because = models.CharField(max_length=400, blank=True, help_text="Why it failed.")
    rows = models.PositiveIntegerField(default=0, help_text="Rows of enterprises seen so far, or written.")
    total = models.PositiveIntegerField(default=0, help_text="All rows, once they are counted.")
    good = models.PositiveIntegerField(default=0, help_text="Rows without a fault.")
    new = models.PositiveIntegerField(default=0, help_text="Of these, enterprises not yet known.")
    faults = models.PositiveIntegerField(default=0, help_text="Faults of cells.")
    shown = models.JSONField(default=list, help_text="The first faults: row, column, heading, value, what.")
    ignored = models.JSONField(default=list, help_text="Columns that are not taken over.")
    saved = models.PositiveIntegerField(default=0, help_text="Rows gone through in taking it over.")
    made = models.PositiveIntegerField(default=0, help_text="Enterprises it brought in.")
    stated = models.PositiveIntegerField(default=0, help_text="Facts it brought in.")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="When its files go.")
    purged = models.BooleanField(default=False)

    objects = SheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=SheetKind.OUT, sha256="", source="") | Q(kind=SheetKind.IN) & ~Q(sha256=""),
                name="incoming_sheet_has_a_file",
            ),
            models.CheckConstraint(
                condition=Q(status=SheetStatus.FAILED) & ~Q(because="")
                | ~Q(status=SheetStatus.FAILED) & Q(because=""),
                name="failed_sheet_says_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(kind=SheetKind.IN), name="incoming_sheets_are_confirmed"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-asked_at"], name="sheet_of_account"),
            models.Index(fields=["expires_at"], name="sheet_to_purge", condition=Q(purged=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.status}"

    @property
    def percent(self) -> int:
        """How much of the work under way is done."""
        done = self.saved if self.status in (SheetStatus.WAITING, SheetStatus.SAVING) else self.rows
        return min(100, done * 100 // self.total) if self.total else 0

"""What members of staff keep at their desk: filters they saved, columns they chose, lists they took out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.under_way import UnderWay
from zerotrip.ids import new_id
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved filters, chainable."""

    def visible_to(self, actor: Actor) -> SavedViewQuerySet:
        """One's own."""
        return self.filter(account=actor.account)


class SavedView(models.Model):
    """A filter of the worklist under a name, as its query string."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400, blank=True)
    is_default = models.BooleanField(default=False, help_text="The worklist opens with it.")
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="saved_view_name_once_per_account"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_default=True), name="one_default_view_per_account"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """Which columns the worklist of an account shows; without a row, the usual ones."""

    account = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    columns = ArrayField(models.CharField(max_length=20))

    def __str__(self) -> str:
        return ", ".join(self.columns)


class ExportForm(models.TextChoices):
    """What kind of file a list is taken out as."""

    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel 工作簿")


class ExportStatus(models.TextChoices):
    """Where an export is."""

    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("生成中")
    DONE = "done", _("可下载")
    FAILED = "failed", _("没有成功")
    EXPIRED = "expired", _("已过期")


class ExportFault(models.TextChoices):
    """Why an export failed."""

    NONE = "", "—"
    SEAT = "seat", _("您已没有岗位，不能导出。")
    TOO_MANY = "many", _("结果太多，请加上筛选条件再导出。")
    BROKEN = "broken", _("生成时出了问题，请再试一次。")


class ExportQuerySet(models.QuerySet["Export"]):
    """Exports, chainable."""

    def visible_to(self, actor: Actor) -> ExportQuerySet:
        """One's own: a file holds what its owner might see, and nobody else's."""
        return self.filter(account=actor.account)

    def under_way(self) -> ExportQuerySet:
        """Those that are not finished."""
        return self.filter(status__in=(ExportStatus.QUEUED, ExportStatus.RUNNING))

    def over(self, at: datetime) -> ExportQuerySet:
        """Those whose file is to go."""
        return self.filter(status=ExportStatus.DONE, expires_at__lte=at)


class Export(UnderWay):
    """A found list on its way into a file, and for how long the file is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    form = models.CharField(max_length=4, choices=ExportForm)
    search = models.JSONField(help_text="What was looked for: see queries.Search.")
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.QUEUED)
    total = models.PositiveIntegerField(default=0, help_text="Rows found as the file was begun.")
    rows = models.PositiveIntegerField(default=0, help_text="Rows written so far.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    fault = models.CharField(max_length=8, choices=ExportFault, default=ExportFault.NONE, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=(ExportStatus.DONE, ExportStatus.EXPIRED), expires_at__isnull=False)
                | ~Q(status__in=(ExportStatus.DONE, ExportStatus.EXPIRED)) & Q(expires_at=None),
                name="export_that_is_done_expires",
            ),
            models.CheckConstraint(
                condition=Q(status=ExportStatus.FAILED) & ~Q(fault=ExportFault.NONE)
                | ~Q(status=ExportStatus.FAILED) & Q(fault=ExportFault.NONE),
                name="failed_export_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-asked_at"], name="export_of_account"),
            models.Index(fields=["expires_at"], name="export_to_purge", condition=Q(status=ExportStatus.DONE)),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @property
    def percent(self) -> int:
        """How much of it is written."""
        return self.rows * 100 // self.total if self.total else 0

"""What came by e-mail: each message, and each file that hung on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, Role, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class MailState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("待处理")
    PLACED = "placed", _("已归入办件")
    ANSWERED = "answered", _("已回复")
    DISMISSED = "dismissed", _("不处理")


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    """Messages, chainable."""

    def visible_to(self, actor: Actor) -> InboundMailQuerySet:
        """Those about a case of one's department and area, and those about none: for who accepts, nobody else."""
        seats = actor.seats_as(Role.CLERK)
        seen = Q(department=None) if seats else Q(pk__in=[])
        for seat in seats:
            seen |= Q(department=seat.department_id, area_path__startswith=seat.area_path)
        return self.filter(seen)


class InboundMail(models.Model):
    """One message that came in. What identifies its sender, and what it says, is wiped after a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message_id = models.CharField(max_length=250, unique=True)
    sender = models.CharField(max_length=254, blank=True)
    account = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose proven address it is."
    )
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    case = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="+")
    department = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    area_path = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=12, blank=True, help_text="Why it waits: a key of the desk's words.")
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    said = models.TextField(blank=True, help_text="The answer, or why it was dismissed.")
    received_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    purge_at = models.DateTimeField(help_text="When sender, subject, text, answer and files are wiped.")
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MailState.WAITING, settled_at=None, settled_by=None)
                | ~Q(state=MailState.WAITING) & Q(settled_at__isnull=False),
                name="settled_mail_says_when",
            ),
            models.CheckConstraint(
                condition=Q(purged_at=None) | Q(sender="", subject="", text="", said=""),
                name="purged_mail_says_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at"], name="mail_latest"),
            models.Index(fields=["purge_at"], name="mail_to_wipe", condition=Q(purged_at=None)),
        ]

    def __str__(self) -> str:
        return self.message_id


class MailFile(models.Model):
    """A file that hung on a message: kept, or refused by the judges of files and then not kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mail = models.ForeignKey(InboundMail, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is not with a material.")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=60, blank=True, help_text="The material it was placed on.")
    proposed = models.CharField(
        max_length=60, blank=True, db_default="", help_text="The owed material it seems to be, for a clerk to take."
    )

    english = ""
    """The reason in English, for what is told at once; it is not kept."""

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(blob__isnull=False) | ~Q(reason=""), name="mail_file_kept_or_says_why"
            ),
            models.CheckConstraint(condition=Q(key="") | Q(blob__isnull=False), name="placed_mail_file_was_kept"),
            models.CheckConstraint(
                condition=Q(proposed="") | Q(blob__isnull=False), name="proposed_mail_file_was_kept"
            ),
        ]

    def __str__(self) -> str:
        return self.name

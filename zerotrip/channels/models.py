"""What people are told: notices in the portal, and messages on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, chainable."""

    def visible_to(self, actor: Actor) -> NoticeQuerySet:
        """One's own, nobody else's."""
        return self.filter(user=actor.user_id) if actor.user_id else self.none()

    def unread(self) -> NoticeQuerySet:
        """Those not yet read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """Something a person is told, in the portal. The same thing is told once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False)
    key = models.CharField(max_length=120)
    template = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="told_once")]
        indexes = [models.Index(fields=["user", "-at"], name="notice_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.template}"


class Transport(models.TextChoices):
    """How a message goes out."""

    EMAIL = "email", _("电子邮件")
    SMS = "sms", _("短信")


class MessageStatus(models.TextChoices):
    """Where a message is."""

    QUEUED = "queued", _("待发送")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")


class Message(models.Model):
    """One message on one transport to one address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, blank=True, related_name="messages")
    transport = models.CharField(max_length=8, choices=Transport)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=8, choices=MessageStatus, default=MessageStatus.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    purge_at = models.DateTimeField(null=True, blank=True, help_text="When the body is wiped: codes.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "transport"], name="one_message_per_notice_and_transport"),
            models.CheckConstraint(
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | ~Q(status=MessageStatus.SENT) & Q(sent_at=None),
                name="sent_message_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["queued_at"], name="message_queued", condition=Q(status=MessageStatus.QUEUED))
        ]

    def __str__(self) -> str:
        return f"{self.transport} {self.status}"

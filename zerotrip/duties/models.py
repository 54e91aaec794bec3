"""Who owes what, by when, and what counts towards it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

_SLUGS = UUID("6f0f3e0c-5c5e-5d0a-9f57-1f6a0a9d7c11")
"""Namespace of the keys of requirements: the same requirement has the same key wherever it is declared."""


class Kind(models.TextChoices):
    """What sort of thing is owed. Whoever owns a kind says what follows when it is missed."""

    ANSWER = "answer", _("补正答复")
    MAKE_UP = "make_up", _("补交材料")
    CHECK = "check", _("事后核查")
    RECTIFY = "rectify", _("整改")
    CALL_BACK = "call_back", _("回访")
    CONFIRM = "confirm", _("确认诉求是否解决")
    MILESTONE = "milestone", _("项目节点")
    PROBLEM = "problem", _("项目问题")


class Requirement(models.Model):
    """What is required of somebody: declared once, never changed. A service version has its own."""

    id = models.UUIDField(primary_key=True, editable=False)
    slug = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.JSONField(help_text="In both languages.")
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    basis = models.JSONField(help_text="Where the limit comes from, in both languages.")
    remind = ArrayField(models.PositiveSmallIntegerField(), default=list, help_text="Working days before the end.")
    consequence = models.CharField(max_length=20, help_text="What follows when it is missed.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="requirement_gives_time")]

    def __str__(self) -> str:
        return self.slug

    @staticmethod
    def key(slug: str) -> UUID:
        """The key of the requirement of this name."""
        return uuid5(_SLUGS, slug)


class Status(models.TextChoices):
    """Where an obligation is. What was missed may still be kept, late."""

    OPEN = "open", _("待履行")
    HANDED_IN = "handed_in", _("待核对")
    KEPT = "kept", _("已履行")
    DROPPED = "dropped", _("不再需要")


class ObligationQuerySet(models.QuerySet["Obligation"]):
    """Obligations, chainable."""

    def visible_to(self, actor: Actor) -> ObligationQuerySet:
        """One's own and those of whom one acts for; staff those their department watches in their area."""
        seen = Q(owner__in=actor.acts_for)
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            seen |= within if seat.role == "supervisor" else within & Q(watcher=seat.department_id)
        return self.filter(seen)

    def due(self) -> ObligationQuerySet:
        """Those that wait for whoever owes them."""
        return self.filter(status=Status.OPEN)


class Obligation(models.Model):
    """One party owes one thing about one subject, by a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="obligations", db_index=False)
    kind = models.CharField(
        max_length=12, choices=Kind, help_text="As the requirement's, so that lists need no join."
    )
    subject = models.UUIDField(help_text="What it is about: the key of a case.")
    key = models.CharField(max_length=80, help_text="Which of its kind: a material, a round, a date.")
    owner = models.ForeignKey(Party, models.PROTECT, related_name="obligations")
    watcher = models.ForeignKey(
        Party, models.PROTECT, related_name="+", help_text="The department that looks after it."
    )
    area_path = models.CharField(max_length=120)
    words = models.JSONField(help_text="What is owed, in both languages.")
    context = models.JSONField(default=dict, help_text="What notices about it say.")
    link = models.CharField(max_length=200, blank=True, help_text="Where whoever owes it does it.")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When to remind next.")
    reminded = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    missed_at = models.DateTimeField(null=True, blank=True, help_text="When its consequence was drawn.")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = ("opened_at", "key")
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "subject", "key"],
                condition=~Q(status=Status.DROPPED),
                name="owed_once",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="obligation_gives_time"),
            models.CheckConstraint(
                condition=Q(status__in=(Status.KEPT, Status.DROPPED), ended_at__isnull=False)
                | Q(status__in=(Status.OPEN, Status.HANDED_IN), ended_at=None),
                name="ended_obligation_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="obligation_of_subject"),
            models.Index(fields=["owner", "due_at"], name="obligation_of_owner", condition=Q(status=Status.OPEN)),
            models.Index(
                fields=["due_at"], name="obligation_overdue", condition=Q(status=Status.OPEN, missed_at=None)
            ),
            models.Index(fields=["remind_at"], name="obligation_remind", condition=Q(status=Status.OPEN)),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.key}"


class Record(models.Model):
    """A fact that counts towards an obligation. Append-only; its key is made by whoever files it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="records")
    what = models.CharField(max_length=20, help_text="handed_in, kept, returned, missed, dropped")
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.what}"

"""Who owes what, by when, and what counts towards it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.files.models import Attached
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, User
from zerotrip.questions.words import Words
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from datetime import datetime

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
    DIRECTIVE = "directive", _("交办")
    TASK = "task", _("任务")
    VISIT = "visit", _("走访")
    REPORT = "report", _("填报")
    RECEIPT = "receipt", _("签收")
    WARNING = "warning", _("预警")
    STANDING = "standing", _("常态要求")
    DEFECT = "defect", _("场所整改")


ORDERED = (Kind.TASK, Kind.VISIT, Kind.REPORT, Kind.RECEIPT, Kind.WARNING)
"""What an office asks for by an order of its own, or a pack declares, and not a step of a case or a project."""


class RequirementQuerySet(models.QuerySet["Requirement"]):
    """Requirements, chainable."""

    def visible_to(self, actor: Actor) -> RequirementQuerySet:
        """Orders of one's office in one's area, and those somebody one answers for owes something under.

        Supervisors see all of their area.
        """
        seen = Q(pk__in=[])
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            seen |= within if seat.role == "supervisor" else within & Q(issuer=seat.department_id)
        owed = Obligation.objects.visible_to(actor)
        seen |= Exists(owed.filter(requirement=OuterRef("pk"))) | Exists(owed.filter(subject=OuterRef("pk")))
        return self.filter(seen, issuer__isnull=False)

    def open(self) -> RequirementQuerySet:
        """Those under which something may still be owed."""
        return self.filter(closed_at=None)


class Requirement(Chained):
    """What is required of somebody. What it asks never changes; a service version has its own.

    An **order** has an issuer: an office asks it of others by hand, by a day set for each. A directive is an
    order of several parts, each asking its own of its own people. What a pack declares, such as the form of
    a visit, has a pack.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    slug = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.JSONField(help_text="In both languages.")
    amount = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, help_text="None: a day is set for each."
    )
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit], blank=True)
    basis = models.JSONField(default=dict, help_text="Where the limit comes from, in both languages.")
    remind = ArrayField(models.PositiveSmallIntegerField(), default=list, help_text="Working days before the end.")
    consequence = models.CharField(max_length=20, help_text="What follows when it is missed.")
    text = models.TextField(blank=True, help_text="What is asked, in full.")
    source = models.CharField(max_length=160, blank=True, help_text="The document or the meeting it comes from.")
    form = models.JSONField(null=True, blank=True, help_text="Sections an answer fills in. None: its word is all.")
    checked = models.BooleanField(default=False, help_text="An answer counts once the issuer has looked at it.")
    population = models.JSONField(default=dict, help_text="How those it is about were found: for the record.")
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    pack = models.SlugField(max_length=60, blank=True, db_index=False)
    declared = models.JSONField(null=True, blank=True, help_text="As the pack says it.")
    issuer = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    area_path = models.CharField(max_length=120, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    issued_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=None, unit="") | Q(amount__gt=0, amount__isnull=False) & ~Q(unit=""),
                name="requirement_gives_time",
            ),
            models.CheckConstraint(
                condition=Q(issuer=None, issued_at=None, issued_by=None, area_path="")
                | Q(issuer__isnull=False, issued_at__isnull=False, issued_by__isnull=False) & ~Q(area_path=""),
                name="order_says_who_issued_it",
            ),
            models.CheckConstraint(
                condition=Q(part_of=None) | Q(issuer__isnull=False) & ~Q(part_of=F("id")),
                name="part_of_an_order_is_an_order",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.DIRECTIVE) | Q(part_of=None, issuer__isnull=False, form=None),
                name="directive_stands_above_its_parts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["issuer", "-issued_at"], name="order_of_office", condition=Q(issuer__isnull=False)
            ),
            models.Index(fields=["pack", "kind"], name="requirement_of_pack", condition=~Q(pack="")),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return str(Words.model_validate(self.name))

    @property
    def office(self) -> UUID:
        """The office that issued an order."""
        if self.issuer_id is None:
            raise AssertionError("only orders have an issuer")
        return self.issuer_id

    @property
    def issued(self) -> datetime:
        """When an order was issued."""
        if self.issued_at is None:
            raise AssertionError("only orders are issued")
        return self.issued_at

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
        """One's own and those of whom one acts for; staff those their department owes or watches in their area,
        and what came of those it passed on."""
        seen = Q(owner__in=actor.acts_for)
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            office = Q(owner=seat.department_id) | Q(watcher=seat.department_id)
            seen |= within if seat.role == "supervisor" else within & office
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
    subject = models.UUIDField(help_text="What it belongs to: the key of a case, a project, a directive.")
    key = models.CharField(max_length=80, help_text="Which of its kind: a material, a round, a date, who owes it.")
    about = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", help_text="The enterprise visited."
    )
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", help_text="What was passed on."
    )
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
            models.CheckConstraint(condition=~Q(part_of=F("id")), name="nothing_is_passed_on_to_itself"),
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

    @property
    def title(self) -> str:
        """What is owed, in the reader's language."""
        return str(Words.model_validate(self.words))

    def is_late(self, at: datetime) -> bool:
        """Whether it waits for whoever owes it and its time is over."""
        return self.status == Status.OPEN and self.due_at < at


class Record(models.Model):
    """A fact that counts towards an obligation. Append-only; its key is made by whoever files it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="records")
    what = models.CharField(
        max_length=20,
        help_text="handed_in, kept, returned, missed, dropped, moved, passed_on, urged, tried",
    )
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.what}"

    @property
    def answers(self) -> dict[str, Any]:
        """What was filled in."""
        return dict(self.details.get("answers", {}))


class RecordFileQuerySet(models.QuerySet["RecordFile"]):
    """Files of records, chainable."""

    def visible_to(self, actor: Actor) -> RecordFileQuerySet:
        """Who sees what is owed sees what was handed in for it."""
        return self.filter(record__obligation__in=Obligation.objects.visible_to(actor))


class RecordFile(Attached):
    """A picture or paper that came with a record: of a visit, with an answer. Append-only as the record is."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="files", db_index=False)

    objects = RecordFileQuerySet.as_manager()

    class Meta:
        ordering = ("record__at", "place", "id")
        constraints = [
            models.UniqueConstraint(fields=["record", "blob"], name="record_has_a_file_once"),
        ]

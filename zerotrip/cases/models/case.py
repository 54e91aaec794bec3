"""The case itself, and what the applicant says in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Upper
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.catalogue.queries import spec_for
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.pairs import Pairs
from zerotrip.parties.models import MandateKind, Party, Role, User

if TYPE_CHECKING:
    from zerotrip.cases.models.doors import Assistance
    from zerotrip.cases.proofs import Proof
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.parties.access import Actor


class Door(models.TextChoices):
    """How a case came in, and each round of it. More doors, such as a kiosk, are more lines here."""

    PORTAL = "portal", _("网上申报")
    DESK = "desk", _("窗口收件")
    PHONE = "phone", _("电话代填")
    MAIL = "mail", _("电子邮件")


class Mode(models.TextChoices):
    """What a review is worth."""

    FORMAL = "formal", _("正式办理")
    PRE_REVIEW = "pre_review", _("容缺预审")
    SIMULATED = "simulated", _("模拟审批")


class Priority(models.IntegerChoices):
    """Which cases come first."""

    GREEN = 0, _("绿色通道")
    NORMAL = 1, _("普通")


NUMBER = re.compile(r"[A-Za-z]+-\d{4}-\d+")
"""A case number, as it is printed everywhere."""
GREEN_FIRST = Choose(When(closed_at=None, priority=Priority.GREEN, then=Value(0)), default=Value(1))
"""Cases of the green channel come first while they are open. Written as its index has it."""


def mandated(actor: Actor, case: str = "", *, kind: str = "") -> Q:
    """The cases that mandates of ``actor`` are about; ``case`` leads to the case, as ``submission__case__``."""
    seen = Q(pk__in=[])
    for power in actor.powers:
        if kind and power.kind != kind:
            continue
        about = (
            Q(**{f"{case}pk": power.case_id})
            if power.case_id
            else Q(**{f"{case}version__service__in": sorted(power.services)})
        )
        seen |= Q(**{f"{case}applicant": power.principal_id}) & about
    return seen


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, chainable."""

    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """What ``actor`` may see.

        Applicants see the cases of those they act for, agents those their mandates are about, while
        they last. Staff see submitted cases in which their
        department has, or had, a stage within their area. Supervisors see every submitted case
        of their area.
        """
        from zerotrip.cases.models.work import DESK_ROLES

        seen = Q(applicant__in=actor.acts_for) | mandated(actor)
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                seen |= Q(submitted_at__isnull=False, area_path__startswith=seat.area_path)
            elif seat.role in DESK_ROLES:
                seen |= Q(departments__contains=[seat.department_id], area_path__startswith=seat.area_path)
        return self.filter(seen)

    def applied_by(self, actor: Actor) -> CaseQuerySet:
        """The cases of those ``actor`` acts for, or files for under a mandate: "my cases"."""
        return self.filter(Q(applicant__in=actor.acts_for) | mandated(actor, kind=MandateKind.DELEGATED))


class Case(Chained):
    """One application. Its status moves only through the steps of ``actions``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True)
    version = models.ForeignKey(ServiceVersion, models.PROTECT, related_name="cases", db_index=False)
    applicant = models.ForeignKey(Party, models.PROTECT, related_name="cases", db_index=False)
    # Nobody looks for cases by these two alone, and every step would write such an index.
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    departments = ArrayField(
        models.UUIDField(),
        default=list,
        db_default=[],
        help_text="Those that have, or had, a stage in it: as its assignments say, so that lists need no join.",
    )
    area_path = models.CharField(max_length=120)
    door = models.CharField(max_length=8, choices=Door, default=Door.PORTAL)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.FORMAL)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    contact = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The named person of the green channel, who looks after the case to its end.",
    )
    subject = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    result = models.CharField(max_length=12, choices=Result, default=Result.NONE, blank=True)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the running clock ends.")
    suspended = models.BooleanField(default=False, help_text="A special procedure is under way.")
    variant = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Which variant of the service its answers make it.",
    )
    left_out = ArrayField(
        models.CharField(max_length=60),
        default=list,
        db_default=[],
        help_text="The stages its answers leave out.",
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | ~Q(status=Status.CLOSED) & Q(closed_at=None),
                name="closed_case_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(Status.GRANTED, Status.ISSUED, Status.CLOSED)) & Q(result=Result.NONE)
                | Q(status__in=(Status.GRANTED, Status.ISSUED), result=Result.GRANTED)
                | Q(status=Status.CLOSED) & ~Q(result=Result.NONE),
                name="case_result_fits_its_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(Status.DRAFT, Status.CLOSED)) | Q(submitted_at__isnull=False),
                name="case_under_way_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(Status.REVIEWING, Status.DECIDING, Status.GRANTED, Status.ISSUED))
                | ~Q(mode=Mode.FORMAL)
                | Q(accepted_at__isnull=False),
                name="case_under_review_was_accepted",
            ),
            models.CheckConstraint(
                condition=Q(mode=Mode.FORMAL)
                | ~Q(status__in=(Status.GRANTED, Status.ISSUED)) & Q(accepted_at=None),
                name="rehearsal_is_no_decision",
            ),
            models.CheckConstraint(
                condition=Q(priority=Priority.GREEN, contact__isnull=False)
                | ~Q(priority=Priority.GREEN) & Q(contact=None),
                name="green_channel_has_a_named_person",
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "-opened_at"], name="case_of_applicant"),
            GinIndex(Pairs(Upper("subject")), name="case_subject_pairs"),
            GinIndex(fields=["departments"], name="case_of_departments"),
            models.Index(
                GREEN_FIRST,
                F("submitted_at").desc(),
                F("id").desc(),
                name="case_green_first_then_latest",
                condition=Q(submitted_at__isnull=False),
            ),
            *(
                models.Index(
                    F(first),
                    GREEN_FIRST,
                    F("submitted_at").desc(),
                    F("id").desc(),
                    name=f"case_latest_of_{first}",
                    condition=Q(submitted_at__isnull=False),
                )
                for first in ("status", "version")
            ),
            models.Index(
                GREEN_FIRST,
                F("submitted_at").desc(),
                F("id").desc(),
                name="case_latest_green",
                condition=Q(priority=Priority.GREEN, submitted_at__isnull=False),
            ),
            models.Index(
                fields=["contact"], name="case_of_contact", condition=Q(contact__isnull=False, closed_at=None)
            ),
            models.Index(fields=["closed_at"], name="case_closed", condition=Q(closed_at__isnull=False)),
            models.Index(
                fields=["department", "version", "due_at"],
                name="case_overdue",
                include=["contact", "area_path"],  # all that boards count it by
                condition=Q(closed_at=None, due_at__isnull=False),
            ),
            models.Index(
                fields=["area_path", "status"],
                name="case_area_prefix",
                opclasses=["text_pattern_ops", "text_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.number

    proofs: Sequence[Proof] | None = None
    """What stands in for its materials, where it was read with the rest; see ``cases.proofs``."""

    @cached_property
    def helpers(self) -> list[Assistance]:
        """Who typed in it under a mandate. Steps and pages read it with the rest; else one query."""
        return list(self.assistances.all())

    @property
    def spec(self) -> ServiceSpec:
        """The service as it is for this application: of its version, its variant, without what is left out."""
        return spec_for(self.version_id, self.variant, frozenset(self.left_out))


class Submission(models.Model):
    """One round of what the applicant says: the draft while unsubmitted, frozen by the database after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="submissions", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    answers = models.JSONField(default=dict)
    committed = models.BooleanField(default=False, help_text="By notification and commitment.")
    owed = models.JSONField(default=dict, help_text="Material → what stands in for it: image or commitment.")
    edit = models.PositiveIntegerField(default=0, help_text="Counts saves; a save names the one it saw.")
    window = models.CharField(max_length=36, blank=True, help_text="The page that saved last.")
    door = models.CharField(
        max_length=8, choices=Door, default=Door.PORTAL, db_default=Door.PORTAL, help_text="Where it was handed in."
    )
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="submission_round_once_per_case"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(submitted_at=None), name="one_open_submission_per_case"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="submission_says_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} round {self.round}"


class MaterialQuerySet(models.QuerySet["Material"]):
    """Materials, chainable."""

    def visible_to(self, actor: Actor) -> MaterialQuerySet:
        """The applicant's side sees all; staff what was submitted and a stage of theirs looks at,
        supervisors everything submitted in their area."""
        from zerotrip.cases.models.work import DESK_ROLES, Assignment

        mine = Q(submission__case__applicant__in=actor.acts_for) | mandated(actor, "submission__case__")
        shown: Any = Q(pk__in=[])
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                shown |= Q(submission__case__area_path__startswith=seat.area_path)
            elif seat.role in DESK_ROLES:
                work = Assignment.objects.filter(
                    Q(materials=[]) | Q(materials__contains=[OuterRef("key")]),
                    case=OuterRef("submission__case"),
                    department=seat.department_id,
                    area_path__startswith=seat.area_path,
                )
                shown |= Exists(work)
        return self.filter(mine | Q(submission__submitted_at__isnull=False) & shown)


class Material(models.Model):
    """A file the applicant supplied for one of the service's materials, in one round."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="materials", db_index=False)
    key = models.CharField(max_length=60)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ("key", "added_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["submission", "key", "blob"], name="material_once_per_round"),
        ]

    def __str__(self) -> str:
        return self.name


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections, chainable."""

    def open(self) -> CorrectionQuerySet:
        """Those that wait for the applicant."""
        return self.filter(answered_at=None, taken_back_at=None, lapsed_at=None, dropped_at=None)


class Correction(models.Model):
    """The single notice of corrections: everything missing or wrong, named once, place by place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="corrections")
    round = models.PositiveSmallIntegerField(help_text="The submission it speaks of.")
    items = models.JSONField(help_text="[{place, message}]; a place is a field path or material:<key>.")
    note = models.TextField(blank=True)
    again_because = models.TextField(blank=True, help_text="Why this was not in an earlier notice.")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lapsed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(
        null=True, blank=True, help_text="When the application was withdrawn, and nobody waited for an answer."
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(answered_at=None, taken_back_at=None),
                name="one_open_correction_per_case",
            ),
            models.UniqueConstraint(
                fields=["case", "round"], condition=Q(taken_back_at=None), name="one_correction_per_round"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False, answered_at=None),
                name="correction_taken_back_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at=None) | Q(answered_at=None), name="correction_lapsed_or_answered"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(answered_at=None, taken_back_at=None, lapsed_at=None),
                name="correction_dropped_unanswered",
            ),
            models.CheckConstraint(condition=~Q(items=[]), name="correction_names_something"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} round {self.round}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for the applicant."""
        return not (self.answered_at or self.taken_back_at or self.lapsed_at or self.dropped_at)

    @property
    def places(self) -> dict[str, str]:
        """What is to be corrected: place → message."""
        return {item["place"]: item["message"] for item in self.items}

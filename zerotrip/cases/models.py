"""Cases: applications on their way through a service version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.states import Result, Status
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.catalogue.spec import StageKind
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, Role, User
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

STAGE_ROLES: dict[StageKind, Role] = {
    StageKind.INTAKE: Role.CLERK,
    StageKind.REVIEW: Role.REVIEWER,
    StageKind.DECISION: Role.LEADER,
}
"""Who does the work of a stage."""


class Door(models.TextChoices):
    """How a case came in."""

    PORTAL = "portal", _("网上申报")
    DESK = "desk", _("窗口收件")


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, chainable."""

    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """What ``actor`` may see.

        Applicants see the cases of those they act for. Staff see submitted cases in which their
        department has, or had, a stage within their area. Supervisors see every submitted case
        of their area.
        """
        seen = Q(applicant__in=actor.acts_for)
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                seen |= Q(submitted_at__isnull=False, area_path__startswith=seat.area_path)
            elif seat.role in STAGE_ROLES.values():
                seen |= Q(
                    Exists(
                        Assignment.objects.filter(
                            case=OuterRef("pk"),
                            department=seat.department_id,
                            area_path__startswith=seat.area_path,
                            # Always so. Asked, it keeps PostgreSQL from hashing all work there ever
                            # was: it looks up the work of each case it shows.
                            opened_at__gte=OuterRef("opened_at"),
                        )
                    )
                )
        return self.filter(seen)

    def applied_by(self, actor: Actor) -> CaseQuerySet:
        """The cases of those ``actor`` acts for: "my cases"."""
        return self.filter(applicant__in=actor.acts_for)


class Case(Chained):
    """One application. Its status moves only through the steps of ``actions``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True)
    version = models.ForeignKey(ServiceVersion, models.PROTECT, related_name="cases")
    applicant = models.ForeignKey(Party, models.PROTECT, related_name="cases")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    door = models.CharField(max_length=8, choices=Door, default=Door.PORTAL)
    subject = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    result = models.CharField(max_length=12, choices=Result, default=Result.NONE, blank=True)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the running clock ends.")

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
                | Q(accepted_at__isnull=False),
                name="case_under_review_was_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "-opened_at"], name="case_of_applicant"),
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="case_subject_part"),
            models.Index(
                fields=["-submitted_at", "-id"],
                name="case_latest_submitted",
                condition=Q(submitted_at__isnull=False),
            ),
            models.Index(
                fields=["area_path", "status"],
                name="case_area_prefix",
                opclasses=["text_pattern_ops", "text_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Submission(models.Model):
    """One round of what the applicant says: the draft while unsubmitted, frozen by the database after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="submissions")
    round = models.PositiveSmallIntegerField(default=1)
    answers = models.JSONField(default=dict)
    edit = models.PositiveIntegerField(default=0, help_text="Counts saves; a save names the one it saw.")
    window = models.CharField(max_length=36, blank=True, help_text="The page that saved last.")
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
        """Those of visible cases; what is not yet submitted only to the applicant's side."""
        mine = Q(submission__case__applicant__in=actor.acts_for)
        submitted = Q(submission__submitted_at__isnull=False)
        cases = Case.objects.visible_to(actor).values("pk")
        return self.filter(mine | submitted & Q(submission__case__in=cases))


class Material(models.Model):
    """A file the applicant supplied for one of the service's materials, in one round."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="materials")
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


class Correction(models.Model):
    """The single notice of corrections: everything missing or wrong, named once, place by place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="corrections")
    round = models.PositiveSmallIntegerField(help_text="The submission it speaks of.")
    items = models.JSONField(help_text="[{place, message}]; a place is a field path or material:<key>.")
    note = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at=None), name="one_open_correction_per_case"
            ),
            models.UniqueConstraint(fields=["case", "round"], name="one_correction_per_round"),
            models.CheckConstraint(condition=~Q(items=[]), name="correction_names_something"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} round {self.round}"

    @property
    def places(self) -> dict[str, str]:
        """What is to be corrected: place → message."""
        return {item["place"]: item["message"] for item in self.items}


class AssignmentStatus(models.TextChoices):
    """Where a unit of staff work is."""

    OPEN = "open", _("待办")
    DONE = "done", _("已办")
    CANCELLED = "cancelled", _("已取消")


class Verdict(models.TextChoices):
    """What came of a unit of staff work."""

    NONE = "", "—"
    PASS = "pass", _("通过")
    FAIL = "fail", _("不通过")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments, chainable."""

    def visible_to(self, actor: Actor) -> AssignmentQuerySet:
        """The work of one's department and area; supervisors see all work of their area."""
        seen = Q(pk__in=[])
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                seen |= Q(area_path__startswith=seat.area_path)
            elif seat.role in STAGE_ROLES.values():
                seen |= Q(department=seat.department_id, area_path__startswith=seat.area_path)
        return self.filter(seen)

    def for_hands_of(self, actor: Actor) -> AssignmentQuerySet:
        """The open work this actor may do: the worklist."""
        mine = Q(pk__in=[])
        for seat in actor.seats:
            kinds = [kind for kind, role in STAGE_ROLES.items() if role == seat.role]
            if kinds:
                mine |= Q(department=seat.department_id, kind__in=kinds, area_path__startswith=seat.area_path)
        # Whoever applies, or acts for the applicant, keeps out of the decision.
        own = Case.objects.applied_by(actor).values("pk")
        return self.filter(mine, status=AssignmentStatus.OPEN).exclude(case__in=own)


class Assignment(models.Model):
    """One unit of staff work on a case: a stage of a department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="assignments")
    stage = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in StageKind])
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=AssignmentStatus, default=AssignmentStatus.OPEN)
    waiting = models.BooleanField(default=False, help_text="For the applicant: nothing for staff to do now.")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=6, choices=Verdict, default=Verdict.NONE, blank=True)
    opinion = models.TextField(blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=~Q(status=AssignmentStatus.CANCELLED),
                name="one_assignment_per_stage",
            ),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.DONE, done_by__isnull=False, done_at__isnull=False)
                & ~Q(verdict=Verdict.NONE)
                | ~Q(status=AssignmentStatus.DONE) & Q(done_by=None, done_at=None, verdict=Verdict.NONE),
                name="done_assignment_says_who_when_and_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "kind", "due_at"],
                name="assignment_worklist",
                condition=Q(status=AssignmentStatus.OPEN),
            ),
            models.Index(fields=["case"], name="assignment_of_case"),
            models.Index(
                fields=["done_by", "-done_at"],
                name="assignment_done_by",
                condition=Q(status=AssignmentStatus.DONE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"


class ClockName(models.TextChoices):
    """What a clock measures."""

    NOTICE = "notice", _("受理或告知")
    PROMISED = "promised", _("承诺办结")
    STATUTORY = "statutory", _("法定办结")
    DELIVERY = "delivery", _("送达")


LEADING = (ClockName.NOTICE, ClockName.PROMISED, ClockName.DELIVERY)
"""The clocks a case is due with. One of them runs at a time; the statutory one runs beside."""


class Clock(models.Model):
    """A limit over intervals of running time. The due date is a pure function of these columns."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    name = models.CharField(max_length=10, choices=ClockName)
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    basis = models.JSONField(default=dict, help_text="Where the limit comes from, in both languages.")
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list, help_text="[[from, to or null, reason]]")
    due_at = models.DateTimeField(null=True, blank=True, help_text="None while paused.")
    provisional = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name"], condition=Q(ended_at=None), name="one_running_clock_of_a_name"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="clock_limit_is_not_negative"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="clock_ends_after_its_start",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="clock_running_due", condition=Q(ended_at=None)),
            models.Index(fields=["case"], name="clock_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"


class Decision(models.Model):
    """What was decided, by whom, with which reasons."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="decision")
    verdict = models.CharField(
        max_length=12, choices=[(r.value, r.label) for r in (Result.GRANTED, Result.REFUSED, Result.DECLINED)]
    )
    reasons = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=Result.GRANTED) | ~Q(reasons=""), name="refusal_gives_reasons"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verdict}"

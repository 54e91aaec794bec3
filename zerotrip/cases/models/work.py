"""The work of staff on a case, and its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case, Priority
from zerotrip.cases.models.doors import Assistance
from zerotrip.catalogue.spec import StageKind
from zerotrip.ids import new_id
from zerotrip.parties.models import HANDS, MandateKind, Party, Role, User
from zerotrip.workdays.limits import Unit

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor

STAGE_ROLES: dict[StageKind, Role] = {
    StageKind.INTAKE: Role.CLERK,
    StageKind.REVIEW: Role.REVIEWER,
    StageKind.DECISION: Role.LEADER,
}
"""Who does the work of a stage, as it opens."""

DESK_ROLES = HANDS
"""Those who do the work of cases."""
TAKING_ROLES = (*DESK_ROLES, Role.SUPERVISOR)
"""Those who may have work of their own: a need that was not put right twice is taken on by supervision."""


class AssignmentStatus(models.TextChoices):
    """Where a unit of staff work is."""

    OPEN = "open", _("待办")
    DONE = "done", _("已办")
    CANCELLED = "cancelled", _("已取消")
    SUPERSEDED = "superseded", _("已重新审查")


_GIVEN = (AssignmentStatus.DONE, AssignmentStatus.SUPERSEDED)


class Verdict(models.TextChoices):
    """What came of a unit of staff work."""

    NONE = "", "—"
    PASS = "pass", _("通过")
    CONDITIONAL = "cond", _("有条件通过")
    FAIL = "fail", _("不通过")
    SILENT = "silent", _("逾期未答复，视为同意")
    OBJECTED = "object", _("逾期未答复，视为不同意")


FAVOURABLE = frozenset({Verdict.PASS, Verdict.CONDITIONAL, Verdict.SILENT})
"""The verdicts a grant can rest on."""


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Assignments, chainable."""

    def visible_to(self, actor: Actor) -> AssignmentQuerySet:
        """The work of one's department and area; supervisors see all work of their area."""
        seen = Q(pk__in=[])
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                seen |= Q(area_path__startswith=seat.area_path)
            elif seat.role in DESK_ROLES:
                seen |= Q(department=seat.department_id, area_path__startswith=seat.area_path)
        return self.filter(seen)

    def for_hands_of(self, actor: Actor) -> AssignmentQuerySet:
        """The open work this actor may do: the worklist. With what is assigned to those they stand in for."""
        mine = Q(pk__in=[])
        for seat in actor.seats:
            if seat.role in TAKING_ROLES:
                mine |= Q(department=seat.department_id, role=seat.role, area_path__startswith=seat.area_path)
        mine &= Q(assignee=None) | Q(assignee=actor.user_id)
        for cover in actor.covers:
            for seat in cover.seats:
                place = Q(department=seat.department_id, role=seat.role, area_path__startswith=seat.area_path)
                mine |= place & Q(assignee=cover.user_id)
        # Whoever applies, or acts for the applicant, keeps out of the decision.
        return self.filter(mine, status=AssignmentStatus.OPEN).not_own_of(actor).not_first_of(actor)

    def parts_for_hands_of(self, actor: Actor) -> list[tuple[UUID | None, AssignmentQuerySet]]:
        """The same work in parts that have nothing in common, each with whom it is assigned to.

        A part is of one role in one department and lies together in an index: counting it touches no more.
        """
        own = Case.objects.applied_by(actor).values("pk")
        held = [(seat, whose) for seat in actor.seats for whose in (None, actor.user_id)]
        held += [(seat, cover.user_id) for cover in actor.covers for seat in cover.seats]
        places: dict[tuple[UUID, str, UUID | None], Q] = {}
        for seat, whose in held:
            if seat.role in TAKING_ROLES:
                key = seat.department_id, seat.role, whose
                places[key] = places.get(key, Q()) | Q(area_path__startswith=seat.area_path)
        open_work = self.filter(status=AssignmentStatus.OPEN).exclude(case__in=own).not_first_of(actor)
        return [
            (whose, open_work.filter(where, department=department, role=role, assignee=whose))
            for (department, role, whose), where in places.items()
        ]

    def of_departments_of(self, actor: Actor) -> AssignmentQuerySet:
        """All open work of one's departments and area, whoever is to do it."""
        return self.visible_to(actor).filter(status=AssignmentStatus.OPEN).not_own_of(actor)

    def not_first_of(self, actor: Actor) -> AssignmentQuerySet:
        """Without what waits for a second hand and had its first from ``actor``."""
        return self.exclude(first_by=actor.user_id) if actor.user_id else self

    def not_own_of(self, actor: Actor) -> AssignmentQuerySet:
        """Without the cases one applies in, or files or filed in under a mandate: one keeps out of these."""
        own = Case.objects.applied_by(actor).values("pk")
        filed = Assistance.objects.filter(account=actor.user_id, kind=MandateKind.DELEGATED).values("case")
        return self.exclude(case__in=own).exclude(case__in=filed)


class Assignment(models.Model):
    """One unit of staff work on a case: a stage of a department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="assignments")
    stage = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in StageKind])
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=16, choices=Role, help_text="Whose turn it is in the department.")
    assignee = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="None: whoever takes it.",
    )
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL, help_text="As the case's, so that lists need no join."
    )
    area_path = models.CharField(max_length=120)
    service = models.CharField(max_length=60, default="", db_default="", help_text="As the case's, for the same.")
    materials = ArrayField(models.CharField(max_length=60), default=list, help_text="What it looks at; empty: all.")
    status = models.CharField(max_length=10, choices=AssignmentStatus, default=AssignmentStatus.OPEN)
    waiting = models.BooleanField(default=False, help_text="For the applicant: nothing for staff to do now.")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=6, choices=Verdict, default=Verdict.NONE, blank=True)
    opinion = models.TextField(blank=True)
    conditions = models.TextField(blank=True, help_text="What a favourable opinion hangs on.")
    findings = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField()), help_text="What was found or fixed, by field."
    )
    two_people = models.BooleanField(
        default=False,
        db_default=False,
        help_text="One gives the opinion, another confirms it: art. 34.",
    )
    first_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Of two, whoever gave the opinion; until it is confirmed it counts for nothing.",
    )
    first_at = models.DateTimeField(null=True, blank=True)
    proposed = models.CharField(
        max_length=6, choices=Verdict, default=Verdict.NONE, blank=True, db_default="", help_text="By the first."
    )
    remark = models.TextField(
        blank=True, default="", db_default="", help_text="Of the second: beside the opinion, or why it went back."
    )
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(status__in=(AssignmentStatus.OPEN, AssignmentStatus.DONE)),
                name="one_assignment_per_stage",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_GIVEN, done_at__isnull=False) & ~Q(verdict=Verdict.NONE)
                | ~Q(status__in=_GIVEN) & Q(done_by=None, done_at=None, verdict=Verdict.NONE),
                name="done_assignment_says_who_when_and_what",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.CONDITIONAL) | ~Q(conditions=""), name="conditional_names_conditions"
            ),
            models.CheckConstraint(
                condition=Q(first_by=None) | Q(done_by=None) | ~Q(first_by=F("done_by")),
                name="confirmed_by_another_than_the_first",
            ),
            models.CheckConstraint(
                condition=Q(two_people=False)
                | ~Q(status__in=_GIVEN)
                | Q(first_by__isnull=False, done_by__isnull=False),
                name="examined_by_two_names_both",
            ),
            models.CheckConstraint(
                condition=Q(first_by=None, first_at=None, proposed=Verdict.NONE)
                | Q(two_people=True, first_by__isnull=False, first_at__isnull=False) & ~Q(proposed=Verdict.NONE),
                name="first_of_two_says_when_and_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "role", "waiting", "priority", "due_at", "opened_at", "id", "service"],
                name="assignment_worklist",
                include=["assignee", "area_path", "case", "first_by"],
                condition=Q(status=AssignmentStatus.OPEN),
            ),
            models.Index(
                fields=["waiting", "priority", "due_at", "opened_at", "id"],
                name="assignment_due_first",
                condition=Q(status=AssignmentStatus.OPEN),
            ),
            models.Index(
                fields=["department", "role", "waiting", "assignee", "kind"],
                name="assignment_counted",
                include=["area_path", "case", "first_by", "priority", "due_at"],
                condition=Q(status=AssignmentStatus.OPEN),
            ),
            models.Index(
                fields=["assignee"],
                name="assignment_of_assignee",
                condition=Q(status=AssignmentStatus.OPEN, assignee__isnull=False),
            ),
            models.Index(
                fields=["done_by", "-done_at"],
                name="assignment_done_by",
                condition=Q(status=AssignmentStatus.DONE),
            ),
            models.Index(
                fields=["first_by", "-first_at"],
                name="assignment_first_by",
                condition=Q(first_by__isnull=False),
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
    STAGE = "stage", _("环节")
    REHEARSAL = "rehearsal", _("预审")
    HEARING = "hearing", _("举行听证")
    ANSWER = "answer", _("响应")
    PLAN = "plan", _("拿出方案")


COUNTED = (ClockName.PROMISED, ClockName.STATUTORY, ClockName.STAGE, ClockName.REHEARSAL)
"""The clocks a special procedure stops."""

LEADING = (
    ClockName.NOTICE,
    ClockName.ANSWER,
    ClockName.PLAN,
    ClockName.PROMISED,
    ClockName.REHEARSAL,
    ClockName.DELIVERY,
)
"""The clocks a case is due with; the statutory one runs beside. Of an approval one of them runs at a time; of a
need all three do from the beginning, and it is due with the first to end."""


class Clock(models.Model):
    """A limit over intervals of running time. The due date is a pure function of these columns."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    assignment = models.OneToOneField(
        Assignment, models.CASCADE, null=True, blank=True, related_name="clock", help_text="Of a stage's own limit."
    )
    name = models.CharField(max_length=10, choices=ClockName)
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    basis = models.JSONField(default=dict, help_text="Where the limit comes from, in both languages.")
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list, help_text="[[from, to or null, kind, reason]]")
    extensions = models.JSONField(default=list, help_text="[[at, amount, reason]]")
    due_at = models.DateTimeField(null=True, blank=True, help_text="None while paused.")
    warn_at = models.DateTimeField(null=True, blank=True, help_text="When its light turns yellow.")
    told = models.PositiveSmallIntegerField(default=0, help_text="Told of: 1 yellow, 2 red, 3 whoever is above.")
    escalate_at = models.DateTimeField(null=True, blank=True, help_text="When what stays late goes higher up.")
    provisional = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name"],
                condition=Q(ended_at=None, assignment=None),
                name="one_running_clock_of_a_name",
            ),
            models.CheckConstraint(
                condition=Q(name=ClockName.STAGE, assignment__isnull=False)
                | ~Q(name=ClockName.STAGE) & Q(assignment=None),
                name="stage_clock_has_its_stage",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="clock_limit_is_not_negative"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="clock_ends_after_its_start",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="clock_running_red", condition=Q(ended_at=None, told__lt=2)),
            models.Index(
                fields=["escalate_at"],
                name="clock_running_higher_up",
                condition=Q(ended_at=None, told=2, escalate_at__isnull=False),
            ),
            models.Index(fields=["warn_at"], name="clock_running_yellow", condition=Q(ended_at=None, told=0)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"


class Procedure(models.TextChoices):
    """Special procedures whose time is not counted (行政许可法 art. 45; publicity by the special laws)."""

    HEARING = "hearing", _("听证")
    BIDDING = "bidding", _("招标")
    AUCTION = "auction", _("拍卖")
    INSPECTION = "inspection", _("检验")
    TEST = "test", _("检测")
    QUARANTINE = "quarantine", _("检疫")
    APPRAISAL = "appraisal", _("鉴定")
    EXPERT_REVIEW = "expert_review", _("专家评审")
    PUBLICITY = "publicity", _("公示")


class Suspension(models.Model):
    """A special procedure: announced to the applicant in writing with its length, which is the most it stops."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="suspensions")
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Procedure)
    reason = models.TextField()
    amount = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=16, choices=[(unit.value, unit.value) for unit in Unit])
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    until = models.DateTimeField(
        help_text="The announced end: time is counted again from then on, whatever happens."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(blank=True, help_text="What came of the procedure.")

    class Meta:
        ordering = ("started_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(ended_at=None), name="one_open_suspension_of_a_kind"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="suspension_gives_its_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("started_at")), name="suspension_has_a_length"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, outcome="")
                | Q(ended_at__gte=F("started_at"), ended_at__lte=F("until"))
                & (Q(ended_by__isnull=False) | Q(ended_at=F("until")) | ~Q(outcome="")),
                name="suspension_ends_by_somebody_or_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

"""Key projects with their money, permits and problems, and the investors on their way.

Milestones and problems are obligations (``duties``), permits are cases. What a week's report is made of is
dated and never written over, so that the report of a past week comes out the same whenever it is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import DESK_ROLES, Assignment, Case
from zerotrip.catalogue.spec import StageKind
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import WORKING_ROLES, Party, Role, User
from zerotrip.projects.states import Stage

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


class Scheme(models.Model):
    """One edition of what a pack declares of projects. The latest counts; earlier ones for earlier weeks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.SlugField(max_length=60)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, blank=True, help_text="Empty: the pack declares none any more.")
    definition = models.JSONField(default=dict)
    area = models.CharField(max_length=15, help_text="Code of the district.")
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "number"], name="scheme_number_once_per_pack")]

    def __str__(self) -> str:
        return f"{self.pack} {self.number}"


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, chainable."""

    def visible_to(self, actor: Actor) -> ProjectQuerySet:
        """The owner's own people; the steward, while in a seat; staff of the department that follows it, in
        their area; whoever was asked to help with a problem of it; supervisors of the area."""
        seen = Q(owner__in=actor.acts_for)
        if actor.seats:
            seen |= Q(steward__in=[actor.user_id, *(cover.user_id for cover in actor.covers)])
        for seat in actor.seats:
            if seat.role == Role.SUPERVISOR:
                seen |= Q(area_path__startswith=seat.area_path)
                continue
            if seat.role in WORKING_ROLES:
                seen |= Q(department=seat.department_id, area_path__startswith=seat.area_path)
            if seat.role in DESK_ROLES:
                helped = {"department": seat.department_id, "kind": StageKind.HELP.value}
                asked = Assignment.objects.filter(**helped, area_path__startswith=seat.area_path)
                problems = ProjectCase.objects.filter(role=CaseRole.PROBLEM, case__in=asked.values("case"))
                seen |= Q(pk__in=problems.values("project"))
        return self.filter(seen)

    def owned_by(self, actor: Actor) -> ProjectQuerySet:
        """Those of the parties one acts for: "my projects"."""
        return self.filter(owner__in=actor.acts_for)


class Project(Chained):
    """A key project: whose, where, and who is its steward."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.SlugField(max_length=60, help_text="Whose projects.yaml it follows.")
    name = models.CharField(max_length=120)
    kind = models.SlugField(max_length=60)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="projects")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", help_text="That follows it.")
    area_path = models.CharField(max_length=120)
    carrier = models.CharField(max_length=120, blank=True, help_text="The park or building it settles in.")
    steward = models.ForeignKey(User, models.PROTECT, related_name="stewarded")
    begun_on = models.DateField(help_text="From when its milestones are counted.")
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="No longer followed.")
    ended_because = models.CharField(max_length=400, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="") | Q(ended_at__isnull=False) & ~Q(ended_because=""),
                name="ended_project_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "area_path"], name="project_of_department"),
            models.Index(fields=["steward"], name="project_of_steward", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectFacts(models.Model):
    """What was known of a project from a moment on. The latest counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="facts", db_index=False)
    answers = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "project facts"
        constraints = [models.UniqueConstraint(fields=["project", "at"], name="facts_once_a_moment")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.at}"


class Investment(models.Model):
    """What is planned to be spent in a month, and was, in units of 10,000 yuan. The latest row counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="investments", db_index=False)
    month = models.DateField(help_text="Its first day.")
    planned = models.DecimalField(max_digits=14, decimal_places=2)
    done = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="None: not told.")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "month", "at"], name="investment_once_a_moment"),
            models.CheckConstraint(
                condition=Q(planned__gte=0) & (Q(done=None) | Q(done__gte=0)), name="investment_is_not_negative"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="investment_month_is_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.month}"


class CaseRole(models.TextChoices):
    """What a case is to a project."""

    PERMIT = "permit", _("许可")
    PROBLEM = "problem", _("诉求")


class ProjectCase(models.Model):
    """A case belongs to a project: as one of its permits, or as a problem somebody works on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="cases")
    case = models.OneToOneField(Case, models.CASCADE, related_name="project")
    role = models.CharField(max_length=8, choices=CaseRole)
    permit = models.SlugField(max_length=60, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role=CaseRole.PERMIT) & ~Q(permit="") | Q(role=CaseRole.PROBLEM, permit=""),
                name="permit_of_a_project_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.permit or self.role}"


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads, chainable."""

    def visible_to(self, actor: Actor) -> LeadQuerySet:
        """Whoever follows it, their department in the area, and supervisors of the area. Investors do not see
        what is noted about them here; once landed they see their project."""
        seen = Q(pk__in=[])
        if actor.seats:
            seen |= Q(handler__in=[actor.user_id, *(cover.user_id for cover in actor.covers)])
        for seat in actor.seats:
            within = Q(area_path__startswith=seat.area_path)
            if seat.role == Role.SUPERVISOR:
                seen |= within
            elif seat.role in WORKING_ROLES:
                seen |= within & Q(department=seat.department_id)
        return self.filter(seen)


class Lead(Chained):
    """An investor on the way: from the first contact to a project that has landed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.SlugField(max_length=60)
    investor = models.CharField(max_length=120)
    matter = models.CharField(max_length=200, help_text="What they want to do here.")
    kind = models.SlugField(max_length=60)
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="Planned, in units of 10,000 yuan.")
    capital = models.SlugField(max_length=60)
    foreign = models.BooleanField(default=False, help_text="Foreign-invested.")
    contact = models.CharField(max_length=120, blank=True, help_text="Whom to speak to, and how.")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=120)
    handler = models.ForeignKey(User, models.PROTECT, related_name="leads")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CONTACT)
    project = models.OneToOneField(Project, models.PROTECT, null=True, blank=True, related_name="lead")
    opened_at = models.DateTimeField()
    moved_on = models.DateField(help_text="Day of the latest step.")

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="lead_amount_is_not_negative"),
            models.CheckConstraint(
                condition=Q(stage=Stage.LANDED, project__isnull=False) | ~Q(stage=Stage.LANDED) & Q(project=None),
                name="landed_lead_has_its_project",
            ),
        ]
        indexes = [models.Index(fields=["department", "area_path", "stage"], name="lead_of_department")]

    def __str__(self) -> str:
        return self.investor


class LeadStep(models.Model):
    """A lead came to a stage, on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="steps")
    stage = models.CharField(max_length=12, choices=Stage)
    on = models.DateField()
    note = models.TextField(blank=True, help_text="Of a lost one, why.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("on", "at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(stage=Stage.LOST) | ~Q(note=""), name="lost_lead_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.stage}"

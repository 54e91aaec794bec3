"""What is decided, and who had a hand in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models.case import Case
from zerotrip.cases.models.work import Assignment
from zerotrip.cases.states import Result
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor

LONGEST_FALSE, LONGEST_FRAUD = timedelta(days=367), timedelta(days=1097)
"""One and three years, whichever these are, to the end of their last day (行政许可法 arts. 78, 79)."""


class Found(models.TextChoices):
    """What a check found of a commitment."""

    OPEN = "open", _("待核查")
    TRUE = "true", _("属实")
    MENDING = "mending", _("整改中")
    FALSE = "false", _("不实")


class Decision(models.Model):
    """What was decided, by whom, with which reasons."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="decision")
    verdict = models.CharField(
        max_length=12,
        choices=[(r.value, r.label) for r in (Result.GRANTED, Result.REFUSED, Result.DECLINED, Result.TERMINATED)],
    )
    reasons = models.TextField(blank=True)
    conditions = models.TextField(blank=True, help_text="What a grant hangs on.")
    falsehood = models.BooleanField(
        default=False, db_default=False, help_text="Refused for facts kept back or false materials (art. 78)."
    )
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="None: by rule, as the service says.",
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=Result.GRANTED) | ~Q(reasons=""), name="refusal_gives_reasons"
            ),
            models.CheckConstraint(
                condition=Q(falsehood=False) | Q(verdict=Result.REFUSED), name="falsehood_is_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verdict}"


class ProposalKind(models.TextChoices):
    """What is drafted by one and approved by others."""

    DECISION = "decision", _("决定")
    EXTENSION = "extension", _("延期")


class ProposalStatus(models.TextChoices):
    """Where a draft is."""

    OPEN = "open", _("待批")
    APPROVED = "approved", _("已批准")
    RETURNED = "returned", _("退回修改")
    DROPPED = "dropped", _("已作废")


class Proposal(models.Model):
    """A drafted decision or extension on its way through those who approve it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="proposals")
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10, choices=ProposalKind)
    verdict = models.CharField(max_length=12, choices=Result, blank=True, default=Result.NONE)
    reasons = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    falsehood = models.BooleanField(default=False, db_default=False, help_text="As on the decision.")
    levels = ArrayField(models.CharField(max_length=16), help_text="The roles that approve, one after the other.")
    level = models.PositiveSmallIntegerField(default=0, help_text="Approvals given.")
    status = models.CharField(max_length=10, choices=ProposalStatus, default=ProposalStatus.OPEN)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("drafted_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(status=ProposalStatus.OPEN),
                name="one_open_proposal_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status=ProposalStatus.APPROVED, kind=ProposalKind.EXTENSION),
                name="limits_are_extended_once",
            ),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.OPEN, ended_at=None)
                | ~Q(status=ProposalStatus.OPEN) & Q(ended_at__isnull=False),
                name="ended_proposal_says_when",
            ),
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.EXTENSION, verdict=Result.NONE) & ~Q(reasons="")
                | Q(kind=ProposalKind.DECISION, verdict=Result.GRANTED)
                | Q(kind=ProposalKind.DECISION, verdict__in=(Result.REFUSED, Result.TERMINATED)) & ~Q(reasons=""),
                name="proposal_gives_its_reasons",
            ),
            models.CheckConstraint(
                condition=Q(falsehood=False) | Q(kind=ProposalKind.DECISION, verdict=Result.REFUSED),
                name="proposed_falsehood_is_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Approval(models.Model):
    """One hand on a draft: approved or returned. Whoever drafted it is not among them (four eyes)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="approvals")
    level = models.PositiveSmallIntegerField()
    approved = models.BooleanField()
    opinion = models.TextField(blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="As on the draft.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("level", "at")
        constraints = [
            models.UniqueConstraint(fields=["proposal", "level"], name="one_approval_per_level"),
            models.UniqueConstraint(fields=["proposal", "by"], name="each_approval_by_another"),
            models.CheckConstraint(condition=~Q(by=F("drafted_by")), name="approved_by_another_than_drafted"),
            models.CheckConstraint(condition=Q(approved=True) | ~Q(opinion=""), name="return_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.level}"


class Commitment(models.Model):
    """What the applicant committed to instead of proving it (告知承诺), word for word, and what came of it."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="commitment")
    conditions = models.JSONField(help_text="The conditions as they were read, in both languages.")
    liability = models.JSONField(help_text="What follows if it is false, as it was read, in both languages.")
    signed_name = models.CharField(max_length=120)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    found = models.CharField(max_length=8, choices=Found, default=Found.OPEN)
    finding = models.TextField(blank=True)
    found_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(found=Found.OPEN, found_at=None) | ~Q(found=Found.OPEN) & Q(found_at__isnull=False),
                name="checked_commitment_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(found=Found.FALSE) | ~Q(finding=""), name="false_commitment_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.found}"


class BarKind(models.TextChoices):
    """What a bar keeps from, by its ground."""

    COMMIT = "commit", _("告知承诺不实")
    FALSE = "false", _("隐瞒有关情况或者提供虚假材料")
    FRAUD = "fraud", _("以欺骗、贿赂等不正当手段取得许可")


class BarQuerySet(models.QuerySet["Bar"]):
    """Bars, chainable."""

    def visible_to(self, actor: Actor) -> BarQuerySet:
        """Those of the parties one acts for, and of the cases one sees."""
        return self.filter(Q(party__in=actor.acts_for) | Q(case__in=Case.objects.visible_to(actor)))

    def in_force(self, at: datetime) -> BarQuerySet:
        """Those that keep from something at ``at``."""
        return self.filter(until__gt=at, lifted_at=None)


class Bar(models.Model):
    """A party that may not do something until a moment: commit, or apply for a licence once more.

    ``commit``: a commitment was false (告知承诺). ``false``: false materials were handed in (行政许可法
    art. 78). ``fraud``: a licence was got by fraud and revoked (art. 79). One of a kind for a case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=BarKind, default=BarKind.COMMIT)
    party = models.ForeignKey(Party, models.PROTECT, related_name="bars")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", help_text="The one it comes from.")
    licence = models.SlugField(
        max_length=60, blank=True, help_text="Which licence cannot be applied for: ServiceSpec.barred_as."
    )
    named = models.JSONField(default=dict, blank=True, help_text="What that licence is called, in both languages.")
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_because = models.TextField(blank=True)

    objects = BarQuerySet.as_manager()

    class Meta:
        ordering = ("since", "id")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="bar_ends_after_it_begins"),
            models.UniqueConstraint(fields=["case", "kind"], name="one_bar_of_a_kind_for_a_case"),
            models.CheckConstraint(
                condition=Q(kind=BarKind.COMMIT, licence="") | ~Q(kind=BarKind.COMMIT) & ~Q(licence=""),
                name="bar_from_applying_names_its_licence",
            ),
            models.CheckConstraint(
                condition=Q(kind=BarKind.COMMIT)
                | Q(kind=BarKind.FALSE, until__lte=F("since") + LONGEST_FALSE)
                | Q(kind=BarKind.FRAUD, until__lte=F("since") + LONGEST_FRAUD),
                name="bar_no_longer_than_the_law_says",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_because="")
                | Q(lifted_at__gte=F("since"), lifted_by__isnull=False) & ~Q(lifted_because=""),
                name="lifted_bar_says_when_by_whom_and_why",
            ),
        ]
        indexes = [models.Index(fields=["party", "until"], name="bar_of_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind} until {self.until}"

    def holds(self, at: datetime) -> bool:
        """Whether it keeps from something at ``at``."""
        return self.lifted_at is None and at < self.until

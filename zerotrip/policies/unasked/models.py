"""Benefit without application (免申即享): runs, what each enterprise is granted, objections, lists to be paid.

Money once is a constraint here: of one policy an enterprise has one grant for a period, whichever run or case
it came from, unless that one was withheld, declined or returned by the bank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import Case
from zerotrip.files.under_way import UnderWay
from zerotrip.ids import new_id
from zerotrip.ledger.models import Chained
from zerotrip.parties.models import Party, Role, User

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


class RunStatus(models.TextChoices):
    """Where a run is."""

    DRAFT = "draft", _("测算中")
    ANNOUNCED = "announced", _("公示中")
    CLOSED = "closed", _("公示结束")
    PAID = "paid", _("已办结")
    ABANDONED = "abandoned", _("已作废")


class Consent(models.TextChoices):
    """How enterprises agree: by saying yes, or by not saying no before the notice ends."""

    ASK = "ask", _("企业确认后发放")
    SILENCE = "silence", _("公示期内没有拒绝即发放")


def _of_office(actor: Actor, prefix: str = "") -> Q:
    """What a department does in its area, seen by its people and by supervisors of the area."""
    seen = Q(pk__in=[])
    for seat in actor.seats:
        within = Q(**{f"{prefix}area_path__startswith": seat.area_path})
        seen |= (
            within if seat.role == Role.SUPERVISOR else within & Q(**{f"{prefix}department": seat.department_id})
        )
    return seen


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, chainable."""

    def visible_to(self, actor: Actor) -> RunQuerySet:
        """Those of one's department in one's area; supervisors see all of their area."""
        return self.filter(_of_office(actor))

    def published(self) -> RunQuerySet:
        """Those anybody can look up: announced and not abandoned."""
        return self.filter(status__in=(RunStatus.ANNOUNCED, RunStatus.CLOSED, RunStatus.PAID))


class Run(Chained):
    """A policy worked out over all enterprises of an area for one period, up to the money.

    It stays on the version of the policy it was drafted under.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey("policies.Policy", models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey("policies.PolicyVersion", models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text="The how many-th of its policy.")
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    period = models.CharField(max_length=8)
    consent = models.CharField(max_length=8, choices=Consent)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.DRAFT)
    as_of = models.DateTimeField(help_text="The moment the facts are read as of.")
    to_look = models.PositiveIntegerField(default=0, help_text="Enterprises of the area, to be gone through.")
    looked = models.PositiveIntegerField(default=0, help_text="Of these, gone through so far.")
    looked_to = models.UUIDField(null=True, blank=True, help_text="The last of these, in the order of their keys.")
    listed_at = models.DateTimeField(null=True, blank=True, help_text="When everybody it is for stood in it.")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When all amounts were worked out.")
    unknown = models.JSONField(default=dict, help_text="How many cannot be told, and by missing fact.")
    room = models.JSONField(
        default=dict, blank=True, help_text="Where places or money are limited: what was taken, how many left out."
    )
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    drafted_at = models.DateTimeField()
    announced_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    announced_at = models.DateTimeField(null=True, blank=True)
    notice_until = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, help_text="When those who have not answered are told.")
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was abandoned.")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-drafted_at",)
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="run_number_once"),
            models.CheckConstraint(
                condition=Q(announced_at=None, announced_by=None, notice_until=None)
                | Q(announced_at__isnull=False, announced_by__isnull=False, notice_until__isnull=False),
                name="announced_run_says_by_whom_and_until",
            ),
            models.CheckConstraint(
                condition=Q(ready_at=None) | Q(listed_at__isnull=False), name="only_a_whole_list_is_worked_out"
            ),
            models.CheckConstraint(
                condition=Q(announced_at=None) | Q(ready_at__isnull=False, notice_until__gte=F("announced_at")),
                name="only_what_is_worked_out_is_announced",
            ),
            models.CheckConstraint(
                condition=Q(status=RunStatus.DRAFT, announced_at=None, closed_at=None, ended_at=None)
                | Q(status=RunStatus.ANNOUNCED, announced_at__isnull=False, closed_at=None, ended_at=None)
                | Q(status=RunStatus.CLOSED, closed_at__gte=F("notice_until"), ended_at=None)
                | Q(status=RunStatus.PAID, closed_at__gte=F("notice_until"), ended_at__isnull=False)
                | Q(status=RunStatus.ABANDONED, ended_at__isnull=False),
                name="run_status_fits_its_moments",
            ),
            models.CheckConstraint(
                condition=~Q(status=RunStatus.ABANDONED) | ~Q(reason=""), name="abandoned_run_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="run_area_prefix", opclasses=["text_pattern_ops"]),
            models.Index(fields=["notice_until"], name="run_in_notice", condition=Q(status=RunStatus.ANNOUNCED)),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.number}"


class PaymentList(Chained):
    """Who is paid what from one run, in one go: made by one, approved by another, then handed to the bank."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="payments")
    serial = models.PositiveIntegerField(unique=True)
    number = models.CharField(max_length=20, unique=True)
    drafted_by = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="As the run's: the same hand twice is none.",
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    to_check = models.PositiveIntegerField(default=0, help_text="Grants to be looked at once more.")
    checked = models.PositiveIntegerField(default=0, help_text="Of these, looked at so far.")
    ready_at = models.DateTimeField(null=True, blank=True, help_text="When all were looked at once more.")
    count = models.PositiveIntegerField(default=0)
    total = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 over its lines.")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True, help_text="When the file was first taken out.")
    sent_back_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was sent back.")

    class Meta:
        ordering = ("serial",)
        constraints = [
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(approved_at=None, sent_back_at=None),
                name="one_list_of_a_run_waits_for_approval",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(
                    approved_at__isnull=False, approved_by__isnull=False, ready_at__isnull=False, sent_back_at=None
                ),
                name="approved_list_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")) & ~Q(approved_by=F("drafted_by")),
                name="nobody_approves_the_list_they_made",
            ),
            models.CheckConstraint(condition=Q(sent_back_at=None) | ~Q(reason=""), name="list_sent_back_says_why"),
            models.CheckConstraint(
                condition=Q(fetched_at=None) | Q(approved_at__isnull=False),
                name="only_approved_lists_are_taken_out",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AnswerStatus(models.TextChoices):
    """Where what the bank answered is: looked through first, and recorded when there is no fault in it."""

    QUEUED = "queued", _("排队检查")
    CHECKING = "checking", _("正在检查")
    SAVING = "saving", _("正在登记")
    DONE = "done", _("已登记")
    FAILED = "failed", _("没有登记")
    DROPPED = "dropped", _("已放弃")


UNDER_WAY = (AnswerStatus.QUEUED, AnswerStatus.CHECKING, AnswerStatus.SAVING)
"""What the worker has, or is to have."""


class AnswerQuerySet(models.QuerySet["BankAnswer"]):
    """What banks answered, chainable."""

    def visible_to(self, actor: Actor) -> AnswerQuerySet:
        """As the runs they are about are."""
        return self.filter(_of_office(actor, "payment__run__"))

    def under_way(self) -> AnswerQuerySet:
        """Those the worker has, or is to have."""
        return self.filter(status__in=UNDER_WAY)

    def over(self, at: datetime) -> AnswerQuerySet:
        """Those whose files are to go."""
        return self.filter(expires_at__lte=at, purged=False).exclude(status__in=UNDER_WAY)


class BankAnswer(UnderWay):
    """A file in which a bank says what became of the lines of a list. The file goes after some days; this stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(PaymentList, models.PROTECT, related_name="answers")
    account = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200, blank=True, help_text="What the file was called.")
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10, help_text="In which its faults are told.")
    status = models.CharField(max_length=8, choices=AnswerStatus, default=AnswerStatus.QUEUED)
    because = models.CharField(max_length=400, blank=True, help_text="Why nothing, or no more, was recorded.")
    rows = models.PositiveIntegerField(default=0, help_text="Rows looked through so far.")
    lines = models.PositiveIntegerField(default=0, help_text="Lines of the list it speaks of.")
    saved = models.PositiveIntegerField(default=0, help_text="Of these, gone through in recording.")
    paid = models.PositiveIntegerField(default=0, help_text="Recorded as paid.")
    returned = models.PositiveIntegerField(default=0, help_text="Recorded as returned.")
    wrong = models.PositiveIntegerField(default=0, help_text="Rows that do not fit. All are in a file.")
    shown = models.JSONField(default=list, help_text="The first of them: row, reference, what.")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="When its files go.")
    purged = models.BooleanField(default=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(status__in=("queued", "checking", "saving")),
                name="one_answer_to_a_list_under_way",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") & ~Q(because="") | ~Q(status="failed"), name="failed_answer_says_why"
            ),
            models.CheckConstraint(
                condition=Q(saved=0, paid=0, returned=0) | Q(status__in=("saving", "done", "dropped"), wrong=0),
                name="nothing_of_a_faulty_answer_is_recorded",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("queued", "checking", "saving"), ended_at=None)
                | ~Q(status__in=("queued", "checking", "saving")) & Q(ended_at__isnull=False),
                name="ended_answer_says_when",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="answer_to_purge", condition=Q(purged=False))]

    def __str__(self) -> str:
        return f"{self.name} {self.status}"


class GrantStatus(models.TextChoices):
    """Where a grant is."""

    PROPOSED = "proposed", _("待确认")
    WITHHELD = "withheld", _("不予发放")
    AGREED = "agreed", _("待发放")
    DECLINED = "declined", _("企业放弃")
    PAYABLE = "payable", _("已列入清单")
    PAID = "paid", _("已发放")
    RETURNED = "returned", _("银行退回")


OVER = (GrantStatus.WITHHELD, GrantStatus.DECLINED, GrantStatus.RETURNED)
"""Grants no money came of: another one may take their place."""
LIVE = tuple(status for status in GrantStatus if status not in OVER)


class Agreed(models.TextChoices):
    """How an enterprise agreed."""

    SAID = "said", _("企业确认")
    SILENCE = "silence", _("公示期内没有异议")


class BenefitQuerySet(models.QuerySet["Grant"]):
    """Grants, chainable."""

    def visible_to(self, actor: Actor) -> BenefitQuerySet:
        """Those of whom one acts for, once announced; those one's department pays in one's area."""
        announced = Q(run__status__in=(RunStatus.ANNOUNCED, RunStatus.CLOSED, RunStatus.PAID)) | Q(run=None)
        return self.filter(_of_office(actor) | Q(party__in=actor.acts_for) & announced)

    def live(self) -> BenefitQuerySet:
        """Those money came of, or may come of."""
        return self.filter(status__in=LIVE)


class Grant(Chained):
    """What one enterprise is to have of one policy for one period, with the facts it rests on, frozen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey("policies.Policy", models.PROTECT, related_name="grants", db_index=False)
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="grants", db_index=False)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The application it was granted upon, where it was applied for.",
    )  # fmt: skip
    party = models.ForeignKey(Party, models.PROTECT, related_name="grants", db_index=False)
    department = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    area_path = models.CharField(max_length=120)
    period = models.CharField(max_length=8)
    status = models.CharField(max_length=10, choices=GrantStatus, default=GrantStatus.PROPOSED)
    reason = models.TextField(blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    evaluated_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(default=dict, help_text="By name: label, value, source and date.")
    clauses = models.JSONField(default=list, help_text="Each with what it came to, and on which facts.")
    reckoned = models.JSONField(default=list, help_text="How the amount comes about, tier by tier.")
    accepted = models.JSONField(default=dict, help_text="The answer it rests on: truth and amount.")
    rank = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The how many-th, where places or money are limited; the level share it.",
    )
    found = models.JSONField(default=dict, blank=True, help_text="Another answer, on the facts of a later day.")
    checked_for = models.UUIDField(null=True, blank=True, help_text="The payment list it was looked at for.")
    agreed = models.CharField(max_length=8, choices=Agreed, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    account_sealed = models.TextField(blank=True, help_text="Holder, bank and number, sealed.")
    account_tail = models.CharField(max_length=4, blank=True, help_text="What may be shown of the number.")
    payment = models.ForeignKey(PaymentList, models.PROTECT, null=True, blank=True, related_name="grants")
    line = models.PositiveIntegerField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = BenefitQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "party", "period"],
                condition=~Q(status__in=("withheld", "declined", "returned")),
                name="money_once_for_policy_party_and_period",
            ),
            models.UniqueConstraint(fields=["case", "policy"], name="one_grant_per_case_and_policy"),
            models.UniqueConstraint(fields=["payment", "line"], name="one_grant_per_line_of_a_list"),
            models.CheckConstraint(
                condition=Q(run__isnull=False, case=None) | Q(run=None, case__isnull=False),
                name="grant_is_of_a_run_or_a_case",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("withheld", "returned")) | ~Q(reason=""), name="grant_not_paid_says_why"
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False)
                | ~Q(status__in=("agreed", "payable", "paid"))
                | Q(amount__gt=0, evaluated_at__isnull=False, agreed_at__isnull=False) & ~Q(agreed=""),
                name="what_is_paid_is_worked_out_and_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(agreed="said") | ~Q(account_sealed=""), name="who_agrees_names_an_account"
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False)
                | Q(status__in=("payable", "paid", "returned"), payment__isnull=False)
                | ~Q(status__in=("payable", "paid", "returned")) & Q(payment=None),
                name="grant_on_a_list_while_it_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_on__isnull=False) | ~Q(status="paid") & Q(paid_on=None),
                name="paid_grant_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["party"], name="grant_of_party"),
            models.Index(fields=["run", "status"], name="grant_of_run"),
            models.Index(
                fields=["run"], name="grant_to_work_out", condition=Q(status="proposed", evaluated_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.party_id} {self.period}"


class ObjectionStatus(models.TextChoices):
    """What became of an objection."""

    OPEN = "open", _("待答复")
    UPHELD = "upheld", _("成立")
    REJECTED = "rejected", _("不成立")


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections, chainable."""

    def visible_to(self, actor: Actor) -> ObjectionQuerySet:
        """One's own; those against what one's department announced in one's area."""
        own = Q(account=actor.user_id) if actor.user_id else Q(pk__in=[])
        return self.filter(_of_office(actor, "run__") | own)


class Objection(models.Model):
    """Somebody says, while a list is public, that it is wrong: as a whole, or about one enterprise."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="objections")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, blank=True, related_name="objections")
    name = models.CharField(max_length=60)
    phone_sealed = models.TextField()
    phone_tail = models.CharField(max_length=4)
    text = models.TextField()
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=ObjectionStatus, default=ObjectionStatus.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None, answered_by=None, answer="")
                | ~Q(status="open") & Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="answered_objection_says_what_and_by_whom",
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.status}"


class FittingQuerySet(models.QuerySet["Match"]):
    """Matches, chainable."""

    def visible_to(self, actor: Actor) -> FittingQuerySet:
        """Those of whom one acts for; staff see those of enterprises of their area."""
        seen = Q(party__in=actor.acts_for)
        for seat in actor.seats:
            seen |= Q(party__area_path__startswith=seat.area_path)
        return self.filter(seen)

    def holding(self) -> FittingQuerySet:
        """Those that hold now."""
        return self.filter(ended_at=None)


class Match(models.Model):
    """A policy is for an enterprise, since when; kept so that somebody is told once when something new is."""

    id = models.BigAutoField(primary_key=True)
    policy = models.ForeignKey("policies.Policy", models.CASCADE, related_name="+", db_index=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = FittingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "policy"], condition=Q(ended_at=None), name="one_match_per_party_and_policy"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("since")), name="match_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(fields=["party"], name="match_to_tell", condition=Q(ended_at=None, told_at=None)),
            models.Index(fields=["party", "policy"], name="match_of_party"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.policy_id}"


class QuietQuerySet(models.QuerySet["Quiet"]):
    """Wishes, chainable."""

    def visible_to(self, actor: Actor) -> QuietQuerySet:
        """Those of whom one acts for."""
        return self.filter(party__in=actor.acts_for)


class Quiet(models.Model):
    """An enterprise does not want to be told of policies that fit it."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = QuietQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "quiet"

    def __str__(self) -> str:
        return str(self.party_id)

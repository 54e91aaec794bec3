"""Reading runs and grants: lists, sums, what is public, what somebody has had."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from zerotrip.facts.queries import day_of
from zerotrip.parties.models import Party, PartyKind
from zerotrip.policies.evaluating import in_force
from zerotrip.policies.models import Policy
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.actions.announcing import notice_of
from zerotrip.policies.unasked.models import (
    LIVE,
    BankAnswer,
    Grant,
    GrantStatus,
    Objection,
    ObjectionStatus,
    PaymentList,
    Quiet,
    Run,
    RunStatus,
)

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.policies.spec import PolicySpec
    from zerotrip.workdays.limits import Line

LEFT = timedelta(minutes=2)
"""Work not ended so long after it was begun is taken up by the sweep."""


@dataclass(frozen=True)
class Sums:
    """How many grants a run has in each state, and how much money they come to."""

    counts: dict[str, int] = field(default_factory=dict)
    totals: dict[str, Decimal] = field(default_factory=dict)
    to_work_out: int = 0
    changed: int = 0

    def count(self, *statuses: str) -> int:
        """How many are in one of these states."""
        return sum(self.counts.get(status, 0) for status in statuses)

    def total(self, *statuses: str) -> Decimal:
        """What those in one of these states come to, in yuan."""
        return sum((self.totals.get(status, Decimal(0)) for status in statuses), Decimal(0))

    @property
    def all(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def worked_out(self) -> int:
        """How many amounts are worked out."""
        return self.all - self.to_work_out

    @property
    def withheld(self) -> int:
        """How many are not paid."""
        return self.count(GrantStatus.WITHHELD)

    @property
    def live(self) -> int:
        """How many money came of, or may."""
        return self.count(*LIVE)

    @property
    def money(self) -> Decimal:
        """What those come to."""
        return self.total(*LIVE)


def sums(run: Run) -> Sums:
    """The sums of a run. One query."""
    rows = Grant.objects.filter(run=run).order_by().values("status").annotate(
        n=Count("pk"), total=Sum("amount"), waits=Count("pk", filter=Q(evaluated_at=None, status="proposed")),
        changed=Count("pk", filter=~Q(found={})),
    )  # fmt: skip
    found = list(rows)
    return Sums(
        {row["status"]: row["n"] for row in found},
        {row["status"]: row["total"] or Decimal(0) for row in found},
        sum(row["waits"] for row in found),
        sum(row["changed"] for row in found),
    )


def grants_of(run: Run, *statuses: str) -> QuerySet[Grant]:
    """The grants of a run in some states: in their order where there is one, else the most money first."""
    rows = Grant.objects.filter(run=run).select_related("party").defer("facts", "clauses", "reckoned")
    return (rows.filter(status__in=statuses) if statuses else rows).order_by("rank", "-amount", "pk")


def runs_of(actor: Actor) -> QuerySet[Run]:
    """The runs of somebody's department, the latest first."""
    rows = Run.objects.visible_to(actor).select_related("department")
    return rows.annotate(
        firms=Count("grants", filter=Q(grants__status__in=LIVE)),
        money=Sum("grants__amount", filter=Q(grants__status__in=LIVE)),
    ).order_by("-drafted_at")


@dataclass(frozen=True)
class Payable:
    """A policy a department pays without application."""

    spec: PolicySpec

    @property
    def id(self) -> str:
        """Its slug."""
        return self.spec.id


def payable_by(departments: Collection[str], *, at: datetime) -> list[Payable]:
    """The published policies in force that departments of these codes pay without application. One query."""
    found = []
    for slug, version in Policy.objects.published().order_by("slug").values_list("slug", "current"):
        spec = spec_of(version)
        unasked = spec.unasked
        if unasked is None or unasked.by != "us" or unasked.department not in departments:
            continue
        if in_force(spec, day_of(at)):
            found.append(Payable(spec))
        assert slug == spec.id  # noqa: S101  a policy is kept under its own name
    return found


def before(run: Run) -> Run | None:
    """The run of the same policy before this one, that was not abandoned."""
    rows = Run.objects.filter(policy=run.policy_id, number__lt=run.number, area_path=run.area_path)
    return rows.exclude(status=RunStatus.ABANDONED).order_by("-number").first()


@dataclass(frozen=True)
class Compared:
    """A run beside the one before."""

    before: Run
    came: int
    """In this one and not in the one before."""
    went: int
    was: int
    money: Decimal


def compared(run: Run) -> Compared | None:
    """This run beside the one before; None for the first. Three queries."""
    other = before(run)
    if other is None:
        return None
    mine, theirs = (Grant.objects.filter(run=each).filter(status__in=LIVE) for each in (run, other))
    had = theirs.aggregate(n=Count("pk"), total=Sum("amount"))
    came = mine.exclude(party__in=theirs.values("party")).count()
    went = theirs.exclude(party__in=mine.values("party")).count()
    return Compared(other, came, went, had["n"], had["total"] or Decimal(0))


def objections_of(run: Run) -> QuerySet[Objection]:
    """The objections to a list, in the order they came."""
    rows = Objection.objects.filter(run=run).select_related("grant__party", "answered_by")
    return rows.order_by("at", "pk")


def open_objections(run: Run) -> int:
    """How many wait for an answer."""
    return Objection.objects.filter(run=run, status=ObjectionStatus.OPEN).count()


def payments_of(run: Run) -> list[tuple[PaymentList, BankAnswer | None]]:
    """The payment lists of a run, with what became of their lines; each with the last file of the bank about it."""
    rows = PaymentList.objects.filter(run=run).select_related("made_by__person", "approved_by__person")
    found = list(
        rows.annotate(
            paid=Count("grants", filter=Q(grants__status=GrantStatus.PAID)),
            returned=Count("grants", filter=Q(grants__status=GrantStatus.RETURNED)),
            waits=Count("grants", filter=Q(grants__status=GrantStatus.PAYABLE)),
        ).order_by("serial")
    )
    last: dict[UUID, BankAnswer] = {}
    for answer in BankAnswer.objects.filter(payment__run=run).select_related("account__person").order_by("at"):
        last[answer.payment_id] = answer
    return [(payment, last.get(payment.pk)) for payment in found]


PUBLIC = (GrantStatus.PROPOSED, GrantStatus.AGREED, GrantStatus.PAYABLE, GrantStatus.PAID, GrantStatus.RETURNED)
"""Grants that stand on a public list. Who was taken off, or declined, is not shown to anybody else."""


def notices(*, at: datetime) -> QuerySet[Run]:
    """The public lists, those that can be objected to first."""
    rows = Run.objects.published().select_related("department")
    return rows.annotate(
        firms=Count("grants", filter=Q(grants__status__in=PUBLIC)),
        money=Sum("grants__amount", filter=Q(grants__status__in=PUBLIC)),
    ).order_by("-notice_until", "-announced_at")


def own(actor: Actor) -> QuerySet[Grant]:
    """The grants of those somebody acts for, that are public; those that wait for an answer first."""
    rows = Grant.objects.filter(party__in=actor.acts_for, run__status__in=_ANNOUNCED)
    return rows.select_related("party", "run__version", "run__department").order_by("-run__announced_at", "-pk")


_ANNOUNCED = (RunStatus.ANNOUNCED, RunStatus.CLOSED, RunStatus.PAID)


def unfinished_runs(*, at: datetime) -> list[UUID]:
    """The runs whose amounts nobody works out any more."""
    rows = Run.objects.filter(status=RunStatus.DRAFT, ready_at=None, drafted_at__lte=at - LEFT)
    return list(rows.values_list("pk", flat=True))


def unfinished_lists(*, at: datetime) -> list[UUID]:
    """The payment lists nobody fills any more."""
    rows = PaymentList.objects.filter(ready_at=None, sent_back_at=None, made_at__lte=at - LEFT)
    return list(rows.values_list("pk", flat=True))


def unfinished_answers(*, at: datetime) -> list[UUID]:
    """What banks answered that nobody records any more."""
    return list(BankAnswer.objects.under_way().filter(at__lte=at - LEFT).values_list("pk", flat=True))


def spec_for(run: Run) -> PolicySpec:
    """The policy as the run is under it."""
    return spec_of(run.version_id)


def sums_of_change(grant: Grant) -> dict[str, Any]:
    """What of a grant's facts is another one by now, for people."""
    found = grant.found or {}
    return {name: (found["labels"][name], *values) for name, values in found.get("facts", {}).items()}


def notice_lines(run: Run) -> tuple[Line, ...]:
    """How the end of the notice comes about, line by line; nothing while it is not public."""
    limit = notice_of(run, run.announced_at) if run.announced_at else None
    return limit.lines if limit else ()


LISTED = tuple(status for status in GrantStatus if status != GrantStatus.WITHHELD)
"""The grants a run lists unless others are asked for."""


def offices(departments: Collection[UUID]) -> set[str]:
    """The codes of departments. One query."""
    return set(Party.objects.filter(pk__in=departments).values_list("code", flat=True))


def changed_of(run: Run) -> QuerySet[Grant]:
    """The grants of a run whose answer is another one by now, and nobody has decided."""
    rows = Grant.objects.filter(run=run, status=GrantStatus.AGREED).exclude(found={})
    return rows.select_related("party").defer("clauses", "reckoned").order_by("-amount", "pk")


def public_sums(run: Run) -> tuple[int, Decimal]:
    """How many stand on a public list, and how much money they come to. One query."""
    found = Grant.objects.filter(run=run, status__in=PUBLIC).aggregate(n=Count("pk"), total=Sum("amount"))
    return found["n"], found["total"] or Decimal(0)


def replaced(grant: Grant) -> bool:
    """Whether a returned grant was made once more."""
    return Grant.objects.live().filter(policy=grant.policy_id, party=grant.party_id, period=grant.period).exists()


def quiet_of(actor: Actor) -> list[tuple[Party, bool]]:
    """The enterprises somebody acts for, and whether each does not want to be told. Two queries."""
    firms = Party.objects.filter(pk__in=actor.acts_for, kind=PartyKind.ENTERPRISE).order_by("name")
    hushed = set(Quiet.objects.visible_to(actor).values_list("party", flat=True))
    return [(firm, firm.pk in hushed) for firm in firms]

"""Needs counted and listed: by subject, area and status, with what is late and what is green apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from zerotrip.cases.models import Case, Priority
from zerotrip.cases.models.case import GREEN_FIRST
from zerotrip.cases.states import Result, Status
from zerotrip.parties.queries import area_path_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor

STATUSES = {
    "open": _("没有办结的"),
    Status.HELPING.value: Status.HELPING.label,
    Status.CONFIRMING.value: Status.CONFIRMING.label,
    Result.RESOLVED.value: Result.RESOLVED.label,
    Result.UNRESOLVED.value: Result.UNRESOLVED.label,
    Result.WITHDRAWN.value: Result.WITHDRAWN.label,
}
"""Where a need can be looked for."""


@dataclass(frozen=True)
class Asking:
    """Which needs are looked for. What is empty narrows nothing."""

    subject: str = ""
    area: str = ""
    """Code of a subdistrict."""
    status: str = ""
    late: bool = False
    green: bool = False


@dataclass(frozen=True)
class Counted:
    """How many needs there are of a kind, and how many of them are open, late, green, waiting for the firm."""

    helping: int = 0
    confirming: int = 0
    late: int = 0
    green: int = 0
    resolved: int = 0
    unresolved: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def _asked(actor: Actor, asking: Asking) -> QuerySet[Case]:
    found = Case.objects.visible_to(actor).filter(need__isnull=False, submitted_at__isnull=False)
    if asking.subject:
        found = found.filter(version__service=asking.subject)
    if asking.area:
        found = found.filter(area_path__startswith=area_path_of(asking.area) or "-")
    return found


def _late(at: datetime) -> Q:
    return Q(status=Status.HELPING, due_at__lt=at)


def _green() -> Q:
    return Q(priority=Priority.GREEN, closed_at=None)


def count_needs(actor: Actor, asking: Asking, *, at: datetime) -> dict[str, Counted]:
    """The needs this actor may see by subject; subject and area narrow, one statement."""
    closed = Q(status=Status.CLOSED)
    rows = (
        _asked(actor, asking)
        .order_by()
        .values_list("version__service")
        .annotate(
            helping=Count("pk", filter=Q(status=Status.HELPING)),
            confirming=Count("pk", filter=Q(status=Status.CONFIRMING)),
            late=Count("pk", filter=_late(at)),
            green=Count("pk", filter=_green()),
            resolved=Count("pk", filter=closed & Q(result=Result.RESOLVED)),
            unresolved=Count("pk", filter=closed & Q(result=Result.UNRESOLVED)),
        )
    )
    return {subject: Counted(*numbers) for subject, *numbers in rows}


def find_needs(actor: Actor, asking: Asking, *, at: datetime) -> QuerySet[Case]:
    """The needs this actor may see: the green channel first, then by when they are due, closed ones last."""
    found = _asked(actor, asking)
    if asking.status == "open":
        found = found.filter(closed_at=None)
    elif asking.status in (Status.HELPING, Status.CONFIRMING):
        found = found.filter(status=asking.status)
    elif asking.status:
        found = found.filter(status=Status.CLOSED, result=asking.status)
    if asking.late:
        found = found.filter(_late(at))
    if asking.green:
        found = found.filter(_green())
    return (
        found.select_related("applicant", "version", "contact__person")
        .defer("version__definition", "version__files")
        .order_by(F("closed_at").desc(nulls_first=True), GREEN_FIRST, "due_at", "-submitted_at", "-pk")
    )

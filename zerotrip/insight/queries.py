"""Reading the boards: sums of a period by service, department, person or stage, and the lists behind each number.

Whole months are read from their sums; what is no whole month, or a part of a department's area, from the
facts themselves. Both hold the same columns, so that one reading serves both (docs/decisions/0017).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from zerotrip.cases.models import Rating
from zerotrip.insight.models import (
    MEASURES,
    Facts,
    Fold,
    Hand,
    Lens,
    Mark,
    Spread,
    Tally,
    led_rows,
)
from zerotrip.insight.periods import Period
from zerotrip.insight.ranking import wilson
from zerotrip.parties.models import LEADING_ROLES, Party, PartyKind, Role, User
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

BY = ("service", "department", "person")
"""What a board can be cut by."""


@dataclass(frozen=True)
class Asked:
    """What a board is to show. What is empty narrows nothing."""

    period: Period
    by: str = "service"
    service: str = ""
    department: UUID | None = None
    area: str = ""
    """Path of an area inside."""
    green: str = "apart"
    """``apart``: without the green channel; ``only``; ``with``."""


@dataclass
class Sums:
    """What a row of a board adds up to."""

    values: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spread: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Minutes in our hands → how many cases, or pieces of work."""
    doors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By which door the closed ones came."""

    def __getitem__(self, name: str) -> int:
        return self.values.get(name, 0)

    def add(self, row: Mapping[str, Any], names: Iterable[str]) -> None:
        """Add what a query found."""
        for name in names:
            self.values[name] += row[name] or 0

    def share(self, part: str, of: str) -> float | None:
        """A share, or None of nothing."""
        return self[part] / self[of] if self[of] else None

    def each(self, name: str, of: str = "closed") -> float | None:
        """So much for each case, or None without any."""
        return self[name] / self[of] if self[of] else None

    @property
    def on_time(self) -> float | None:
        """The share within the promise."""
        return self.share("on_time", "judged")

    @property
    def lawful(self) -> float | None:
        """The share within every limit of the law."""
        return self.share("lawful", "bound")

    @property
    def late(self) -> int:
        """How many missed the promise."""
        return self["judged"] - self["on_time"]

    @property
    def unlawful(self) -> int:
        """How many missed a limit of the law."""
        return self["bound"] - self["lawful"]

    @property
    def median(self) -> int | None:
        """The minutes in which half are done."""
        return percentile(self.spread, 0.5)

    @property
    def p90(self) -> int | None:
        """The minutes in which nine of ten are done."""
        return percentile(self.spread, 0.9)

    @property
    def paused_share(self) -> float | None:
        """Of the time that did not lie with the applicant, how much was paused."""
        whole = self["hands"] + self["paused"]
        return self["paused"] / whole if whole else None

    @property
    def score(self) -> float:
        """What the row is ranked by."""
        return wilson(self["on_time"], self["judged"])

    @property
    def score_unpaused(self) -> float:
        """What it would be ranked by if nothing had been paused."""
        return wilson(self["on_time_unpaused"], self["judged"])


def percentile(spread: Mapping[int, int], share: float) -> int | None:
    """The least value that so large a share does not exceed; None of nothing."""
    total, sofar = sum(spread.values()), 0
    for value in sorted(spread):
        sofar += spread[value]
        if sofar >= share * total:
            return value
    return None


class Scope:
    """What of the numbers somebody sees: whole departments, or parts of them by area."""

    def __init__(self, actor: Actor, asked: Asked) -> None:
        self.actor, self.asked = actor, asked

    def asking(self, **changes: Any) -> Scope:
        """The same person asking for something else: what they answer for is read once."""
        other = Scope(self.actor, replace(self.asked, **changes))
        other.departments = self.departments
        return other

    @cached_property
    def departments(self) -> list[Party]:
        """The departments this person answers for, whole or in part."""
        rows = Party.objects.live().filter(kind=PartyKind.DEPARTMENT).order_by("area_path", "code")
        return [row for row in rows if any(_touches(path, row) for path in self._paths(row))]

    def _paths(self, department: Party) -> list[str]:
        """The areas in which this person answers for a department."""
        return [
            seat.area_path
            for seat in self.actor.seats
            if seat.role == Role.SUPERVISOR or (seat.role in LEADING_ROLES and seat.department_id == department.pk)
        ]

    @property
    def empty(self) -> bool:
        """Whether this person answers for nobody but themselves."""
        return not any(seat.role in (Role.SUPERVISOR, *LEADING_ROLES) for seat in self.actor.seats)

    @cached_property
    def whole(self) -> bool:
        """Whether all that is seen are whole departments, so that sums can be read."""
        if self.asked.area or self.empty:
            return False
        return all(any(row.area_path.startswith(path) for path in self._paths(row)) for row in self.departments)

    @property
    def offices(self) -> Q:
        """The departments, for sums: by key, so that an index finds them."""
        keys = [row.pk for row in self.departments]
        if self.asked.department:
            keys = [key for key in keys if key == self.asked.department]
        return Q(department__in=keys)

    @property
    def narrowed(self) -> Q:
        """What was asked for, of facts: department, service, area, green channel."""
        found = self.channel
        if self.asked.department:
            found &= Q(department=self.asked.department)
        if self.asked.area:
            found &= Q(area_path__startswith=self.asked.area)
        return found

    @property
    def channel(self) -> Q:
        """The service, and whether the green channel is in."""
        found = Q(service=self.asked.service) if self.asked.service else Q()
        if self.asked.green == "with":
            return found
        return found & Q(green=self.asked.green == "only")


def _touches(path: str, department: Party) -> bool:
    return department.area_path.startswith(path) or path.startswith(department.area_path)


def facts(scope: Scope) -> QuerySet[Facts]:
    """The facts of cases somebody may see, as far as they were asked for; of any time."""
    return Facts.objects.visible_to(scope.actor).filter(scope.narrowed)


def works(scope: Scope) -> QuerySet[Hand]:
    """The pieces of work somebody may see, of cases closed in the period."""
    return Hand.objects.visible_to(scope.actor).filter(scope.narrowed, _within("closed_on", scope.asked.period))


def noted(scope: Scope) -> QuerySet[Mark]:
    """The pauses, extensions and notices somebody may see, of cases closed in the period."""
    return Mark.objects.visible_to(scope.actor).filter(scope.narrowed, _within("closed_on", scope.asked.period))


def _within(name: str, period: Period) -> Q:
    return Q(**{f"{name}__gte": period.since, f"{name}__lt": period.until})


def rows_by(scope: Scope, *dims: str, spread: bool = True) -> dict[Any, Sums]:
    """The sums of the period by ``service``, ``department``, ``green``; by several, keyed by tuples.

    By nothing, all of it under "".
    """
    rows: dict[Any, Sums] = defaultdict(Sums)
    period = scope.asked.period
    if scope.whole and period.months:
        _from_sums(rows, scope, dims, period.months, spread=spread)
    for edge in period.edges if scope.whole else [(period.since, period.until)]:
        _from_facts(rows, scope, dims, Period(*edge), spread=spread)
    return dict(rows)


def _from_sums(
    rows: dict[Any, Sums], scope: Scope, dims: tuple[str, ...], months: tuple[date, date], *, spread: bool
) -> None:
    within = Q(month__gte=months[0], month__lt=months[1]) & scope.offices & scope.channel
    names = ("received", "closed", *MEASURES)
    tallies = Tally.objects.filter(within).values(*dims, "door").annotate(**{f"n_{n}": Sum(n) for n in names})
    for row in tallies:
        _gather(rows[_key(row, dims)], row, names)
    if spread:
        counted = Spread.objects.filter(within, lens=Lens.CASE).values(*dims, "minutes").annotate(n=Sum("count"))
        for row in counted:
            rows[_key(row, dims)].spread[row["minutes"]] += row["n"]


def _from_facts(
    rows: dict[Any, Sums], scope: Scope, dims: tuple[str, ...], period: Period, *, spread: bool
) -> None:
    seen = facts(scope).order_by()
    closed = seen.filter(_within("closed_on", period))
    sums = {f"n_{name}": Sum(name) for name in MEASURES}
    for row in closed.values(*dims, "door").annotate(n_closed=Count("pk"), **sums):
        _gather(rows[_key(row, dims)], row, ("closed", *MEASURES))
    received = seen.filter(_within("received_on", period))
    for row in received.values(*dims, "department").annotate(n_received=Count("pk")):
        rows[_key(row, dims)].values["received"] += row["n_received"]
    if spread:
        quarters = closed.annotate(minutes=_quarters("hands")).values(*dims, "minutes").annotate(n=Count("pk"))
        for row in quarters:
            rows[_key(row, dims)].spread[row["minutes"]] += row["n"]


def _gather(sums: Sums, row: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        sums.values[name] += row[f"n_{name}"] or 0
    sums.doors[row["door"]] += row["n_closed"] or 0


def _key(row: Mapping[str, Any], dims: tuple[str, ...]) -> Any:
    found = tuple(row[name] for name in dims)
    return found[0] if len(found) == 1 else found or ""


def together(rows: Iterable[Sums]) -> Sums:
    """Several rows in one."""
    whole = Sums()
    for row in rows:
        for name in ("values", "spread", "doors"):
            into = getattr(whole, name)
            for key, value in getattr(row, name).items():
                into[key] += value
    return whole


def _quarters(name: str) -> Any:
    """Minutes rounded up to a quarter of an hour, as sums have them."""
    return Cast((F(name) + 14) / 15 * 15, IntegerField())


def open_now(scope: Scope, *dims: str, at: datetime) -> dict[Any, tuple[int, int]]:
    """How many cases are open now, and how many of them late, by the same dimensions."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for place, rows in enumerate((_open(scope, dims, at), _overdue(scope, dims, at))):
        for row in rows:
            found[_key(row, dims)][place] += row["n"]
    return {key: (counts[0], counts[1]) for key, counts in found.items()}


def _open(scope: Scope, dims: tuple[str, ...], at: datetime) -> Iterable[Mapping[str, Any]]:
    """What is open: of whole departments all that ever came in without all that was closed."""
    if not scope.whole:
        return _counted(list_of(scope, "open", at=at), dims)
    tallies = Tally.objects.filter(scope.offices & scope.channel).values(*dims, "department").order_by()
    still: QuerySet[Any] = tallies.annotate(n=Sum("received") - Sum("closed")).filter(n__gt=0)
    return still


def _overdue(scope: Scope, dims: tuple[str, ...], at: datetime) -> Iterable[Mapping[str, Any]]:
    """What is late: of whole departments counted in an index of the cases, which has all that is asked."""
    if not scope.whole:
        return _counted(list_of(scope, "overdue", at=at), dims)
    asked = scope.asked
    offices = [row.pk for row in scope.departments if asked.department in (None, row.pk)]
    with connection.cursor() as cursor:
        cursor.execute(_LATE, {"departments": offices, "service": asked.service, "at": at})
        return [
            {"department": department, "service": service, "green": green, "n": count}
            for department, service, all_of_it, greens in cursor.fetchall()
            for green, count in ((True, greens), (False, all_of_it - greens))
            if count and asked.green in ("with", "only" if green else "apart")
        ]


# One look into the index for each version in each department: adding up all that is late grows with it.
_LATE = """
SELECT office.id, version.service_id, late.count, late.green
FROM unnest(%(departments)s::uuid[]) AS office(id), catalogue_serviceversion AS version, LATERAL (
    SELECT count(*) AS count, count(contact_id) AS green FROM cases_case
    WHERE closed_at IS NULL AND due_at < %(at)s AND department_id = office.id AND version_id = version.id
) AS late
WHERE late.count > 0 AND %(service)s IN ('', version.service_id)
"""


def _counted(rows: QuerySet[Facts], dims: tuple[str, ...]) -> QuerySet[Any]:
    counted: QuerySet[Any] = rows.order_by().values(*dims, "department").annotate(n=Count("pk"))
    return counted


def people_of(scope: Scope, *, lens: Lens = Lens.PERSON) -> dict[Any, Sums]:
    """The work done by each account, or of each stage as ``(service, stage)``: how much, how late, how long."""
    rows: dict[Any, Sums] = defaultdict(Sums)
    period = scope.asked.period
    if scope.whole and period.months:
        within = Q(month__gte=period.months[0], month__lt=period.months[1]) & scope.offices & scope.channel
        dims = ("what",) if lens == Lens.PERSON else ("service", "what")
        counted = (
            Spread.objects.filter(within, lens=lens)
            .values(*dims, "minutes")
            .annotate(n=Sum("count"), behind=Sum("late"), behind_unpaused=Sum("late_unpaused"))
        )
        for row in counted:
            _worked(rows[UUID(row["what"]) if lens == Lens.PERSON else (row["service"], row["what"])], row)
    for edge in period.edges if scope.whole else [(period.since, period.until)]:
        _people_from_works(rows, scope, Period(*edge), lens)
    return dict(rows)


def _people_from_works(rows: dict[Any, Sums], scope: Scope, period: Period, lens: Lens) -> None:
    seen = Hand.objects.visible_to(scope.actor).filter(scope.narrowed, _within("closed_on", period))
    if lens == Lens.PERSON:
        seen = seen.filter(account__isnull=False)
    dims = ("account",) if lens == Lens.PERSON else ("service", "stage")
    counted = (
        seen.order_by()
        .annotate(quarters=_quarters("minutes"))
        .values(*dims, "quarters")
        .annotate(
            n=Count("pk"),
            behind=Count("pk", filter=Q(late=True)),
            behind_unpaused=Count("pk", filter=Q(late_unpaused=True)),
        )
    )
    for row in counted:
        key = row["account"] if lens == Lens.PERSON else (row["service"], row["stage"])
        _worked(rows[key], {**row, "minutes": row["quarters"]})


def _worked(sums: Sums, row: Mapping[str, Any]) -> None:
    sums.spread[row["minutes"]] += row["n"]
    for name, count in (
        ("closed", row["n"]),
        ("judged", row["n"]),
        ("on_time", row["n"] - row["behind"]),
        ("on_time_unpaused", row["n"] - row["behind_unpaused"]),
    ):
        sums.values[name] += count


def marks_by(scope: Scope, dimension: str) -> dict[tuple[Any, str], tuple[int, int]]:
    """How many pauses, extensions and notices there were, and their minutes, by dimension and kind."""
    counted = noted(scope).order_by().values(dimension, "kind").annotate(n=Count("pk"), long=Sum("minutes"))
    return {(row[dimension], row["kind"]): (row["n"], row["long"] or 0) for row in counted}


def rated(scope: Scope) -> QuerySet[Rating]:
    """The ratings of the period that somebody answers for, latest first."""
    since, until = (
        datetime.combine(day, time(), CHINA) for day in (scope.asked.period.since, scope.asked.period.until)
    )
    seen = Rating.objects.filter(led_rows(scope.actor), scope.narrowed, at__gte=since, at__lt=until)
    return seen.order_by("-at", "-pk")


def ratings_by(scope: Scope, *dims: str) -> dict[Any, dict[int, int]]:
    """How many ratings of each grade there were in the period, by the same dimensions as cases."""
    found: dict[Any, dict[int, int]] = defaultdict(dict)
    for row in rated(scope).order_by().values(*dims, "grade").annotate(n=Count("pk")):
        found[_key(row, dims)][row["grade"]] = row["n"]
    return dict(found)


MEASURED: dict[str, Callable[[Period, datetime], Q]] = {
    "received": lambda period, at: _within("received_on", period),
    "closed": lambda period, at: _within("closed_on", period),
    "open": lambda period, at: Q(closed_on=None),
    "overdue": lambda period, at: Q(closed_on=None, case__closed_at=None, case__due_at__lt=at),
    "judged": lambda period, at: _within("closed_on", period) & Q(judged=1),
    "on_time": lambda period, at: _within("closed_on", period) & Q(on_time=1),
    "late": lambda period, at: _within("closed_on", period) & Q(judged=1, on_time=0),
    "late_unpaused": lambda period, at: _within("closed_on", period) & Q(judged=1, on_time_unpaused=0),
    "unlawful": lambda period, at: _within("closed_on", period) & Q(bound=1, lawful=0),
    "zero_trip": lambda period, at: _within("closed_on", period) & Q(zero_trip=1),
    "trips": lambda period, at: _within("closed_on", period) & Q(zero_trip=0),
    "corrected": lambda period, at: _within("closed_on", period) & Q(corrections__gt=0),
    "again": lambda period, at: _within("closed_on", period) & Q(again__gt=0),
    "pauses": lambda period, at: _within("closed_on", period) & Q(pauses__gt=0),
    "extensions": lambda period, at: _within("closed_on", period) & Q(extensions__gt=0),
    "withdrawn": lambda period, at: _within("closed_on", period) & Q(withdrawn=1),
    "lapsed": lambda period, at: _within("closed_on", period) & Q(lapsed=1),
    **{
        name: (lambda period, at, name=name: _within("closed_on", period) & Q(**{name: 1}))  # type: ignore[misc]
        for name in ("granted", "refused", "declined", "terminated")
    },
}
"""The numbers of a board as the cases they count: one rule for the number's list."""


def list_of(scope: Scope, measure: str, *, at: datetime, door: str = "") -> QuerySet[Facts]:
    """The very cases a number counts, latest first."""
    found = facts(scope).filter(MEASURED[measure](scope.asked.period, at))
    return (found.filter(door=door) if door else found).order_by("-closed_at", "-received_on", "-pk")


def names_of(accounts: Iterable[UUID]) -> dict[UUID, str]:
    """The names behind accounts."""
    rows = User.objects.filter(pk__in=set(accounts)).values_list("pk", "person__name")
    return dict(rows)


def folded_at() -> datetime | None:
    """How far the sums go."""
    return Fold.objects.values_list("at", flat=True).first()

"""The weekly report: what the projects and leads of a department came to by the end of a week. Reads only.

Everything it counts is dated and never written over, and what the pack declares is kept by edition: the report of
a week that is over comes out the same whenever it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from zerotrip.projects import queries
from zerotrip.projects.queries import Light, Money, Owed, Problem, day_of, end_of
from zerotrip.projects.states import Stage

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.projects.models import Lead, Project
    from zerotrip.projects.planning import Plan

EARLIEST = date(2020, 1, 6)
"""A Monday before which there is nothing to report."""


@dataclass(frozen=True)
class Week:
    """A week from Monday to Sunday (GB/T 7408, ISO 8601)."""

    monday: date

    @classmethod
    def of(cls, day: date) -> Week:
        """The week of a day."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def named(cls, text: str) -> Week:
        """The week of ``2026-W10``. Raises ValueError."""
        year, _dash, number = text.partition("-W")
        return cls(date.fromisocalendar(int(year), int(number), 1))

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def name(self) -> str:
        """As in an address: ``2026-W10``."""
        year, number, _day = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def number(self) -> int:
        """Its number in the year."""
        return self.monday.isocalendar().week

    @property
    def year(self) -> int:
        """The year it is counted in."""
        return self.monday.isocalendar().year

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def after(self) -> Week:
        """The week after."""
        return Week(self.monday + timedelta(days=7))

    def has(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.monday <= day <= self.sunday

    def until(self, now: datetime) -> datetime:
        """As of when it is reported: its end, or now while it lasts."""
        return min(end_of(self.sunday) - timedelta.resolution, now)


@dataclass
class Line:
    """A project in a report, and on the board."""

    project: Project
    plan: Plan
    money: Money
    milestones: Sequence[Owed]
    problems: Sequence[Problem]

    def count(self, light: Light) -> int:
        """How many of its milestones stand so."""
        return sum(row.light is light for row in self.milestones)

    @property
    def late(self) -> int:
        """Milestones that are overdue."""
        return self.count(Light.LATE)

    @property
    def recovered(self) -> int:
        """Milestones that were reached after their day."""
        return self.count(Light.RECOVERED)

    @property
    def open_problems(self) -> int:
        """Problems that are not settled yet."""
        return sum(row.ended_on is None for row in self.problems)

    @property
    def planned(self) -> Decimal:
        """Planned to be spent by the end of the month."""
        return self.money.planned_by(self.plan.today)


def lines_of(actor: Actor, *, at: datetime) -> list[Line]:
    """The projects an actor follows, each with all that is known of it at ``at``, by name."""
    projects = list(queries.followed(actor, at=at).order_by("name", "pk")[: queries.MOST])
    keys = [project.pk for project in projects]
    plans = queries.plans_of(projects, at=at)
    money = queries.money_of(keys, at=at)
    milestones, problems = queries.milestones_of(keys, at=at), queries.problems_of(keys, at=at)
    return [
        Line(
            project=project,
            plan=plans[project.pk],
            money=money.get(project.pk) or Money(),
            milestones=milestones.get(project.pk, ()),
            problems=problems.get(project.pk, ()),
        )
        for project in projects
    ]


@dataclass(frozen=True)
class Leads:
    """The leads in one stage: how many, and how much they mean to invest, in units of 10,000 yuan."""

    stage: Stage
    count: int
    amount: Decimal


@dataclass(frozen=True)
class Report:
    """A week's report."""

    week: Week
    at: datetime
    over: bool
    lines: list[Line]
    leads: list[Leads]
    money: Money

    @property
    def day(self) -> date:
        """The last day it counts."""
        return day_of(self.at)

    @property
    def granted(self) -> int:
        """Permits granted in the week."""
        steps = (step for line in self.lines for step in line.plan.needed)
        return sum(self.week.has(step.progress.granted_on) for step in steps if step.progress)

    @property
    def permits(self) -> tuple[int, int]:
        """Permits granted so far, of how many that are needed."""
        return sum(line.plan.done for line in self.lines), sum(len(line.plan.needed) for line in self.lines)

    @property
    def reached(self) -> int:
        """Milestones reached in the week."""
        return sum(self.week.has(row.ended_on) for line in self.lines for row in line.milestones)

    @property
    def settled(self) -> int:
        """Problems settled in the week."""
        return sum(self.week.has(row.ended_on) for line in self.lines for row in line.problems)

    @property
    def late(self) -> int:
        """Milestones that are overdue."""
        return sum(line.late for line in self.lines)

    @property
    def recovered(self) -> int:
        """Milestones that were reached after their day."""
        return sum(line.recovered for line in self.lines)

    @property
    def open_problems(self) -> int:
        """Problems that are not settled yet."""
        return sum(line.open_problems for line in self.lines)

    @property
    def planned(self) -> Decimal:
        """Planned to be spent by the end of the month."""
        return self.money.planned_by(self.day)

    @property
    def done(self) -> Decimal:
        """Spent by then."""
        return self.money.done_by(self.day)

    @property
    def share(self) -> Decimal | None:
        """What was spent of what was planned, per cent; None where nothing was planned."""
        return self.done * 100 / self.planned if self.planned else None


def report_of(week: Week, actor: Actor, *, now: datetime) -> Report:
    """The report of a week for an actor, as of its end, or of now while it lasts."""
    at = week.until(now)
    lines = lines_of(actor, at=at)
    return Report(
        week=week,
        at=at,
        over=at < now,
        lines=lines,
        leads=_by_stage(queries.leads_at(actor, at=at)),
        money=queries.together(line.money for line in lines),
    )


def _by_stage(leads: Sequence[tuple[Lead, str]]) -> list[Leads]:
    found = []
    for stage in Stage:
        amounts = [lead.amount for lead, then in leads if then == stage]
        found.append(Leads(stage, len(amounts), sum(amounts, Decimal(0))))
    return found

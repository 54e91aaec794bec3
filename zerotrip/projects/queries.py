"""Reading projects: their plans, money, milestones and problems, now or as of a day that is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from zerotrip.cases.models import Case, Mode, Submission
from zerotrip.cases.models.case import GREEN_FIRST
from zerotrip.cases.states import CLOSING, OPENING_AGAIN, Result, Step
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.catalogue.queries import offered
from zerotrip.duties.models import Kind, Obligation, Record, Status
from zerotrip.errors import NotFound
from zerotrip.ledger.models import Entry
from zerotrip.projects.declared import scheme_at
from zerotrip.projects.models import CaseRole, Investment, Lead, LeadStep, Project, ProjectCase, ProjectFacts
from zerotrip.projects.planning import ENOUGH, Duration, Given, Plan, Progress, draw, place_of, spread
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party
    from zerotrip.projects.spec import ProjectsSpec
    from zerotrip.workdays.calendar import WorkCalendar

LATEST = 200
"""Closed cases of a service that its usual time is read from: the latest handed in."""
IN_A_BLOCK = 6
"""Projects on the record of an enterprise."""
MOST = 500
"""Projects a board or a report shows."""


def end_of(day: date) -> datetime:
    """The end of a day in China."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA)


def day_of(moment: datetime) -> date:
    """The day of a moment in China."""
    return moment.astimezone(CHINA).date()


def load(project_id: UUID, actor: Actor) -> Project:
    """A project this actor may see. Raises NotFound."""
    rows = Project.objects.visible_to(actor).select_related("owner", "department", "steward__person")
    found = rows.filter(pk=project_id).first()
    if found is None:
        raise NotFound(_("没有找到这个项目。"))
    return found


def facts_of(projects: Iterable[UUID], *, at: datetime) -> dict[UUID, dict[str, Any]]:
    """What was known of each project at ``at``: its latest facts then. One query."""
    rows = ProjectFacts.objects.filter(project__in=list(projects), at__lte=at)
    latest = rows.order_by("project", "-at").distinct("project").values_list("project", "answers")
    return dict(latest)


def progress_of(projects: Iterable[UUID], *, at: datetime) -> dict[UUID, dict[str, list[Progress]]]:
    """How far the cases of each project's permits had come at ``at``, by permit. Two queries."""
    links = ProjectCase.objects.filter(
        project__in=list(projects), role=CaseRole.PERMIT, at__lte=at, case__opened_at__lte=at
    )
    rows = list(links.select_related("case").order_by("case__opened_at", "case"))
    later = _formal_later([link.case for link in rows], at)
    found: dict[UUID, dict[str, list[Progress]]] = defaultdict(lambda: defaultdict(list))
    for link in rows:
        found[link.project_id][link.permit].append(_progress(link.case, at, rehearsed=link.case_id in later))
    return found


def _formal_later(cases: Sequence[Case], at: datetime) -> set[UUID]:
    """Those that were rehearsals at ``at`` and were turned formal since."""
    keys = [case.pk for case in cases if case.accepted_at is not None and case.accepted_at > at]
    if not keys:
        return set()
    turned = Entry.objects.filter(subject__in=keys, action=Step.FORMALISE, at__gt=at)
    return set(turned.values_list("subject", flat=True))


def _progress(case: Case, at: datetime, *, rehearsed: bool) -> Progress:
    def by_then(moment: datetime | None) -> date | None:
        return day_of(moment) if moment is not None and moment <= at else None

    granted = by_then(case.decided_at) if case.result == Result.GRANTED else None
    ended = None if granted else by_then(case.closed_at)
    return Progress(
        case=case.pk,
        number=case.number,
        opened_on=day_of(case.opened_at),
        submitted_on=by_then(case.submitted_at),
        granted_on=granted,
        ended_on=ended,
        rehearsal=rehearsed or case.mode != Mode.FORMAL,
        due_on=day_of(case.due_at) if case.due_at and not granted and not ended else None,
        status=case.status,
        result=case.result,
    )


def durations_of(services: Iterable[str], calendar: WorkCalendar, *, at: datetime) -> dict[str, Duration]:
    """How long cases of each service took until their grant, from the latest closed by ``at``; services of which
    too few are known are left out. Two queries.

    Counted in working days from handing in to the decision, with all that was waited for on the way: that is
    what a plan has to reckon with.
    """
    wanted = sorted(set(services))
    versions = list(ServiceVersion.objects.filter(service__in=wanted).values_list("pk", "service"))
    slices = [_latest(version, at) for version, _service in versions]
    if not slices:
        return {}
    service_of = dict(versions)
    rows = slices[0].union(*slices[1:], all=True) if len(slices) > 1 else slices[0]
    taken: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for version, handed_in, decided in rows:
        days = place_of(day_of(decided), calendar) - place_of(day_of(handed_in), calendar)
        taken[service_of[version]].append((handed_in, days))
    found = {}
    for service, cases in taken.items():
        latest = sorted(cases, reverse=True)[:LATEST]
        if len(latest) >= ENOUGH:
            found[service] = spread([days for _handed_in, days in latest])
    return found


def _latest(version: UUID, at: datetime) -> QuerySet[Case, Any]:
    """The latest granted cases of a version, read along the index of its list."""
    rows = Case.objects.filter(
        version=version, submitted_at__isnull=False, result=Result.GRANTED, mode=Mode.FORMAL, decided_at__lte=at
    )
    ordered = rows.order_by(GREEN_FIRST, F("submitted_at").desc(), F("pk").desc())
    return ordered.values_list("version_id", "submitted_at", "decided_at")[:LATEST]


def plans_of(projects: Sequence[Project], *, at: datetime) -> dict[UUID, Plan]:
    """The plan of each project as of ``at``. Six queries and one for each pack, however many projects."""
    keys = [project.pk for project in projects]
    facts, progress = facts_of(keys, at=at), progress_of(keys, at=at)
    specs = {pack: scheme_at(pack, at=at) for pack in {project.pack for project in projects}}
    services = {permit.service for spec in specs.values() for permit in spec.permits}
    durations = durations_of(services, calendar_for(""), at=at)
    on_offer = offered()
    return {
        project.pk: draw(
            Given(
                spec=specs[project.pack],
                kind=project.kind,
                facts=clean(specs[project.pack], facts.get(project.pk, {})),
                cases=progress.get(project.pk, {}),
                durations=durations,
                services=on_offer,
                calendar=calendar_for(project.area_path),
                today=day_of(at),
            )
        )
        for project in projects
    }


def clean(spec: ProjectsSpec, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as criteria read them."""
    return spec.parsed_form.check(answers).values


def plan_of(project: Project, *, at: datetime) -> Plan:
    """The plan of one project as of ``at``."""
    return plans_of([project], at=at)[project.pk]


class Light(StrEnum):
    """How a milestone stands."""

    KEPT = "kept"
    RECOVERED = "recovered"
    LATE = "late"
    OPEN = "open"


@dataclass(frozen=True)
class Owed:
    """A milestone of a project as of a moment."""

    obligation: Obligation
    light: Light
    due_on: date
    ended_on: date | None
    note: str = ""

    @property
    def words(self) -> Any:
        """What it is, in both languages."""
        return self.obligation.words


def milestones_of(projects: Iterable[UUID], *, at: datetime) -> dict[UUID, list[Owed]]:
    """The milestones of each project as of ``at``: late red, recovered yellow. Two queries."""
    rows = Obligation.objects.filter(kind=Kind.MILESTONE, subject__in=list(projects), opened_at__lte=at)
    # What was dropped before then was owed no more; what was dropped since was still owed then.
    rows = rows.exclude(status=Status.DROPPED, ended_at__lte=at).select_related("watcher", "owner")
    listed = list(rows.order_by("due_at", "key"))
    ended = [row.pk for row in listed if row.ended_at is not None and row.ended_at <= at]
    notes = dict(
        Record.objects.filter(obligation__in=ended, what="kept").order_by("at").values_list("obligation", "note")
    )
    found: dict[UUID, list[Owed]] = defaultdict(list)
    for row in listed:
        found[row.subject].append(_owed(row, at, notes.get(row.pk, "")))
    return found


def _owed(row: Obligation, at: datetime, note: str) -> Owed:
    kept = row.status == Status.KEPT and row.ended_at is not None and row.ended_at <= at
    if kept and row.ended_at is not None:
        light = Light.KEPT if row.ended_at <= row.due_at else Light.RECOVERED
        return Owed(row, light, day_of(row.due_at), day_of(row.ended_at), note)
    return Owed(row, Light.LATE if row.due_at < at else Light.OPEN, day_of(row.due_at), None)


@dataclass
class Month:
    """The money of a month, and of all months up to it."""

    month: date
    planned: Decimal = Decimal(0)
    done: Decimal | None = None
    planned_so_far: Decimal = Decimal(0)
    done_so_far: Decimal = Decimal(0)


@dataclass
class Money:
    """What a project, or several, planned to spend and did, by month."""

    months: list[Month] = field(default_factory=list)

    @property
    def planned(self) -> Decimal:
        """Planned in all."""
        return self.months[-1].planned_so_far if self.months else Decimal(0)

    @property
    def done(self) -> Decimal:
        """Done so far."""
        return self.months[-1].done_so_far if self.months else Decimal(0)

    def planned_by(self, day: date) -> Decimal:
        """Planned up to the end of the month of ``day``."""
        told = [month.planned_so_far for month in self.months if month.month <= day]
        return told[-1] if told else Decimal(0)

    def done_by(self, day: date) -> Decimal:
        """Done up to the end of the month of ``day``."""
        told = [month.done_so_far for month in self.months if month.month <= day]
        return told[-1] if told else Decimal(0)


def money_of(projects: Iterable[UUID], *, at: datetime) -> dict[UUID, Money]:
    """The money of each project as it was told by ``at``. One query."""
    rows = Investment.objects.filter(project__in=list(projects), at__lte=at)
    latest = rows.order_by("project", "month", "-at").distinct("project", "month")
    found: dict[UUID, list[Month]] = defaultdict(list)
    for row in latest:
        found[row.project_id].append(Month(row.month, row.planned, row.done))
    return {project: _summed(months) for project, months in found.items()}


def together(each: Iterable[Money]) -> Money:
    """The money of several projects, month by month."""
    sums: dict[date, Month] = {}
    for money in each:
        for month in money.months:
            row = sums.setdefault(month.month, Month(month.month))
            row.planned += month.planned
            if month.done is not None:
                row.done = (row.done or Decimal(0)) + month.done
    return _summed(sorted(sums.values(), key=lambda month: month.month))


def _summed(months: list[Month]) -> Money:
    planned = done = Decimal(0)
    for month in months:
        planned, done = planned + month.planned, done + (month.done or Decimal(0))
        month.planned_so_far, month.done_so_far = planned, done
    return Money(months)


@dataclass(frozen=True)
class Problem:
    """A problem of a project as of a moment: a need of its owner's, or another case that was linked as one."""

    case: Case
    ended_on: date | None


def problems_of(projects: Iterable[UUID], *, at: datetime) -> dict[UUID, list[Problem]]:
    """The problems of each project as of ``at``, the latest first. Two queries.

    When they ended is read from their journals, so that one that was opened again later had ended then.
    """
    rows = ProjectCase.objects.filter(project__in=list(projects), role=CaseRole.PROBLEM, at__lte=at)
    links = list(rows.select_related("case").order_by("-at", "-pk"))
    steps = Entry.objects.filter(subject__in=[link.case_id for link in links], at__lte=at)
    last = steps.filter(action__in=CLOSING | OPENING_AGAIN).order_by("subject", "-seq").distinct("subject")
    ended = {
        subject: day_of(moment)
        for subject, action, moment in last.values_list("subject", "action", "at")
        if action in CLOSING
    }
    found: dict[UUID, list[Problem]] = defaultdict(list)
    for link in links:
        found[link.project_id].append(Problem(link.case, ended.get(link.case_id)))
    return found


def sister_rounds(project: UUID, applicant: UUID) -> list[Submission]:
    """What was last said in each of a project's cases of the same applicant: handed in first, then the latest."""
    rows = (
        Submission.objects.filter(case__project__project=project, case__applicant=applicant)
        .select_related("case__version")
        .prefetch_related("materials__blob")
        .order_by("case", "-round")
        .distinct("case")
    )
    return sorted(rows, key=lambda row: (row.submitted_at is not None, row.started_at, row.pk), reverse=True)


def followed(actor: Actor, *, at: datetime) -> QuerySet[Project]:
    """The projects of a board or a report: visible, registered by ``at`` and not ended then."""
    rows = Project.objects.visible_to(actor).filter(registered_at__lte=at)
    return rows.filter(Q(ended_at=None) | Q(ended_at__gt=at)).select_related(
        "owner", "department", "steward__person"
    )


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """The projects of an enterprise on its record, as far as ``actor`` may see them, with how far each is."""
    found = list(followed(actor, at=at).filter(owner=party).order_by("-registered_at", "pk")[: IN_A_BLOCK + 1])
    plans = plans_of(found[:IN_A_BLOCK], at=at)
    rows = [(project, plans[project.pk]) for project in found[:IN_A_BLOCK]]
    return {"projects": rows, "more": len(found) > IN_A_BLOCK} if rows else None


def leads_at(actor: Actor, *, at: datetime) -> list[tuple[Lead, str]]:
    """The leads there were at ``at``, each with the stage it was in then. Two queries."""
    leads = list(Lead.objects.visible_to(actor).filter(opened_at__lte=at).order_by("-amount", "pk")[:MOST])
    steps = LeadStep.objects.filter(lead__in=leads, at__lte=at).order_by("lead", "-at", "-id").distinct("lead")
    stages = dict(steps.values_list("lead", "stage"))
    return [(lead, stages[lead.pk]) for lead in leads if lead.pk in stages]

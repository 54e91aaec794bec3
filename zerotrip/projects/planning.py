"""The plan of a project: which permits it needs, in which order, and when the last is granted. Pure.

From the facts of the project, what the district declares, how far its cases have come and how long such cases
take. The same plan is shown to the steward and to the applicant, and drawn anew for any past day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import UUID

from zerotrip.criteria import Truth
from zerotrip.projects.scheduling import Span, Task, schedule
from zerotrip.projects.spec import KIND
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.limits import due

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Limit, ServiceSpec
    from zerotrip.projects.spec import PermitSpec, ProblemSpec, ProjectsSpec
    from zerotrip.questions.words import Words
    from zerotrip.workdays.calendar import WorkCalendar

ENOUGH = 5
"""Closed cases of a service from which on their own times are believed, not what is promised. Ours."""


class State(StrEnum):
    """Where a permit of a plan stands."""

    DONE = "done"
    RUNNING = "running"
    REHEARSING = "rehearsing"
    DRAFT = "draft"
    READY = "ready"
    WAITING = "waiting"
    NOT_NEEDED = "not_needed"


OPEN = (State.RUNNING, State.REHEARSING, State.DRAFT)
"""There is a case that somebody works on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one case of a permit had come."""

    case: UUID
    number: str
    opened_on: date
    submitted_on: date | None = None
    granted_on: date | None = None
    ended_on: date | None = None
    """Closed without a grant: refused, declined, withdrawn, lapsed."""
    rehearsal: bool = False
    due_on: date | None = None
    status: str = ""
    result: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody works on it."""
        return self.granted_on is None and self.ended_on is None


class Source(StrEnum):
    """Where the days a permit takes are from."""

    REGISTER = "register"
    PROMISED = "promised"
    USUAL = "usual"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Duration:
    """Working days from handing in to the decision: usually, and for four cases of five at most."""

    likely: int
    cautious: int
    source: Source
    count: int = 0
    """Closed cases it was read from."""
    basis: Words | None = None


@dataclass(frozen=True)
class Step:
    """A permit in a plan."""

    permit: PermitSpec
    need: Truth
    missing: tuple[str, ...]
    """The facts that are not known and would settle whether it is needed."""
    state: State
    after: tuple[str, ...]
    """What it waits for, without permits that are not needed."""
    duration: Duration
    undated: str = ""
    """The date among the facts that it waits for and that is not known: that time is not reckoned with."""
    progress: Progress | None = None
    tried: Progress | None = None
    """A case before that ended without a grant."""
    start: date | None = None
    finish: date | None = None
    cautious: date | None = None
    """When it ends if four of five such cases are faster."""
    slack: int = 0
    critical: bool = False
    offered: bool = True
    """Whether its service takes applications."""
    early: bool = False
    """Whether its review may begin now, before what it waits for is granted."""
    overdue: bool = False
    """Under way for longer than four of five cases take, or past its own limit."""

    @property
    def id(self) -> str:
        """The key of the permit."""
        return self.permit.id

    @property
    def may_open(self) -> bool:
        """Whether a case can be begun for it now."""
        return self.offered and (self.state is State.READY or (self.state is State.WAITING and self.early))


@dataclass(frozen=True)
class Plan:
    """The steps in the order of the declaration, and what they come to."""

    spec: ProjectsSpec
    today: date
    steps: tuple[Step, ...]
    facts: Mapping[str, Any]
    sooner: date | None = None
    """When it would end if every review began ahead that may."""

    @cached_property
    def needed(self) -> tuple[Step, ...]:
        """The permits that are, or may be, needed."""
        return tuple(step for step in self.steps if step.state is not State.NOT_NEEDED)

    @cached_property
    def done(self) -> int:
        """How many of them are granted."""
        return sum(step.state is State.DONE for step in self.needed)

    @cached_property
    def finish(self) -> date | None:
        """When the last permit is granted, or was; None where none is needed."""
        return max((step.finish for step in self.needed if step.finish), default=None)

    @cached_property
    def cautious(self) -> date | None:
        """The same, if four of five cases are faster."""
        return max((step.cautious for step in self.needed if step.cautious), default=None)

    @property
    def complete(self) -> bool:
        """Whether every permit is granted."""
        return bool(self.needed) and self.done == len(self.needed)

    @cached_property
    def critical(self) -> tuple[Step, ...]:
        """The steps any delay of which delays the whole, in order of time."""
        found = [step for step in self.needed if step.critical]
        return tuple(sorted(found, key=lambda step: (step.finish or self.today, step.start or self.today)))

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The facts that are not known and on which a permit hangs."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.missing))

    @cached_property
    def phase(self) -> str:
        """The key of the phase the project is in; nothing once all is granted."""
        left = {step.permit.phase for step in self.needed if step.state is not State.DONE}
        return next((phase.id for phase in self.spec.phases if phase.id in left), "")

    def step(self, permit_id: str) -> Step | None:
        """The step of a permit that is needed."""
        return next((step for step in self.needed if step.id == permit_id), None)

    def group(self, joint_id: str) -> tuple[Step, ...]:
        """The steps of a joint acceptance."""
        return tuple(step for step in self.needed if step.permit.joint == joint_id)


@dataclass(frozen=True)
class Given:
    """What a plan is drawn from."""

    spec: ProjectsSpec
    kind: str
    facts: Mapping[str, Any]
    """Clean values of the form."""
    cases: Mapping[str, Sequence[Progress]]
    """By permit."""
    durations: Mapping[str, Duration]
    """By service."""
    services: Mapping[str, ServiceSpec]
    """What can be applied for now."""
    calendar: WorkCalendar
    today: date


def draw(given: Given) -> Plan:
    """The plan as of ``given.today``."""
    facts = {**given.facts, KIND: given.kind, "today": given.today.isoformat()}
    needs = {permit.id: _need(given.spec, permit, facts) for permit in given.spec.permits}
    after = _without_needless(given.spec, {name for name, (need, _missing) in needs.items() if need is Truth.NO})
    steps = [_step(given, permit, needs[permit.id], after) for permit in given.spec.permits]
    return _timed(given, steps, facts)


def _need(spec: ProjectsSpec, permit: PermitSpec, facts: Mapping[str, Any]) -> tuple[Truth, tuple[str, ...]]:
    rule = spec.rules.get(f"permit:{permit.id}")
    if rule is None:
        return Truth.YES, ()
    verdict = rule.explain(facts)
    return verdict.truth, tuple(name for name in verdict.missing if name != "today")


def _without_needless(spec: ProjectsSpec, needless: set[str]) -> dict[str, tuple[str, ...]]:
    """What each permit waits for; what comes after one that is not needed comes after what was before it.

    What one of the others waits for already is left out.
    """
    declared = {permit.id: permit.after for permit in spec.permits}

    def before(name: str) -> list[str]:
        found: list[str] = []
        for one in declared[name]:
            found += before(one) if one in needless else [one]
        return list(dict.fromkeys(found))

    def far_before(name: str) -> set[str]:
        near = declared[name]
        return {*near, *(one for each in near for one in far_before(each))}

    kept = {}
    for name in declared:
        near = before(name)
        far = {one for each in near for one in far_before(each)}
        kept[name] = tuple(one for one in near if one not in far)
    return kept


def _step(
    given: Given, permit: PermitSpec, need: tuple[Truth, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Step:
    truth, missing = need
    cases = given.cases.get(permit.id, ())
    granted = next((one for one in cases if one.granted_on), None)
    under_way = max((one for one in cases if one.is_open), key=lambda one: one.opened_on, default=None)
    ended = max((one for one in cases if one.ended_on), key=lambda one: one.opened_on, default=None)
    service = given.services.get(permit.service)
    step = Step(
        permit=permit,
        need=truth,
        missing=missing,
        state=State.NOT_NEEDED if truth is Truth.NO and granted is None and under_way is None else State.WAITING,
        after=after[permit.id],
        duration=duration_of(permit, given),
        undated=permit.not_before or "" if _floor(permit, given.facts) is None else "",
        progress=granted or under_way,
        tried=ended if granted is None and under_way is None else None,
        offered=service is not None and service.incomplete is None,
        early=permit.early and service is not None and any(m.rehearsal for m in service.materials),
    )
    return replace(step, state=_state(step)) if step.progress else step


def _floor(permit: PermitSpec, facts: Mapping[str, Any]) -> date | None:
    """The day before which a permit cannot begin; None where there is none, or it is not known."""
    told = facts.get(permit.not_before) if permit.not_before else None
    return date.fromisoformat(told) if isinstance(told, str) else None


def _state(step: Step) -> State:
    progress = step.progress
    if progress is None:
        return step.state
    if progress.granted_on is not None:
        return State.DONE
    if progress.submitted_on is None:
        return State.DRAFT
    return State.REHEARSING if progress.rehearsal else State.RUNNING


def duration_of(permit: PermitSpec, given: Given) -> Duration:
    """How long a permit takes: as the register knows, as promised, as is usual, or nobody knows."""
    known = given.durations.get(permit.service)
    if known is not None:
        return known
    service = given.services.get(permit.service)
    if service is not None and service.incomplete is None:
        days = days_in(service.promised, given.calendar, given.today)
        return Duration(days, days, Source.PROMISED, basis=service.promised.basis)
    if permit.usual is not None:
        days = days_in(permit.usual, given.calendar, given.today)
        return Duration(days, days, Source.USUAL, basis=permit.usual.basis)
    return Duration(0, 0, Source.NONE)


def days_in(limit: Limit, calendar: WorkCalendar, day: date) -> int:
    """A limit as working days, counted from the first hour of ``day``."""
    opens = datetime.combine(calendar.next_working_day(day), time(), CHINA)
    ends = due(start=opens, amount=limit.amount, unit=limit.unit, calendar=calendar).at
    if ends is None:
        raise AssertionError("a limit without pauses ends")
    return place_of(ends.astimezone(CHINA).date(), calendar) - place_of(day, calendar)


def place_of(day: date, calendar: WorkCalendar) -> int:
    """The number of a day among the working days; of one that is not worked, of the next."""
    return bisect_left(calendar.working_days, day.toordinal())


def day_at(place: int, calendar: WorkCalendar) -> date:
    """The working day of a number."""
    return date.fromordinal(calendar.working_days[place])


def spread(days: Sequence[int]) -> Duration:
    """The median and the 80th percentile of what closed cases took, by the nearest rank, of one or more."""
    ordered = sorted(days)
    likely = ordered[ceil(len(ordered) / 2) - 1]
    cautious = ordered[ceil(len(ordered) * 4 / 5) - 1]
    return Duration(likely, cautious, Source.REGISTER, count=len(ordered))


def _timed(given: Given, steps: list[Step], facts: Mapping[str, Any]) -> Plan:
    needed = [step for step in steps if step.state is not State.NOT_NEEDED]
    ids = {step.id for step in needed}
    states = {step.id: step.state for step in needed}
    today = place_of(given.today, given.calendar)

    def tasks(*, cautious: bool = False, ahead: bool = False) -> dict[str, Task]:
        return {step.id: _task(step, ids, given, cautious=cautious, ahead=ahead) for step in needed}

    likely, slow = schedule(tasks(), today), schedule(tasks(cautious=True), today)
    ahead = schedule(tasks(ahead=True), today)
    timed = [
        _with_span(step, likely[step.id], slow[step.id], states, given) if step.id in ids else step
        for step in steps
    ]
    plan = Plan(given.spec, given.today, tuple(timed), facts)
    if ahead and not plan.complete:
        sooner = day_at(max(span.finish for span in ahead.values()), given.calendar)
        plan = replace(plan, sooner=sooner if plan.finish and sooner < plan.finish else None)
    return plan


def _task(step: Step, ids: set[str], given: Given, *, cautious: bool, ahead: bool) -> Task:
    progress, calendar = step.progress, given.calendar
    floor = _floor(step.permit, given.facts)
    begun = progress.submitted_on if progress else None
    ended = progress.granted_on if progress else None
    return Task(
        days=step.duration.cautious if cautious else step.duration.likely,
        after=frozenset(step.after) & ids,
        begun=None if begun is None else place_of(begun, calendar),
        ended=None if ended is None else place_of(ended, calendar),
        ahead=step.state is State.REHEARSING or (ahead and step.early and begun is None),
        floor=None if floor is None else place_of(floor, calendar),
    )


def _with_span(step: Step, likely: Span, slow: Span, states: Mapping[str, State], given: Given) -> Step:
    calendar, progress = given.calendar, step.progress
    waits = [one for one in step.after if states[one] is not State.DONE]
    state = step.state
    if state is State.WAITING and not waits:
        state = State.READY
    begun = progress.submitted_on if progress else None
    ended = progress.granted_on if progress else None
    late_at = place_of(begun, calendar) + step.duration.cautious if begun and not ended else None
    over = late_at is not None and place_of(given.today, calendar) > late_at and step.duration.source != Source.NONE
    past_due = progress is not None and not ended and progress.due_on is not None and progress.due_on < given.today
    return replace(
        step,
        state=state,
        start=begun or day_at(likely.start, calendar),
        finish=ended or day_at(likely.finish, calendar),
        cautious=ended or day_at(slow.finish, calendar),
        slack=likely.slack,
        critical=likely.critical,
        early=step.early and bool(waits),
        overdue=over or past_due,
    )


def in_charge(spec: ProjectsSpec, kind: str, facts: Mapping[str, Any]) -> tuple[ProblemSpec, ...]:
    """The classes of problems a project may have, those whose criteria it meets first; the first is the usual."""
    known = {**facts, KIND: kind}
    rules = spec.rules

    def fits(problem: ProblemSpec) -> bool:
        rule = rules.get(f"problem:{problem.id}")
        return rule is None or rule.explain(known).truth is Truth.YES

    return tuple(problem for problem in spec.problems if fits(problem))

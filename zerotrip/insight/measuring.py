"""What one closed case counts as. Pure: rows and a calendar in, measures out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zerotrip.cases.clocks import derive
from zerotrip.cases.models import ClockName, Door
from zerotrip.cases.states import Result
from zerotrip.catalogue.spec import StageKind
from zerotrip.insight.models import Facts, Hand, Mark, MarkKind, Measures
from zerotrip.workdays.calendar import CHINA, WorkCalendar, working_time_between

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment, Case, Clock, Correction, Proposal, Suspension

Span = tuple[datetime, datetime]

COUNTED_STAGES = (StageKind.INTAKE, StageKind.REVIEW, StageKind.DECISION, StageKind.APPROVAL)
"""The work that a decision waits for. What comes after it is no part of how long it took."""
OF_THE_LAW = (ClockName.NOTICE, ClockName.STATUTORY, ClockName.DELIVERY)
"""Five days to accept or name what is missing, the limit for deciding, ten days to deliver (arts. 32, 42, 44)."""


@dataclass
class Story:
    """A closed case with the rows its measures follow from."""

    case: Case
    service: str
    corrections: list[Correction] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    extensions: list[Proposal] = field(default_factory=list)
    visited: bool = False
    """Something was handed in, or the paper fetched or to be fetched, at the counter."""

    @property
    def end(self) -> datetime:
        """When there was nothing left to wait for: the decision, else the end of the case."""
        ended = self.case.decided_at or self.case.closed_at
        if ended is None:
            raise AssertionError("only closed cases are measured")
        return ended

    @property
    def span(self) -> Span:
        """From handing in to the end."""
        if self.case.submitted_at is None:
            raise AssertionError("a draft that was given up counts as nothing")
        return self.case.submitted_at, max(self.case.submitted_at, self.end)

    @property
    def waits(self) -> list[Span]:
        """When it lay with the applicant: until each notice was answered, or the case ended, and between a
        rehearsal and its turn to formal. A notice taken back never left our hands (decision 14)."""
        found = [
            (one.requested_at, one.answered_at or one.lapsed_at or self.end)
            for one in self.corrections
            if one.taken_back_at is None
        ]
        accepted = self.case.accepted_at or self.end
        rehearsed = [w.done_at for w in self.assignments if w.kind == StageKind.DECISION and w.done_at]
        return found + [(done, accepted) for done in rehearsed if done < accepted]

    @property
    def stops(self) -> list[Span]:
        """When a special procedure stopped the clocks."""
        return [(one.started_at, one.ended_at or one.until) for one in self.suspensions]


def minutes_of(spans: Iterable[Span], within: Span, calendar: WorkCalendar) -> int:
    """Working minutes of the spans inside another, overlapping ones once."""
    clipped = sorted((max(a, within[0]), min(b, within[1])) for a, b in spans)
    total, until = 0.0, within[0]
    for start, end in clipped:
        begins = max(start, until)
        if end > begins:
            total += working_time_between(begins, end, calendar).total_seconds()
            until = end
    return round(total / 60)


def measure(story: Story, calendar: WorkCalendar) -> Measures:
    """The measures of a closed case, in an unsaved ``Facts``."""
    case = story.case
    whole = minutes_of([story.span], story.span, calendar)
    applicant = minutes_of(story.waits, story.span, calendar)
    away = minutes_of([*story.waits, *story.stops], story.span, calendar)
    made = Facts(hands=max(0, whole - away), applicant=applicant, paused=away - applicant)
    setattr(made, Result(case.result).value, 1)
    _judge_promise(made, story, calendar)
    _judge_law(made, story)
    standing = [one for one in story.corrections if one.taken_back_at is None]
    made.corrections, made.again = len(standing), max(0, len(standing) - 1)
    made.taken_back = len(story.corrections) - len(standing)
    made.pauses, made.extensions = len(story.suspensions), len(story.extensions)
    made.zero_trip = int(case.door != Door.DESK and not story.visited)
    return made


def _judge_promise(made: Measures, story: Story, calendar: WorkCalendar) -> None:
    """Against the promise, or against the five days where the case was declined. Who takes an application
    back, or lets it lapse, leaves nothing to judge."""
    if story.case.result not in (Result.GRANTED, Result.REFUSED, Result.DECLINED):
        return
    name = ClockName.NOTICE if story.case.result == Result.DECLINED else ClockName.PROMISED
    clock = _latest(story.clocks, name)
    if clock is None or clock.ended_at is None or clock.due_at is None:
        return
    made.judged, made.on_time = 1, int(clock.ended_at <= clock.due_at)
    made.on_time_unpaused = int(clock.ended_at <= due_unpaused(clock, calendar))
    if clock.ended_at > clock.due_at:
        late = working_time_between(clock.due_at, clock.ended_at, calendar)
        made.late_minutes = max(1, round(late.total_seconds() / 60))


def _judge_law(made: Measures, story: Story) -> None:
    limits = [c for c in story.clocks if c.name in OF_THE_LAW and c.ended_at and c.due_at]
    if limits and made.judged:
        made.bound = 1
        made.lawful = int(all(c.ended_at <= c.due_at for c in limits if c.ended_at and c.due_at))


def due_unpaused(clock: Clock, calendar: WorkCalendar) -> datetime:
    """When a clock would have ended had nothing been paused."""
    if clock.due_at is not None and not clock.pauses:
        return clock.due_at
    kept, clock.pauses = clock.pauses, []
    try:
        ends = derive(clock, calendar).at
    finally:
        clock.pauses = kept
    if ends is None:
        raise AssertionError("a limit without pauses ends")
    return ends


def _latest(clocks: Sequence[Clock], name: ClockName) -> Clock | None:
    found = [clock for clock in clocks if clock.name == name]
    return max(found, key=lambda clock: clock.started_at, default=None)


def hands(story: Story, calendar: WorkCalendar) -> list[Hand]:
    """The pieces of work done in a closed case, each with how long it lay with staff."""
    away = [*story.waits, *story.stops]
    return [
        _hand(story, work, away, calendar)
        for work in story.assignments
        if work.done_at is not None and work.kind in COUNTED_STAGES
    ]


def _hand(story: Story, work: Assignment, away: list[Span], calendar: WorkCalendar) -> Hand:
    done = work.done_at or work.opened_at
    span = (work.opened_at, max(work.opened_at, done))
    spent = minutes_of([span], span, calendar) - minutes_of(away, span, calendar)
    own = next((clock for clock in story.clocks if clock.assignment_id == work.pk), None)
    clock = own or (None if work.kind == StageKind.INTAKE else _latest(story.clocks, ClockName.PROMISED))
    unpaused = work.due_at if clock is None else due_unpaused(clock, calendar)
    return Hand(
        assignment=work.pk,
        stage=work.stage.partition(".")[0],
        department_id=work.department_id,
        area_path=work.area_path,
        account_id=work.done_by_id,
        minutes=max(0, spent),
        late=work.due_at is not None and done > work.due_at,
        late_unpaused=unpaused is not None and done > unpaused,
        **_shared(story),
    )


def marks(story: Story, calendar: WorkCalendar) -> list[Mark]:
    """The pauses, extensions and notices of a closed case, each with whose it was and why."""
    made = [
        _mark(
            story,
            MarkKind.PAUSE,
            account_id=one.started_by_id,
            what=one.kind,
            reason=one.reason,
            at=one.started_at,
            minutes=minutes_of([(one.started_at, one.ended_at or one.until)], story.span, calendar),
        )
        for one in story.suspensions
    ]
    made += [
        _mark(story, MarkKind.EXTENSION, account_id=one.drafted_by_id, reason=one.reasons, at=one.drafted_at)
        for one in story.extensions
    ]
    return made + _notices(story)


def _notices(story: Story) -> list[Mark]:
    made, before = [], False
    for one in sorted(story.corrections, key=lambda found: found.requested_at):
        if one.taken_back_at is not None:
            kind, by, at = MarkKind.TAKEN_BACK, one.taken_back_by_id, one.taken_back_at
        else:
            kind, by, at = MarkKind.AGAIN if before else MarkKind.CORRECTION, one.requested_by_id, one.requested_at
            before = True
        made.append(_mark(story, kind, account_id=by, reason=one.again_because or one.note, at=at))
    return made


def _mark(story: Story, kind: MarkKind, **what: Any) -> Mark:
    case = story.case
    return Mark(kind=kind, department_id=case.department_id, area_path=case.area_path, **what, **_shared(story))


def _shared(story: Story) -> dict[str, Any]:
    case = story.case
    return {
        "case_id": case.pk,
        "service": story.service,
        "green": case.contact_id is not None,
        "closed_on": closing_day(case),
    }


def closing_day(case: Case) -> Any:
    """The day in China on which a case was closed."""
    if case.closed_at is None:
        raise AssertionError("only closed cases are measured")
    return case.closed_at.astimezone(CHINA).date()

"""The limits of a case as clocks. Pure: rows and a calendar in, due dates and their reasons out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases.models import LEADING, Assignment, Case, Clock, ClockName, Procedure
from zerotrip.catalogue.spec import Limit, StageKind
from zerotrip.questions.words import Words
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.limits import Due, Extension, Pause, Unit, due

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.workdays.calendar import WorkCalendar

_LAW = {"zh": "《行政许可法》第%s条、第八十二条", "en": "Administrative Licensing Law, arts. %s and 82"}


def _of_the_law(days: int, zh: str, en: str) -> Limit:
    basis = Words(zh=_LAW["zh"] % zh, en=_LAW["en"] % en)
    return Limit(amount=days, unit=Unit.WORKING_DAYS, basis=basis)


NOTICE = _of_the_law(5, "三十二", "32")
"""Accept, or name once everything that is missing, within five working days of receipt."""


def notice_of(spec: ServiceSpec) -> Limit:
    """How long acceptance, or the one notice, may take: as the intake stage says, or the law's five days."""
    return next((stage.limit for stage in spec.stages if stage.kind is StageKind.INTAKE and stage.limit), NOTICE)


DELIVERY = _of_the_law(10, "四十四", "44")
"""Deliver the licence within ten working days of the decision."""

ASK_FOR_HEARING = _of_the_law(5, "四十七", "47")
"""Whoever is told of the right asks for a hearing within five working days."""
HOLD_HEARING = _of_the_law(20, "四十七", "47")
"""A hearing that is asked for is held within twenty working days."""
CALL_HEARING = _of_the_law(7, "四十八", "48")
"""Time and place are notified seven working days before."""
ANSWER = Limit(
    amount=5,
    unit=Unit.WORKING_DAYS,
    basis=Words(
        zh="本平台的默认期限：法律没有规定利害关系人几日内陈述意见",
        en="The platform's own default: the law gives no days for stating one's view",
    ),
)
"""How long those concerned have to state their view, unless the pack says."""


def answer_of(spec: ServiceSpec) -> Limit:
    """How long those concerned have to state their view."""
    return spec.third_parties.within if spec.third_parties else ANSWER


def derive(clock: Clock, calendar: WorkCalendar) -> Due:
    """When the clock ends and why, from its start, its limit, its pauses and its extensions."""
    return due(
        start=clock.started_at,
        amount=float(clock.amount),
        unit=Unit(clock.unit),
        calendar=calendar,
        pauses=[
            Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None, _said(kind, reason))
            for start, end, kind, reason in clock.pauses
        ],
        extensions=[
            Extension(datetime.fromisoformat(at), amount, reason) for at, amount, reason in clock.extensions
        ],
    )


def _said(kind: str, reason: str) -> str:
    return _("%(kind)s，%(reason)s") % {"kind": Procedure(kind).label, "reason": reason}


def start(
    case: Case,
    name: ClockName,
    limit: Limit,
    *,
    at: datetime,
    calendar: WorkCalendar,
    assignment: Assignment | None = None,
) -> Clock:
    """A clock that begins to run at ``at``, not yet saved."""
    clock = Clock(
        case_id=case.pk,
        assignment=assignment,
        name=name,
        amount=Decimal(str(limit.amount)),
        unit=limit.unit.value,
        basis=limit.basis.model_dump(),
        started_at=at,
    )
    reset(clock, calendar)
    return clock


def soonest(clocks: Iterable[Clock]) -> datetime | None:
    """When a case is due: the first end of the clocks that lead it and run."""
    ends = [one.due_at for one in clocks if one.name in LEADING and one.ended_at is None]
    return min((end for end in ends if end is not None), default=None)


def reset(clock: Clock, calendar: WorkCalendar) -> None:
    """Derive ``due_at``, ``warn_at`` and ``provisional`` anew."""
    derived = derive(clock, calendar)
    clock.due_at, clock.provisional = derived.at, derived.provisional
    clock.warn_at = derived.yellow if derived.at else None


def pause(clock: Clock, calendar: WorkCalendar, *, start: datetime, end: datetime, kind: str, reason: str) -> None:
    """Stop the clock over an announced time."""
    clock.pauses = [*clock.pauses, [start.isoformat(), end.isoformat(), kind, reason]]
    reset(clock, calendar)


def end_pause(clock: Clock, calendar: WorkCalendar, *, kind: str, at: datetime) -> None:
    """Let the clock run again from ``at`` on, earlier than announced."""
    moment = at.isoformat()
    clock.pauses = [
        [start, min(end, moment, key=datetime.fromisoformat) if which == kind else end, which, reason]
        for start, end, which, reason in clock.pauses
    ]
    reset(clock, calendar)


def extend(clock: Clock, calendar: WorkCalendar, *, amount: float, reason: str, at: datetime) -> None:
    """Add to the limit of the clock, in its own unit."""
    clock.extensions = [*clock.extensions, [at.isoformat(), amount, reason]]
    reset(clock, calendar)


def stage_due(limit: Limit, *, at: datetime, calendar: WorkCalendar) -> datetime:
    """When a limit that nothing stops ends."""
    ends = due(start=at, amount=float(limit.amount), unit=limit.unit, calendar=calendar).at
    if ends is None:
        raise AssertionError("a limit without pauses ends")
    return ends


def day_of(moment: datetime) -> str:
    """A day as letters and certificates write it."""
    day = moment.astimezone(CHINA).date()
    return f"{day.year} 年 {day.month} 月 {day.day} 日"

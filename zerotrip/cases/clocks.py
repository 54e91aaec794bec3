"""The limits of a case as clocks. Pure: rows and a calendar in, due dates and their reasons out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from zerotrip.cases.models import Case, Clock, ClockName
from zerotrip.catalogue.spec import Limit
from zerotrip.questions.words import Words
from zerotrip.workdays.limits import Due, Pause, Unit, due

if TYPE_CHECKING:
    from zerotrip.workdays.calendar import WorkCalendar

NOTICE = Limit(
    amount=5,
    unit=Unit.WORKING_DAYS,
    basis=Words(zh="《行政许可法》第三十二条、第八十二条", en="Administrative Licensing Law, arts. 32 and 82"),
)
"""Accept, or name once everything that is missing, within five working days of receipt."""

DELIVERY = Limit(
    amount=10,
    unit=Unit.WORKING_DAYS,
    basis=Words(zh="《行政许可法》第四十四条、第八十二条", en="Administrative Licensing Law, arts. 44 and 82"),
)
"""Deliver the licence within ten working days of the decision."""


def derive(clock: Clock, calendar: WorkCalendar) -> Due:
    """When the clock ends and why, from its start, its limit and its pauses."""
    return due(
        start=clock.started_at,
        amount=float(clock.amount),
        unit=Unit(clock.unit),
        calendar=calendar,
        pauses=[
            Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None, reason)
            for start, end, reason in clock.pauses
        ],
    )


def start(case: Case, name: ClockName, limit: Limit, *, at: datetime, calendar: WorkCalendar) -> Clock:
    """A clock that begins to run at ``at``, not yet saved."""
    clock = Clock(
        case=case,
        name=name,
        amount=Decimal(str(limit.amount)),
        unit=limit.unit.value,
        basis=limit.basis.model_dump(),
        started_at=at,
    )
    reset(clock, calendar)
    return clock


def reset(clock: Clock, calendar: WorkCalendar) -> None:
    """Derive ``due_at`` and ``provisional`` anew."""
    derived = derive(clock, calendar)
    clock.due_at, clock.provisional = derived.at, derived.provisional


def stage_due(
    limit: Limit | None, *, at: datetime, fallback: datetime | None, calendar: WorkCalendar
) -> datetime | None:
    """When a stage is due: by its own limit, else with the whole case."""
    if limit is None:
        return fallback
    return due(start=at, amount=float(limit.amount), unit=limit.unit, calendar=calendar).at

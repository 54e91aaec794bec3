"""When an obligation is due and when to remind of it. Pure: rows and a calendar in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.limits import Due, Unit, due

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation, Requirement
    from zerotrip.workdays.calendar import WorkCalendar


def derive(obligation: Obligation, requirement: Requirement, calendar: WorkCalendar) -> Due:
    """When it is due and why, from the day it began and the limit."""
    if requirement.amount is None:
        raise AssertionError("a day that was set by hand is not derived")
    amount, unit = float(requirement.amount), Unit(requirement.unit)
    return due(start=obligation.opened_at, amount=amount, unit=unit, calendar=calendar)


def reset(obligation: Obligation, requirement: Requirement, calendar: WorkCalendar, *, at: datetime) -> None:
    """Derive when it is due, and the next reminder after ``at``."""
    ends = derive(obligation, requirement, calendar).at
    if ends is None:
        raise AssertionError("a limit without pauses ends")
    obligation.due_at = ends
    next_reminder(obligation, requirement, calendar, at=at)


def next_reminder(
    obligation: Obligation, requirement: Requirement, calendar: WorkCalendar, *, at: datetime
) -> None:
    """Set the first reminder after ``at``: at the opening of offices, so many working days before the end."""
    last = calendar.next_working_day(obligation.due_at.astimezone(CHINA).date())
    moments = (
        datetime.combine(calendar.working_day_after(last, -days), calendar.office_hours[0][0], CHINA)
        for days in requirement.remind
    )
    obligation.remind_at = min((moment for moment in moments if moment > at), default=None)

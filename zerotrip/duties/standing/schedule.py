"""When the windows of a standing duty begin and end. Pure: a schedule, the day it began, a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.duties.standing.spec import DutySpec
    from zerotrip.workdays.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to the first that is too late."""

    starts: datetime
    ends: datetime


def span_at(spec: DutySpec, at: datetime, *, since: date, calendar: WorkCalendar) -> Span | None:
    """The window under way at a moment, of a duty that stands since a day; None between two windows.

    A day is a day in China, from midnight to midnight. Windows of several days follow each other from the day
    the duty began to stand: the reading of "so many in so many days" the sources leave open.
    """
    today = at.astimezone(CHINA).date()
    if spec.by_hand or today < since:
        return None
    if spec.working_days and not calendar.is_working(today):
        return None
    if spec.times:
        spans = (Span(_moment(today, each.start), _moment(today, each.end)) for each in spec.times)
        return next((span for span in spans if span.starts <= at < span.ends), None)
    first = since + timedelta(days=(today - since).days // spec.days * spec.days)
    return Span(_moment(first, "00:00"), _moment(first + timedelta(days=spec.days), "00:00"))


def _moment(day: date, clock: str) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=CHINA)

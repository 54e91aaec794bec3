"""The day and the hour of a deadline as they are typed; a day off is asked about, and never moved unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.web.requests import moment_of, typed
from zerotrip.web.templatetags.show import day as shown
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.web.requests import Request
    from zerotrip.workdays.calendar import WorkCalendar

USUAL_HOUR = "17:00"


@dataclass(frozen=True)
class DayOff:
    """A deadline on a day on which offices are closed, and what was said about it: ``next``, ``keep``, nothing."""

    day: date
    name: str
    """Of the holiday, if it is one."""
    next: date
    """The working day after it."""
    said: str

    @property
    def text(self) -> str:
        """What is wrong with it, as it stands at the field."""
        told = {"day": _said(self.day), "name": self.name}
        which = _("%(day)s是%(name)s，") % told if self.name else told["day"]
        return _("%(day)s不上班。请选改到下一个工作日，还是就按这一天。") % {"day": which}

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value, words, whether it is chosen; the working day is, unless the other was."""
        later, stays = {"day": _said(self.next)}, {"day": _said(self.day)}
        return [
            (f"next:{self.day}", _("改到%(day)s，下一个工作日") % later, self.said != "keep"),
            (f"keep:{self.day}", _("就按%(day)s") % stays, self.said == "keep"),
        ]


def _said(day: date) -> str:
    """A day with its weekday."""
    return _("%(day)s（%(weekday)s）") % {"day": shown(day), "weekday": date_format(day, "l")}


def day_off(request: Request, due_at: datetime | None, area_path: str) -> DayOff | None:
    """The day off a deadline falls on in an area; what was said counts for the very day it was said of."""
    if due_at is None:
        return None
    day, calendar = due_at.astimezone(CHINA).date(), calendar_for(area_path)
    if calendar.is_working(day) or not _answers_for(calendar, day):
        return None
    word, _colon, of = typed(request, "off", most=20).partition(":")
    special = calendar.special.get(day)
    said = word if of == day.isoformat() and word in ("next", "keep") else ""
    return DayOff(day, special.name if special else "", calendar.next_working_day(day), said)


def _answers_for(calendar: WorkCalendar, day: date) -> bool:
    """Whether there is a working day after it: years far off are refused elsewhere."""
    return calendar.working_days[0] <= day.toordinal() < calendar.working_days[-1]


def settled(request: Request, due_at: datetime, area_path: str) -> datetime:
    """The deadline as it was meant: moved to the next working day where that was chosen.

    Raises Invalid at ``due`` while it falls on a day off and nobody has said what is meant.
    """
    off = day_off(request, due_at, area_path)
    if off is None or off.said == "keep":
        return due_at
    if off.said == "next":
        return datetime.combine(off.next, due_at.astimezone(CHINA).timetz())
    raise Invalid(_("还没有提交，期限那天不上班。"), {"due": [off.text]})


def due_typed(request: Request) -> datetime | None:
    """The day and hour that were typed; the close of the day without an hour; None for no day."""
    return moment_of(typed(request, "day", most=10), typed(request, "hour", most=8) or USUAL_HOUR)


def due_required(request: Request, area_path: str) -> datetime:
    """The day and hour that were typed, settled. Raises Invalid at ``due`` for none, and for a day off unsaid."""
    due_at = due_typed(request)
    if due_at is None:
        text = _("请填写日期和时间。")
        raise Invalid(text, {"due": [text]})
    return settled(request, due_at, area_path)


def due_if_typed(request: Request, area_path: str) -> datetime | None:
    """As ``due_required``; None where no day was typed."""
    due_at = due_typed(request)
    return None if due_at is None else settled(request, due_at, area_path)

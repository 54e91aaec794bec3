"""When a time limit ends, and why: each rule a named function with the law it follows.

The limits of the Administrative Licensing Law are working days (行政许可法 art. 82). The day of the event
is not counted (民法典 art. 201); a limit whose last day is a statutory holiday ends on the day after
the holiday (art. 203), at the close of office hours where offices keep hours (art. 203 para. 2).

Three readings the law leaves open are ours: what comes in outside office hours counts as having come
in when offices next open; a day is not counted in a limit of days when any part of it before offices
close is paused; and a pause that begins once a limit has ended does not bring it back to life.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from math import ceil

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.workdays.calendar import CHINA, WorkCalendar

EVENT_DAY = "民法典 201"
MONTHS_END = "民法典 202"
LAST_DAY = "民法典 203"
WORKING_DAYS = "行政许可法 82"
SUSPENSION = "行政许可法 45"
EXTENSION = "行政许可法 42"
YELLOW = 0.75
"""Share of a limit after which its light turns yellow. Ours: no law names one."""


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    """Ends on the day of the same number, or on the last of a month that has none (民法典 art. 202)."""
    HOURS = "hours"
    """Around the clock, nights and holidays too (民法典 art. 201: counted from the hour)."""


BY_CALENDAR = frozenset({Unit.CALENDAR_DAYS, Unit.MONTHS})
"""Units in which days off are counted too."""


@dataclass(frozen=True)
class Pause:
    """Time in which a limit does not run. Without an end it still lasts."""

    start: datetime
    end: datetime | None
    reason: str


@dataclass(frozen=True)
class Extension:
    """Time added to a limit, in its own unit, once somebody entitled to it approved."""

    at: datetime
    amount: float
    reason: str


@dataclass(frozen=True)
class Line:
    """One step of the derivation: what happened on or from which day, and the article it follows."""

    at: date
    code: str
    words: str
    basis: str = ""


@dataclass(frozen=True)
class Due:
    """When a limit ends. ``at`` is None while a pause that began before its end still lasts."""

    at: datetime | None
    provisional: bool
    start: datetime
    amount: float
    unit: Unit
    calendar: WorkCalendar
    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...] = ()

    @property
    def whole(self) -> float:
        """The limit with what it was extended by."""
        return self.amount + sum(extension.amount for extension in self.extensions)

    @cached_property
    def yellow(self) -> datetime:
        """When three quarters of the limit are used, announced pauses not counted."""
        ended = tuple(pause for pause in self.pauses if pause.end is not None)
        return _end(self.start, self.whole * YELLOW, self.unit, self.calendar, ended)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The derivation, line by line, in the reader's language."""
        return tuple(_derivation(self))


def due(
    *,
    start: datetime,
    amount: float,
    unit: Unit,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Due:
    """When a limit of ``amount`` ``unit`` that begins at ``start`` ends.

    The fraction of a working day is counted in office hours: half a day from 09:00 ends in the
    afternoon, a day and a half half a day's office hours after the close of the first day counted. A part
    of a calendar day is a day. No days, on the spot, is by the close of the day itself. Raises ValueError
    for a naive ``start`` or a negative ``amount``.
    """
    if start.tzinfo is None:
        raise ValueError("a limit begins at an aware moment")
    if amount < 0:
        raise ValueError("a limit is not negative")
    pauses, extensions = tuple(pauses), tuple(extensions)
    whole = amount + sum(extension.amount for extension in extensions)
    ended = tuple(pause for pause in pauses if pause.end is not None)
    at: datetime | None = _end(start, whole, unit, calendar, ended)
    if any(pause.end is None and at and pause.start < at for pause in pauses):
        at = None
    provisional = unit is not Unit.HOURS and _is_provisional(start, at or start, calendar)
    return Due(at, provisional, start, amount, unit, calendar, pauses, extensions)


def _is_provisional(start: datetime, end: datetime, calendar: WorkCalendar) -> bool:
    years = range(start.astimezone(CHINA).year, end.astimezone(CHINA).year + 1)
    return any(year not in calendar.official_years for year in years)


def _end(start: datetime, amount: float, unit: Unit, calendar: WorkCalendar, pauses: tuple[Pause, ...]) -> datetime:
    if unit in BY_CALENDAR:
        return _end_of_calendar_days(start, _calendar_days(start, amount, unit), calendar, pauses)
    if unit is Unit.HOURS:
        return _end_around_the_clock(start, timedelta(hours=amount), pauses)
    counts_from = calendar.next_working_moment(start)
    if unit is Unit.WORKING_HOURS:
        return _end_of_working_time(counts_from, timedelta(hours=amount), calendar, pauses)
    days, fraction = divmod(amount, 1)
    if days or not fraction:
        counts_from = _end_of_working_days(counts_from, int(days), calendar, pauses)
    if not fraction:
        return counts_from
    minutes = timedelta(minutes=fraction * calendar.minutes_a_day)
    return _end_of_working_time(counts_from, minutes, calendar, pauses)


def _end_of_working_days(
    counts_from: datetime, amount: int, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> datetime:
    """The close of the last working day; the day of the event is not counted (arts. 82; 201, 203)."""
    first = counts_from.astimezone(CHINA).date()
    if not pauses:
        return calendar.closes(calendar.working_day_after(first, amount) if amount else first)
    paused = _paused_days(pauses, calendar)
    day = first
    while amount or day in paused:
        day = calendar.working_day_after(day, 1)
        if amount and day not in paused:
            amount -= 1
    return calendar.closes(day)


def _end_of_calendar_days(
    start: datetime, amount: int, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> datetime:
    """The close of the last day, moved past holidays (art. 203)."""
    paused = _paused_days(pauses, calendar)
    day = _last_calendar_day(start, amount, paused)
    while day in paused or not calendar.is_working(day):
        day += timedelta(days=1)
    return calendar.closes(day)


def _calendar_days(start: datetime, amount: float, unit: Unit) -> int:
    """How many days a limit by the calendar has. Of a part of a month, the same part of its days."""
    if unit is Unit.CALENDAR_DAYS:
        return ceil(amount)
    first = start.astimezone(CHINA).date()
    whole, part = divmod(amount, 1)
    end = months_after(first, int(whole))
    return (end - first).days + ceil((months_after(first, int(whole) + 1) - end).days * part)


def months_after(day: date, count: int) -> date:
    """The day of the same number ``count`` months later, earlier if negative, or the last of a month that has
    none (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_calendar_day(start: datetime, amount: int, paused: frozenset[date]) -> date:
    """The last day of the limit before holidays move it; the day of the event is not counted (art. 201)."""
    day = start.astimezone(CHINA).date()
    while amount:
        day += timedelta(days=1)
        if day not in paused:
            amount -= 1
    return day


def _end_of_working_time(
    counts_from: datetime, amount: timedelta, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> datetime:
    """The moment by which so much office time, less pauses, has passed."""
    moment = counts_from.astimezone(CHINA)
    left = amount
    while True:
        for opens, closes in _running(moment, calendar, pauses):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        moment = datetime.combine(calendar.working_day_after(moment.date(), 1), calendar.office_hours[0][0], CHINA)


def _end_around_the_clock(start: datetime, amount: timedelta, pauses: tuple[Pause, ...]) -> datetime:
    """The moment by which so much time, less pauses, has passed."""
    end = start.astimezone(CHINA) + amount
    for begins, ends in sorted((pause.start, pause.end) for pause in pauses if pause.end is not None):
        if begins < end and ends > start:
            end += ends - max(begins, start)
            start = ends  # what overlaps counts once
    return end


def _running(
    moment: datetime, calendar: WorkCalendar, pauses: tuple[Pause, ...]
) -> Iterator[tuple[datetime, datetime]]:
    """The office hours of the day of ``moment`` from then on, with the pauses cut out."""
    for start, end in calendar.hours(moment.date()):
        spans = [
            (
                max(moment, datetime.combine(moment.date(), start, CHINA)),
                datetime.combine(moment.date(), end, CHINA),
            )
        ]
        for pause in pauses:
            spans = [part for span in spans for part in _without(span, pause)]
        yield from ((opens, closes) for opens, closes in spans if opens < closes)


def _without(span: tuple[datetime, datetime], pause: Pause) -> list[tuple[datetime, datetime]]:
    opens, closes = span
    end = pause.end or closes
    if end <= opens or pause.start >= closes or end <= pause.start:
        return [span]
    return [(opens, min(closes, pause.start)), (max(opens, end), closes)]


def _paused_days(pauses: tuple[Pause, ...], calendar: WorkCalendar) -> frozenset[date]:
    """The days of which any part before offices close is paused."""
    days: set[date] = set()
    for pause in pauses:
        if pause.end is not None and pause.end > pause.start:
            start, end = pause.start.astimezone(CHINA), pause.end.astimezone(CHINA)
            first = start.date() + timedelta(days=start >= calendar.closes(start.date()))
            last = (end - timedelta.resolution).date()
            days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(days)


def _derivation(limit: Due) -> Iterator[Line]:
    started = limit.start.astimezone(CHINA)
    yield Line(started.date(), "start", _("%(moment)s 发生") % {"moment": _moment(started)})
    counted = started
    if limit.unit not in BY_CALENDAR and limit.unit is not Unit.HOURS:
        counted = limit.calendar.next_working_moment(started)
        if counted != started:
            words = _("不在办公时间，自 %(moment)s 起算") % {"moment": _moment(counted)}
            yield Line(counted.date(), "opens", words)
    if _counts_days(limit):
        words = _("%(day)s 当日不计") % {"day": _day(counted.date())}
        yield Line(counted.date(), "event-day", words, EVENT_DAY)
    for pause in sorted(limit.pauses, key=lambda pause: pause.start):
        yield _pause_line(pause)
    for extension in sorted(limit.extensions, key=lambda extension: extension.at):
        yield _extension_line(extension, limit.unit)
    if limit.at is not None:
        ends = limit.at.astimezone(CHINA)
        if limit.unit is not Unit.HOURS:
            yield from _skipped(counted.date(), ends.date(), limit)
        yield Line(ends.date(), "end", _end_words(limit, ends), _end_basis(limit.unit))
    if limit.provisional:
        words = _("所涉年份的放假安排尚未公布，暂按推算，公布后自动重算")
        yield Line((limit.at or limit.start).astimezone(CHINA).date(), "provisional", words)


def _pause_line(pause: Pause) -> Line:
    words = {"reason": pause.reason, "start": _moment(pause.start.astimezone(CHINA))}
    if pause.end is None:
        text = _("%(start)s 起暂停计时：%(reason)s") % words
    else:
        end = _moment(pause.end.astimezone(CHINA))
        text = _("%(start)s 至 %(end)s 暂停计时：%(reason)s") % {**words, "end": end}
    return Line(pause.start.astimezone(CHINA).date(), "pause", text, SUSPENSION)


def _extension_line(extension: Extension, unit: Unit) -> Line:
    at = extension.at.astimezone(CHINA)
    words = {"moment": _moment(at), "amount": f"{extension.amount:g}", "reason": extension.reason}
    texts = {
        Unit.WORKING_DAYS: _("%(moment)s 经批准延长 %(amount)s 个工作日：%(reason)s"),
        Unit.WORKING_HOURS: _("%(moment)s 经批准延长 %(amount)s 个工作小时：%(reason)s"),
        Unit.CALENDAR_DAYS: _("%(moment)s 经批准延长 %(amount)s 日：%(reason)s"),
        Unit.MONTHS: _("%(moment)s 经批准延长 %(amount)s 个月：%(reason)s"),
        Unit.HOURS: _("%(moment)s 经批准延长 %(amount)s 小时：%(reason)s"),
    }
    return Line(at.date(), "extended", texts[unit] % words, EXTENSION)


def _counts_days(limit: Due) -> bool:
    """Whether whole days are counted, and not office hours alone."""
    if limit.unit in BY_CALENDAR:
        return limit.whole > 0
    return limit.unit is Unit.WORKING_DAYS and limit.whole >= 1


def _skipped(first: date, last: date, limit: Due) -> Iterator[Line]:
    """Runs of days that do not count, and weekend days that do because they are worked."""
    ended = tuple(pause for pause in limit.pauses if pause.end is not None)
    paused = _paused_days(ended, limit.calendar) if _counts_days(limit) else frozenset()
    if limit.unit in BY_CALENDAR:
        count = _calendar_days(limit.start, limit.whole, limit.unit)
        yield from _moved(_last_calendar_day(limit.start, count, paused), last, limit.calendar)
        return
    for working, run in _runs(first + timedelta(days=1), last, limit.calendar):
        words = {"days": _days(run[0], run[-1]), "name": _name(run, limit.calendar)}
        if not working:
            yield Line(run[0], "closed", _("%(days)s %(name)s，不计") % words, WORKING_DAYS)
        for day in run if working else []:
            if day in limit.calendar.special and day not in paused:
                words = {"days": _day(day), "name": _name([day], limit.calendar)}
                yield Line(day, "make-up", _("%(days)s 调休上班（%(name)s），计入") % words)


def _moved(full: date, last: date, calendar: WorkCalendar) -> Iterator[Line]:
    """The days off past which a limit that is full on ``full`` moved to ``last`` (art. 203)."""
    for working, run in _runs(full, last, calendar):
        if not working:
            words = {"days": _days(run[0], run[-1]), "name": _name(run, calendar)}
            yield Line(run[0], "moved", _("期满日遇 %(days)s %(name)s，顺延") % words, LAST_DAY)


def _runs(first: date, last: date, calendar: WorkCalendar) -> Iterator[tuple[bool, list[date]]]:
    """Days in a row that are worked, or are not."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    for working, run in groupby(days, key=calendar.is_working):
        yield working, list(run)


def _name(run: Sequence[date], calendar: WorkCalendar) -> str:
    """The holidays a run of days belongs to, its weekends included, as the notices write them."""
    names = dict.fromkeys(calendar.special[day].name for day in run if day in calendar.special)
    return _("、").join(names) or _("周末")


def _end_words(limit: Due, ends: datetime) -> str:
    moment = _moment(ends)
    amount = f"{limit.whole:g}"
    if limit.unit is Unit.CALENDAR_DAYS:
        return _("满 %(amount)s 日，%(moment)s 截止") % {"amount": amount, "moment": moment}
    if limit.unit is Unit.MONTHS:
        return _("满 %(amount)s 个月，%(moment)s 截止") % {"amount": amount, "moment": moment}
    if limit.unit is Unit.HOURS:
        return _("满 %(amount)s 小时（不分节假日），%(moment)s 截止") % {"amount": amount, "moment": moment}
    if limit.unit is Unit.WORKING_HOURS:
        return _("满 %(amount)s 个工作小时，%(moment)s 截止") % {"amount": amount, "moment": moment}
    return _("满 %(amount)s 个工作日，%(moment)s 截止") % {"amount": amount, "moment": moment}


def _end_basis(unit: Unit) -> str:
    by_unit = {Unit.CALENDAR_DAYS: LAST_DAY, Unit.MONTHS: MONTHS_END, Unit.HOURS: EVENT_DAY}
    return by_unit.get(unit, WORKING_DAYS)


def _day(day: date) -> str:
    if (get_language() or "").startswith("en"):
        return formats.date_format(day, "j N")
    return f"{day.month} 月 {day.day} 日"


def _days(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    in_chinese = not (get_language() or "").startswith("en")
    short = in_chinese and (first.year, first.month) == (last.year, last.month)
    return _("%(first)s至 %(last)s") % {
        "first": _day(first),
        "last": f"{last.day} 日" if short else _day(last),
    }


def _moment(moment: datetime) -> str:
    return f"{_day(moment.date())} {moment:%H:%M}"

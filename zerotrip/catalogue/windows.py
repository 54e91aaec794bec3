"""When an application may come: at set times, or so long before or after a day the applicant names.

Pure: a declared window, answers, a day and a calendar in; the reasons why it is too early or too late out.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Self

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, model_validator

from zerotrip import criteria
from zerotrip.questions.words import Name, Part, Words
from zerotrip.workdays.limits import Unit, months_after
from zerotrip.workdays.spelling import span

if TYPE_CHECKING:
    from zerotrip.questions import Form
    from zerotrip.workdays.calendar import WorkCalendar

SEASON = "apply"
"""The place of a reason that speaks of no field."""

Day = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}-)?[0-9]{2}-[0-9]{2}\Z")]


class Span(Part):
    """A stretch of days."""

    amount: Annotated[int, Field(ge=0, le=3650)]
    unit: Literal[Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS] = Unit.CALENDAR_DAYS

    def __str__(self) -> str:
        return span(self.amount, Unit(self.unit))


class Distance(Part):
    """How far from the day in the field: at least, at most, or both."""

    at_least: Span | None = None
    at_most: Span | None = None


class Window(Part):
    """A time in which an application may come."""

    opens: Day | None = None
    """``03-01`` each year, or ``2026-03-01`` once."""
    closes: Day | None = None
    """The last day."""
    field: Name | None = None
    """The date field that the distance is counted from."""
    before: Distance | None = None
    after: Distance | None = None
    when: dict[str, Any] | None = None
    """Criteria over the answers: the window is looked at only when they hold."""
    late: Literal["refuse", "warn"] = "refuse"
    """Whether an application outside it is refused, or only told so before it is handed in."""
    basis: Words

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Either a season, whole, or a distance from a field."""
        season = self.opens is not None and self.closes is not None
        if (self.opens is None) != (self.closes is None) or season == (self.field is not None):
            raise ValueError("window")
        if self.field is not None and not any(part and (part.at_least or part.at_most) for part in self.distances):
            raise ValueError("window")
        if season and (self.before or self.after or not self._sound()):
            raise ValueError("window")
        return self

    @property
    def distances(self) -> tuple[Distance | None, Distance | None]:
        """Before and after the day in the field."""
        return self.before, self.after

    def _sound(self) -> bool:
        return sound(str(self.opens), str(self.closes))


class Season(Protocol):
    """What opens and closes: each year (``03-01``), or once (``2026-03-01``)."""

    @property
    def opens(self) -> str | None: ...
    @property
    def closes(self) -> str | None: ...


def sound(opens: str, closes: str) -> bool:
    """Whether these are days, both of a year or both of every year, the first not after the last."""
    if len(opens) != len(closes):
        return False
    yearly = len(opens) == 5
    try:
        days = [date.fromisoformat(f"2024-{each}" if yearly else each) for each in (opens, closes)]
    except ValueError:
        return False
    return yearly or days[0] <= days[1]


@dataclass(frozen=True)
class Missed:
    """Why an application of this day is outside a window."""

    place: str
    """The field it is counted from, or ``apply``."""
    reason: str
    refuses: bool


def missed(
    windows: Iterable[Window], form: Form, values: Mapping[str, Any], *, on: date, calendar: WorkCalendar
) -> Iterator[Missed]:
    """What stands against an application of ``on``. Of several seasons one is enough; distances hold each."""
    looked_at = [window for window in windows if _holds(window, form, values)]
    seasons = [window for window in looked_at if window.field is None]
    if seasons and not any(is_open(window, on) for window in seasons):
        refuses = any(window.late == "refuse" for window in seasons)
        told = _("、").join(season_words(window) for window in seasons)
        again = min(filter(None, (next_opening(window, on) for window in seasons)), default=None)
        reason = _("只在%(season)s受理，今天不能提交。") % {"season": told}
        if again is not None:
            reason += _("下一次从 %(day)s开始。") % {"day": _day(again)}
        yield Missed(SEASON, reason, refuses)
    for window in looked_at:
        if window.field is not None and (named := values.get(window.field)):
            yield from _too_far(window, form, date.fromisoformat(named), on, calendar)


def _holds(window: Window, form: Form, values: Mapping[str, Any]) -> bool:
    if window.when is None:
        return True
    rule = criteria.parse(window.when, vocabulary=form.vocabulary())
    return rule.explain(values).truth is criteria.Truth.YES


def _too_far(window: Window, form: Form, named: date, on: date, calendar: WorkCalendar) -> Iterator[Missed]:
    first, last = bounds(window, named, calendar)
    words = {
        "label": str(form.fields[str(window.field)].spec.label),
        "rule": distance_words(window),
        "named": _day(named),
    }
    if first is not None and on < first:
        reason = _("要在“%(label)s”（%(named)s）%(rule)s申请：现在还早，%(day)s起可以提交。")
        yield Missed(str(window.field), reason % {**words, "day": _day(first)}, window.late == "refuse")
    elif last is not None and on > last:
        reason = _("要在“%(label)s”（%(named)s）%(rule)s申请：最晚 %(day)s，现在已经过了。")
        yield Missed(str(window.field), reason % {**words, "day": _day(last)}, window.late == "refuse")


def bounds(window: Window, named: date, calendar: WorkCalendar) -> tuple[date | None, date | None]:
    """The first and the last day on which an application may come, counted from the day in the field."""
    firsts: list[date] = []
    lasts: list[date] = []
    if window.before is not None:
        firsts += [_shift(named, window.before.at_most, -1, calendar)] if window.before.at_most else []
        lasts += [_shift(named, window.before.at_least, -1, calendar)] if window.before.at_least else []
    if window.after is not None:
        firsts += [_shift(named, window.after.at_least, 1, calendar)] if window.after.at_least else []
        # A limit that ends on a day off ends on the next day that is worked (民法典 art. 203).
        if window.after.at_most:
            lasts.append(calendar.next_working_day(_shift(named, window.after.at_most, 1, calendar)))
    return max(firsts, default=None), min(lasts, default=None)


def _shift(day: date, stretch: Span, sign: int, calendar: WorkCalendar) -> date:
    if stretch.unit is Unit.MONTHS:
        return months_after(day, sign * stretch.amount)
    if stretch.unit is Unit.CALENDAR_DAYS:
        return day + timedelta(days=sign * stretch.amount)
    return calendar.working_day_after(calendar.next_working_day(day) if sign < 0 else day, sign * stretch.amount)


def is_open(window: Season, on: date) -> bool:
    """Whether a season is under way on a day. One that ends before it begins goes over New Year."""
    opens, closes = str(window.opens), str(window.closes)
    day = on.isoformat()
    if len(opens) == 5:
        day = day[5:]
        if closes < opens:
            return day >= opens or day <= closes
    return opens <= day <= closes


def next_opening(window: Season, on: date) -> date | None:
    """The day on which a season begins next, after ``on``; None when it does not come again."""
    opens = str(window.opens)
    if len(opens) != 5:
        day = date.fromisoformat(opens)
        return day if day > on else None
    month, number = int(opens[:2]), int(opens[3:])
    for year in (on.year, on.year + 1):
        day = months_after(date(year - 1, 12, 1), month) + timedelta(days=number - 1)
        if day > on:
            return day
    return None


def last_closing(window: Season, until: date | None) -> date | None:
    """The last day of a season at all, not after ``until``; None where it comes every year without an end."""
    closes = str(window.closes)
    if len(closes) != 5:
        day = date.fromisoformat(closes)
        return min(day, until) if until else day
    if until is None or is_open(window, until):
        return until
    return next(day for year in (until.year, until.year - 1) if (day := _in_year(closes, year)) <= until)


def closing(window: Season, on: date) -> date:
    """The last day of a season that is under way on ``on``."""
    closes = str(window.closes)
    if len(closes) != 5:
        return date.fromisoformat(closes)
    return next(day for year in (on.year, on.year + 1) if (day := _in_year(closes, year)) >= on)


def _in_year(day: str, year: int) -> date:
    """A day of every year in this one: 29 February is the 28th where there is none."""
    month, number = int(day[:2]), int(day[3:])
    return date(year, month, min(number, monthrange(year, month)[1]))


def season_words(window: Season) -> str:
    """A season in words: ``每年 3 月 1 日至 5 月 31 日``."""
    opens, closes = str(window.opens), str(window.closes)
    if len(opens) == 5:
        first, last = (date.fromisoformat(f"2024-{each}") for each in (opens, closes))
        return _("每年 %(first)s至 %(last)s") % {"first": _short(first), "last": _short(last)}
    first, last = date.fromisoformat(opens), date.fromisoformat(closes)
    return _("%(first)s至 %(last)s") % {"first": _day(first), "last": _day(last)}


def distance_words(window: Window) -> str:
    """A distance in words: ``至少 30 日前、最多 6 个月前``."""
    told: list[str] = []
    for part, least, most in (
        (window.before, _("至少 %(span)s前"), _("最早 %(span)s前")),
        (window.after, _("满 %(span)s后"), _("之后 %(span)s内")),
    ):
        if part is not None and part.at_least is not None:
            told.append(least % {"span": part.at_least} if part.at_least.amount else _("之前"))
        if part is not None and part.at_most is not None:
            told.append(most % {"span": part.at_most})
    return _("、").join(told)


def _short(day: date) -> str:
    if (get_language() or "").startswith("en"):
        return formats.date_format(day, "j N")
    return f"{day.month} 月 {day.day} 日"


def _day(day: date) -> str:
    if (get_language() or "").startswith("en"):
        return formats.date_format(day, "j N Y")
    return f"{day.year} 年 {day.month} 月 {day.day} 日"

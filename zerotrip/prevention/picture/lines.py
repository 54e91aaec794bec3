"""What the picture of the day (今日一图) is made of: each measure says what was due, done and missed.

Whoever keeps something that is due registers here how it is counted, at start-up, once; the page asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Measure

DAYS = 14
"""Days a trend goes back, today among them."""


class Part(TextChoices):
    """What of something a number counts."""

    DUE = "due", _("应做")
    DONE = "done", _("已做")
    OPEN = "open", _("还在时限内")
    MISSED = "missed", _("漏做")
    CAME = "came", _("来过")
    TURNED = "turned", _("没有放行")
    CLEAN = "clean", _("进门前消杀")


NUMBERS = (Part.DUE, Part.DONE, Part.OPEN, Part.MISSED)
"""Those every line has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks, at what moment, at which area; an empty path: everything they may see."""

    actor: Actor
    at: datetime
    area_path: str = ""
    past: bool = False
    """Whether it is a moment that is over."""

    @property
    def day(self) -> date:
        """The day of the moment, in China."""
        return self.at.astimezone(CHINA).date()

    @property
    def begins(self) -> datetime:
        """When that day began."""
        return datetime.combine(self.day, time(), CHINA)

    @property
    def days(self) -> list[date]:
        """The days of a trend, the first first."""
        return [self.day - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]

    @property
    def query(self) -> dict[str, str]:
        """What is asked of a page that is to be of the same area and moment; now is not said."""
        query = {"area": self.area_path} if self.area_path else {}
        if self.past:
            query["at"] = self.at.astimezone(CHINA).replace(tzinfo=None).isoformat()
        return query

    def ending(self, day: date) -> Asked:
        """The same, at the end of a day that is over; of the day itself, the same."""
        if day >= self.day:
            return self
        last = datetime.combine(day + timedelta(days=1), time(), CHINA) - timedelta(microseconds=1)
        return replace(self, at=last, past=True)


@dataclass(frozen=True, slots=True)
class Link:
    """A page that names those behind a number: the name of its address, its arguments, what is asked of it."""

    address: str
    args: tuple[Any, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def of(self, part: Part) -> Link:
        """The same page, of what one number counts alone."""
        return replace(self, query={**self.query, "part": part.value})


@dataclass(frozen=True, slots=True)
class Note:
    """A number told beside, in words, and the page that lists what it counts."""

    text: str
    link: Link


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is due on a day. What is neither done nor missed can still be done."""

    title: str
    due: int
    done: int
    missed: int
    names: Link
    """The page that lists what its numbers count, each by its part."""
    links: tuple[Link, ...] = ()
    """Pages of what it is made of."""
    notes: tuple[Note, ...] = ()
    words: str = ""
    areas: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Of each area that has any, by path: due and done."""

    @property
    def open(self) -> int:
        """What is not done and not too late."""
        return self.due - self.done - self.missed

    @property
    def numbers(self) -> dict[Part, int]:
        """Its numbers by what they count."""
        return dict(zip(NUMBERS, (self.due, self.done, self.open, self.missed), strict=True))

    @property
    def percent(self) -> int:
        """Hundredths that are done, rounded down: it is all done only where it is."""
        return self.done * 100 // self.due if self.due else 100


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who counts."""

    name: str
    title: StrPromise
    lines: Callable[[Asked], Iterable[Line]]
    order: int
    measure: Measure | None = None
    """That it belongs to; None: any."""
    trend: Callable[[Asked], Mapping[date, int]] | None = None
    """A number for each of ``Asked.days``."""
    trend_title: StrPromise | str = ""
    percent: bool = False
    """Whether the trend is in hundredths."""
    trend_link: Callable[[Asked], Link] | None = None
    """The list of what one of its numbers counts, asked at the end of its day; None: the picture of that day."""


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Have something counted on the picture. Raises ImproperlyConfigured for a second one of the name."""
    if _SOURCES.setdefault(source.name, source) is not source:
        raise ImproperlyConfigured(f"{source.name} is on the picture twice")


def sources(measures: Iterable[str]) -> list[Source]:
    """Those that are counted where some measures are in force, in their order."""
    there = set(measures)
    found = [each for each in _SOURCES.values() if each.measure is None or each.measure in there]
    return sorted(found, key=lambda each: (each.order, each.name))

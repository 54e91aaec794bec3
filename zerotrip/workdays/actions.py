"""Writes to the calendar: load a year, announce a notice, close a day in a district, set hours.

What changes something leaves a line in the journal of the area's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.ledger import actions as ledger
from zerotrip.workdays.calendar import FIRST_YEAR, LAST_YEAR, SpecialDay
from zerotrip.workdays.holidays import NOTICES, days_of
from zerotrip.workdays.models import Calendar, CalendarDay, CalendarStamp, CalendarYear, OfficeHours
from zerotrip.workdays.queries import forget_calendars

if TYPE_CHECKING:
    from zerotrip.ledger.actions import Actor


@transaction.atomic
def load_year(year: int, *, by: Actor, at: datetime) -> CalendarYear:
    """Load a year from the ``holidays`` package: official where there is a notice, else a guess.

    A year already official is left as it is. Raises Invalid for years no calendar answers for.
    """
    _require_year(year)
    calendar = _locked("")
    existing = CalendarYear.objects.select_for_update().filter(year=year).first()
    if existing is not None and existing.official:
        return existing
    official = year <= max(NOTICES)
    source = NOTICES.get(year, "holidays") if official else _("推算（尚无放假通知）")
    days = days_of(year)
    if existing is not None and _known(year) == days and (existing.official, existing.source) == (official, source):
        return existing
    _write_days(year, days)
    row, _made = CalendarYear.objects.update_or_create(
        year=year, defaults={"official": official, "source": source, "loaded_at": at}
    )
    details = {"year": year, "official": official, "source": source, **_told(days)}
    _changed(calendar, "load_year", by=by, at=at, details=details)
    return row


def _known(year: int) -> dict[date, SpecialDay]:
    """The days of a year that are not as their weekday says, everywhere."""
    rows = CalendarDay.objects.filter(date__year=year, area_path="")
    return {row.date: SpecialDay(row.working, row.name) for row in rows}


def _told(days: Mapping[date, SpecialDay]) -> dict[str, list[str]]:
    """Days off and days worked, for the journal."""
    return {
        "off": [str(day) for day in sorted(days) if not days[day].working],
        "worked": [str(day) for day in sorted(days) if days[day].working],
    }


def _write_days(year: int, days: Mapping[date, SpecialDay]) -> None:
    """Put the days of ``year`` in place of those there are, and of other years' days only those given."""
    CalendarDay.objects.filter(Q(date__year=year) | Q(date__in=days), area_path="").delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, working=special.working, name=special.name) for day, special in days.items()
    )


@transaction.atomic
def announce(
    year: int, *, off: Mapping[date, str], worked: Mapping[date, str], source: str, by: Actor, at: datetime
) -> list[date]:
    """Put the State Council's notice for ``year`` in force. Returns the days it changed.

    ``off`` and ``worked`` map days to the holiday they belong to; they may reach into the December
    before, as New Year's holiday does in some years. Whoever calls this recomputes the running clocks
    (``cases.actions.recompute``). Raises Invalid for days the notice cannot mean or given twice.
    """
    _require_year(year)
    _require_days(year, off, worked)
    calendar = _locked("")
    reach = Q(date__year=year) | Q(date__in=[*off, *worked])
    before = {day.date: day.working for day in CalendarDay.objects.filter(reach, area_path="")}
    after = {day: SpecialDay(False, name) for day, name in off.items()}
    after |= {day: SpecialDay(True, name) for day, name in worked.items()}
    _write_days(year, after)
    CalendarYear.objects.update_or_create(year=year, defaults={"official": True, "source": source, "loaded_at": at})
    changed = sorted(
        day
        for day in {*before, *after}
        if _working(day, before.get(day)) != _working(day, after[day].working if day in after else None)
    )
    details = {"year": year, "source": source, **_told(after), "changed": [str(day) for day in changed]}
    _changed(calendar, "announce", by=by, at=at, details=details)
    return changed


def _require_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(_("年份应在 %(first)d 至 %(last)d 之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR})


def _require_days(year: int, off: Mapping[date, str], worked: Mapping[date, str]) -> None:
    earliest, latest = date(year - 1, 12, 1), date(year, 12, 31)
    wrong = sorted(day for day in {*off, *worked} if not earliest <= day <= latest or day in off.keys() & worked)
    if wrong:
        days = "、".join(map(str, wrong))
        raise Invalid(_("这些日期不属于该年，或既放假又上班：%(days)s") % {"days": days})


def _working(day: date, special: bool | None) -> bool:
    return day.weekday() < 5 if special is None else special


@transaction.atomic
def set_day(day: date, *, working: bool, name: str, area_path: str, by: Actor, at: datetime) -> None:
    """Close or open one day in an area, such as for an emergency closure. Nothing new changes nothing."""
    calendar = _locked(area_path)
    meant = {"working": working, "name": name}
    if CalendarDay.objects.filter(date=day, area_path=area_path, **meant).exists():
        return
    CalendarDay.objects.update_or_create(date=day, area_path=area_path, defaults=meant)
    _changed(calendar, "set_day", by=by, at=at, details={"day": str(day), **meant})


@transaction.atomic
def set_office_hours(hours: Sequence[tuple[time, time]], *, by: Actor, at: datetime, area_path: str = "") -> None:
    """Set the office hours of an area. Nothing new changes nothing.

    Raises Invalid unless they follow one another within a day.
    """
    edges = [edge for pair in hours for edge in pair]
    if not edges or any(early >= late for early, late in pairwise(edges)):
        raise Invalid(_("办公时间要按先后写，且不能重叠。"))
    calendar = _locked(area_path)
    written = [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in hours]
    if OfficeHours.objects.filter(area_path=area_path, hours=written).exists():
        return
    OfficeHours.objects.update_or_create(area_path=area_path, defaults={"hours": written})
    _changed(calendar, "set_office_hours", by=by, at=at, details={"hours": written})


def _locked(area_path: str) -> Calendar:
    """The calendar of an area, locked: changes to it come one after another."""
    Calendar.objects.get_or_create(area_path=area_path)
    return Calendar.objects.select_for_update().get(area_path=area_path)


def _changed(calendar: Calendar, action: str, *, by: Actor, at: datetime, details: dict[str, Any]) -> None:
    """Journal a change, and let every process read its calendars anew."""
    ledger.append(calendar, action, by=by, at=at, details=details)
    calendar.save(update_fields=["ledger_length", "ledger_head"])
    CalendarStamp.objects.get_or_create(id=1)
    CalendarStamp.objects.update(changes=F("changes") + 1)
    forget_calendars()
    transaction.on_commit(forget_calendars)

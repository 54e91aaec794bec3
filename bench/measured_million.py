"""Figures of a district with a million cases and twenty million entries of its journal, and how they grew."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from bench import flow, measured_cases, measured_pages, measured_users, town
from bench.figures import Figure, figure
from bench.loading import TRADES
from tests import world
from zerotrip.cases import actions
from zerotrip.cases.models import Clock, Export, ExportForm, ExportStatus
from zerotrip.cases.queries import Search
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import announce
from zerotrip.workdays.models import CalendarDay


@dataclass(frozen=True)
class Sizes:
    """How large a district is measured, and how long."""

    cases: int
    earlier: int
    """Cases at which pages are measured first, for how they grow."""
    services: int | None
    repeats: int
    steps: int
    seconds: float


FULL = Sizes(1_000_000, 100_000, None, repeats=30, steps=60, seconds=60)
SMALL = Sizes(20_000, 2_000, 8, repeats=10, steps=20, seconds=10)
AIM_GROWTH, AIM_EXPORT_MB, AIM_RECOMPUTE_S, AIM_STEPS = 1.3, 300, 60, 1.1
NOTICED = 8
"""Working days ahead at which the new notice declares a holiday."""


def measure(district: flow.District, sizes: Sizes) -> Iterator[Figure]:
    """Load, and measure before, on the way and after."""
    with flow.without_licence():
        before = list(_steps(district, sizes))
    begun = time.perf_counter()
    built = town.build(world.WHOLE, cases=sizes.cases, services=sizes.services)
    yield figure("patterns", [time.perf_counter() - begun], "s", sizes={"driven": len(built.driven)})
    yield _population(built, sizes.earlier)
    earlier = {_page(each): each for each in measured_pages.measure(built.office, repeats=sizes.repeats)}
    yield from earlier.values()
    yield _population(built, sizes.cases)
    for each in measured_pages.measure(built.office, repeats=sizes.repeats):
        yield _grown(each, earlier[_page(each)])
    with flow.without_licence():
        for small, large in zip(before, _steps(district, sizes), strict=True):
            growth = round(large.median / small.median, 2)
            more = {**large.more, "empty": round(small.median, 3), "growth": growth, "aim_growth": AIM_STEPS}
            yield replace(large, more=more)
    yield from measured_users.measure(built.office, measured_pages.Reading.now(), seconds=sizes.seconds)
    yield from _exports(built)
    yield _recomputed()


def _population(built: town.Town, cases: int) -> Figure:
    seconds = built.grow(cases)
    return figure("population", [seconds], "s", sizes={**town.counted(), **town.weight()})


def _page(told: Figure) -> tuple[Any, Any]:
    return told.sizes["reader"], told.sizes["page"]


def _grown(now: Figure, before: Figure) -> Figure:
    growth = now.median / before.median
    return replace(now, more={**now.more, "growth": round(growth, 2), "aim_growth": AIM_GROWTH})


def _steps(district: flow.District, sizes: Sizes) -> Iterator[Figure]:
    """A case through the service layer and its floor, with as many cases around it as there are."""
    for each in measured_cases.alone(district, repeats=sizes.steps):
        yield replace(each, sizes={**each.sizes, **town.counted()})


def _exports(built: town.Town) -> Iterator[Figure]:
    """A list taken out by a process of its own, as the worker's is: seconds, and the most memory it held."""
    for form in ExportForm:
        export = _asked(built, form)
        connections.close_all()
        told = subprocess.run(
            [sys.executable, "-m", "bench.exporting", str(export.pk)], check=True, capture_output=True, text=True
        )
        seconds, base, most = map(float, told.stdout.split())
        export.refresh_from_db()
        if export.status != ExportStatus.DONE:
            raise AssertionError(export.fault)
        yield figure(
            "export",
            [seconds],
            "s",
            sizes={"form": form.value, "rows": export.rows, "bytes": export.size},
            memory_mb=round(most),
            above_base_mb=round(most - base),
            aim_mb=AIM_EXPORT_MB,
        )


def _asked(built: town.Town, form: ExportForm) -> Export:
    """An export of what concerns one trade in one subdistrict: of a million cases about 50,000."""
    if built.office.supervisor is None:
        raise AssertionError("somebody has to ask")
    actor = world.acting(built.office.supervisor, timezone.now())
    search = Search(text=TRADES[0], area="370199002000")
    return actions.ask_export(search, form=form, language="zh-hans", by=actor, at=timezone.now())


def _recomputed() -> Figure:
    """A notice makes a working day a holiday: every running clock is derived anew, those it touches move."""
    at = timezone.now()
    clocks = Clock.objects.filter(ended_at=None).count()
    announced(at)
    entries = Entry.objects.filter(action="recompute").count()
    begun = time.perf_counter()
    moved = actions.recompute(by=SYSTEM, at=at, reason="放假通知")
    seconds = time.perf_counter() - begun
    journal = Entry.objects.filter(action="recompute").count() - entries
    sizes = {"clocks": clocks, "moved": len(moved), "entries": journal}
    return figure("recompute", [seconds], "s", sizes=sizes, aim=AIM_RECOMPUTE_S)


def announced(at: Any) -> None:
    """Put a notice in force by which the next working days are off, one in each week to come."""
    year = timezone.localtime(at).year
    known = {day.date: day for day in CalendarDay.objects.filter(date__year=year, area_path="")}
    off = {date: day.name for date, day in known.items() if not day.working}
    worked = {date: day.name for date, day in known.items() if day.working}
    day, left = timezone.localtime(at).date(), 3
    while left and (day := day + timedelta(days=1)).year == year:
        if day.weekday() == 2 and day not in known:
            off[day], left = "临时放假", left - 1
    announce(year, off=off, worked=worked, source="测试通知", by=SYSTEM, at=at)

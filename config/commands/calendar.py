"""``zerotrip calendar``: working days."""

from __future__ import annotations

import json
from time import sleep
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from datetime import date, datetime

UNITS = ("working_days", "working_hours", "calendar_days")


@click.group("calendar")
def command() -> None:
    """Working days: load years, explain a deadline (工作日历)."""


@command.command()
@click.argument("years", nargs=-1, required=True, type=click.IntRange(2000, 2100))
def load(years: tuple[int, ...]) -> None:
    """Load the public holidays and make-up working days of YEARS.

    A year the State Council has not yet announced is loaded as provisional.
    """
    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.parties.access import SYSTEM
        from zerotrip.workdays.actions import load_year

        for year in years:
            loaded = load_year(year, by=SYSTEM, at=timezone.now())
            click.echo(f"{year}: {'official' if loaded.official else 'provisional'}, {loaded.source}")


@command.command()
@click.argument("year", type=click.IntRange(2000, 2100))
@click.argument("notice", type=click.File())
@click.option("--source", required=True, help="The notice's title and number, shown beside deadlines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: days changed, deadlines moved.")
def announce(year: int, notice: TextIO, source: str, *, as_json: bool) -> None:
    """Put the State Council's notice for YEAR in force and derive open deadlines anew.

    NOTICE is YAML with two tables, `off` and `worked`, of days and the holiday each belongs to:
    `off: {2027-01-01: 元旦}`. A notice with a gap, or a make-up day that cannot be, changes nothing.
    """
    from config import environment

    with environment.installation():
        off, worked = tables_of(notice.read(), name=notice.name, year=year)
        from django.utils import timezone

        from zerotrip.cases.actions.calendar import recompute
        from zerotrip.parties.access import SYSTEM
        from zerotrip.workdays import actions
        from zerotrip.workdays.queries import LOOK_AFTER

        now = timezone.now()
        changed = actions.announce(year, off=off, worked=worked, source=source, by=SYSTEM, at=now)
        # Other processes count by the old calendar until they look again: their steps come first.
        sleep(2 * LOOK_AFTER)
        moved = recompute(by=SYSTEM, at=now, reason=source)
        if as_json:
            click.echo(json.dumps({"changed": [str(day) for day in changed], "moved": len(moved)}))
        else:
            click.echo(f"{len(changed)} days changed, {len(moved)} deadlines moved.")


def tables_of(text: str, *, name: str, year: int) -> tuple[dict[date, str], dict[date, str]]:
    """The days off and the days worked of a notice.

    Raises :class:`Fault` with each line that cannot be meant, and each public holiday that is missing.
    """
    from config.faults import Fault
    from zerotrip.catalogue.packs.documents import read
    from zerotrip.workdays.holidays import why_no_notice

    document = read(text)
    faults = [f"{name}:{line}: {why}" for line, why in document.problems]
    tables: dict[str, dict[date, str]] = {"off": {}, "worked": {}}
    rows = document.value if isinstance(document.value, dict) else {}
    for table, days in tables.items():
        for key, holiday in rows[table].items() if isinstance(rows.get(table), dict) else ():
            day = _day(str(key))
            if day is None or not isinstance(holiday, str):
                place = document.line((table, key))
                faults.append(f"{name}:{place}: no day with its holiday, such as 2027-01-01: 元旦.")
            else:
                days[day] = holiday
    for day, why in why_no_notice(year, **tables):
        table = next((table for table in ("worked", "off") if day in tables[table]), "off")
        faults.append(f"{name}:{document.line((table, str(day)))}: {day}: {why}")
    if faults:
        raise Fault("\n".join(faults))
    return tables["off"], tables["worked"]


def _day(written: str) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


@command.command()
@click.argument("amount", type=click.FloatRange(0, 1000))
@click.option("--unit", type=click.Choice(UNITS), default=UNITS[0], show_default=True)
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]))
@click.option("--area", default="", help="Path of the area whose extra closures count.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def due(amount: float, unit: str, start: datetime | None, area: str, *, as_json: bool) -> None:
    """When a limit of AMOUNT ends that begins at --from (default now), line by line."""
    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.workdays.limits import Unit
        from zerotrip.workdays.limits import due as due_at
        from zerotrip.workdays.queries import calendar_for

        began = timezone.make_aware(start) if start else timezone.now()
        found = due_at(start=began, amount=amount, unit=Unit(unit), calendar=calendar_for(area))
        if as_json:
            lines = [{"at": str(line.at), "words": line.words, "basis": line.basis} for line in found.lines]
            ends = found.at.isoformat() if found.at else None
            click.echo(
                json.dumps({"due": ends, "provisional": found.provisional, "lines": lines}, ensure_ascii=False)
            )
            return
        for line in found.lines:
            click.echo(f"{line.at}  {line.words}" + (f"（{line.basis}）" if line.basis else ""))
        ends = f"{timezone.localtime(found.at):%Y-%m-%d %H:%M}" if found.at else "?"
        click.echo(f"= {ends}{'  provisional' if found.provisional else ''}")

"""``zerotrip calendar``: working days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

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
        from zerotrip.workdays.models import CalendarYear

        for year in years:
            load_year(year, by=SYSTEM, at=timezone.now())
            official = CalendarYear.objects.get(year=year).official
            click.echo(f"{year}: {'official' if official else 'provisional'}")


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
                json.dumps(
                    {"due": ends, "provisional": found.provisional, "lines": lines}, ensure_ascii=False
                )
            )
            return
        for line in found.lines:
            click.echo(f"{line.at}  {line.words}" + (f"（{line.basis}）" if line.basis else ""))
        ends = f"{timezone.localtime(found.at):%Y-%m-%d %H:%M}" if found.at else "?"
        click.echo(f"= {ends}{'  provisional' if found.provisional else ''}")

"""A town of its own: a pack with its offices and people, and as many cases as are wanted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models.functions import TruncMonth
from django.utils import timezone

from bench import loading, patterns
from bench.templates import Template
from tests import world
from zerotrip.cases.models import Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.insight.actions import fold
from zerotrip.insight.models import Facts, Hand
from zerotrip.insight.sums import Key, add_up
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import load_year

if TYPE_CHECKING:
    from pathlib import Path

YEARS = range(2024, 2028)
CASES_OF_A_FIRM = 40


@dataclass
class Town:
    """What a population grows from, and how many cases were asked for so far."""

    office: patterns.Office
    side: patterns.Side
    driven: list[patterns.Pattern]
    templates: list[Template]
    population: loading.Population
    cases: int = 0

    def grow(self, cases: int, *, workers: int = 2) -> float:
        """Let there be so many cloned cases in all. The seconds it took."""
        begun = time.perf_counter()
        loading.load(self.templates, self.population, first=self.cases, last=cases, workers=workers)
        _add_up()
        self.cases = cases
        return time.perf_counter() - begun


def build(pack: Path, *, cases: int, services: int | None = None, staff: int = patterns.STAFF) -> Town:
    """Load the pack, man its offices, drive its services to wherever cases stand. ``cases``: how many it is for."""
    for year in YEARS:
        load_year(year, by=SYSTEM, at=world.MORNING)
    load_pack(pack, by=SYSTEM, at=world.MORNING)
    office = patterns.Office.manned(staff)
    firm = world.enterprise("济南虚构驱动实业有限公司", serial=901)
    user = world.agent(world.person("林远行"), firm)
    side = patterns.Side(firm, user.person, world.acting(user))
    driven = patterns.drive(pack, office, side, now=timezone.now(), services=services)
    world.tell_queued()
    fold(at=timezone.now())
    population = loading.populate(office, max(20, cases // CASES_OF_A_FIRM))
    templates = [Template(pattern, office, side) for pattern in driven]
    return Town(office, side, driven, templates, population)


def _add_up() -> None:
    """Sum the facts the clones came with, month by month, as the fold of a quiet night would."""
    keys = set()
    for model, name in ((Facts, "received_on"), (Facts, "closed_on"), (Hand, "closed_on")):
        days = model._default_manager.filter(**{f"{name}__isnull": False}).annotate(month=TruncMonth(name))
        keys |= {Key(*row) for row in days.order_by().values_list("month", "department", "service").distinct()}
    for month in sorted({key.month for key in keys}):
        with transaction.atomic():
            add_up([key for key in keys if key.month == month])


def counted() -> dict[str, int]:
    """How many cases and how many entries of the journal there are."""
    return {"cases": Case.objects.count(), "events": Entry.objects.count()}


def weight() -> dict[str, int]:
    """How large the database is, in megabytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1048576")
        return {"mb": cursor.fetchone()[0]}

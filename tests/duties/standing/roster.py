"""Standing duties, and enterprises that owe them, for the tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests import world
from zerotrip.duties import editions
from zerotrip.duties.models import Report, Requirement, Window
from zerotrip.duties.standing.declared import SORT, _columns
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.duties.standing.spec import DutySpec
from zerotrip.facts.models import Standing
from zerotrip.ids import new_id
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.models import Party

DAY = date(2026, 3, 3)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=CHINA)
GRIDS = tuple(f"{world.DISTRICT}37019900{street}000/37019900{street}001/" for street in (1, 2, 3))


def spec(slug: str = "check", **given: Any) -> DutySpec:
    """A duty of enterprises: a report with a photograph a day, unless said otherwise."""
    said = {"photos": 1} if given.get("act", "report") == "report" and "sections" not in given else {}
    return DutySpec.model_validate({"id": slug, "name": {"zh": "核查"}, "who": "enterprise", **said, **given})


def declared(*specs: DutySpec) -> list[Requirement]:
    """The standing duties of a pack, these and no others."""
    editions.keep(SORT, "tests", {each.id: (each, _columns(each)) for each in specs}, at=world.MORNING)
    rows = {editions.name_of(row): row for row in editions.standing(SORT, "tests")}
    return [rows[each.id] for each in specs]


def firm(number: int, grid: str = GRIDS[0]) -> Party:
    """An enterprise in a grid that counts."""
    party = world.enterprise(f"虚构企业{number}", 100 + number)
    party.area_path = grid
    party.save(update_fields=["area_path"])
    Standing.objects.create(party=party, area_path=grid, derived_at=world.MORNING)
    return party


def opened(
    requirement: Requirement, *, days: int = 1, at: datetime = MIDNIGHT, area_path: str = world.DISTRICT
) -> Window:
    """A window of so many days from a midnight on."""
    return open_window(requirement, Span(at, at + timedelta(days=days)), area_path=area_path, at=at)


def reported(requirement: Requirement, subject: UUID, at: datetime) -> Report:
    """A report that is there, and not counted yet."""
    duty = f"tests:{editions.name_of(requirement)}"
    return Report.objects.create(
        id=new_id(), duty=duty, subject=subject, area_path=GRIDS[0], at=at, received_at=at, answers={}
    )

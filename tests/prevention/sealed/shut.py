"""A sealed area with its points, for tests: fictitious."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests import world
from tests.duties.standing import roster
from zerotrip.duties.models import Requirement
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.prevention.models import SealedArea, Site
from zerotrip.prevention.sealed import actions, stepping

GRID = "370199001001001"
NOON = world.MORNING + timedelta(hours=2, minutes=30)
"""12:00 in China."""
WHERE = {"all": [{"fact": "kind", "is": "collection-point"}, {"fact": "sealed", "is": True}]}

MEALS: dict[str, Any] = {
    "who": "site",
    "measure": "sealed",
    "where": WHERE,
    "receipt": True,
    "sections": [
        {
            "id": "run",
            "title": {"zh": "送餐"},
            "fields": [
                {"id": "handed", "kind": "text", "label": {"zh": "谁交的"}},
                {"id": "received", "kind": "text", "label": {"zh": "谁收的"}},
            ],
        }
    ],
    "times": [{"start": "10:30", "end": "13:30"}, {"start": "16:30", "end": "19:30"}],
}


def point(name: str = "虚构收发点", *, area: str = f"{world.DISTRICT}370199001000/370199001001/{GRID}/") -> Site:
    """A collection point."""
    day = world.MORNING.date() - timedelta(days=1)
    return Site.objects.create(
        kind_id="collection-point", name=name, area_path=area, risk="medium", opened_on=day, address=name
    )


def told(*points: Site, at: datetime = NOON, days: int = 7, **given: Any) -> actions.Described:
    """What is typed."""
    said: dict[str, Any] = {
        "name": "虚构小区",
        "level": "sealed",
        "basis": "虚构通知〔2026〕9号",
        "decided_by": "虚构指挥部",
        "starts_at": at,
        "ends_at": at + timedelta(days=days),
        "points": [each.pk for each in points],
    }
    return actions.Described(**{**said, **given})


def sealed(by: Actor, *points: Site, at: datetime = NOON, area: str = GRID, **given: Any) -> SealedArea:
    """An area that is sealed from now on, and the worker came by."""
    found = actions.seal(told(*points, at=at, **given), area=area, key=new_id(), by=by, at=at)
    stepping.bring_in_step(found.pk, at=at)
    return found


def meals() -> Requirement:
    """Lunch, owed by the points of sealed areas, with a receipt."""
    (duty,) = roster.declared(roster.spec("meal-run", **MEALS))
    return duty

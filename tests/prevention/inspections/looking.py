"""Inspections for tests: a list of two items, two inspectors, a site of the firm's. All fictitious."""

from __future__ import annotations

from datetime import datetime

from tests import world
from tests.district import District
from tests.prevention.emergency import declared
from tests.prevention.venues import doors
from zerotrip.files.attaching import Handed
from zerotrip.ids import new_id
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Role
from zerotrip.prevention.inspections import actions
from zerotrip.prevention.models import Declared, Inspection, Site

NOW = world.MORNING
OWN = {"zh": "区自定"}
RULES = {
    "severities": [
        {"id": "minor", "name": {"zh": "一般"}, "within": {"amount": 3, "unit": "working_days", "basis": OWN}},
        {"id": "major", "name": {"zh": "严重"}, "within": {"amount": 1, "unit": "working_days", "basis": OWN}},
    ],
    "lists": [
        {
            "id": "venue",
            "name": {"zh": "虚构检查表"},
            "source": "unsourced",
            "items": [
                {"id": "keeper", "name": {"zh": "门口有人"}, "weight": 30, "severity": "major"},
                {"id": "airing", "name": {"zh": "开窗"}, "weight": 10, "severity": "minor"},
                {"id": "goods", "name": {"zh": "物资"}, "weight": 20, "severity": "minor"},
            ],
        }
    ],
}


def prepared(district: District, *, at: datetime = NOW) -> tuple[Site, Actor]:
    """An event, the list, a site of the firm's, and a second inspector."""
    declared(district, at=at)
    Declared.objects.update_or_create(pack="tests", name="inspections", defaults={"definition": RULES})
    second = world.acting(world.staff("second", "approval-bureau", Role.CLERK))
    return doors.site(owner=district.firm), second


def started(site: Site, first: Actor, second: Actor, *, at: datetime = NOW) -> Inspection:
    """An inspection under way."""
    return actions.start(site.pk, checklist="venue", second=second.account, key=new_id(), by=first, at=at)


def filled(inspection: Inspection, by: Actor, photo: Handed, *, at: datetime = NOW, **found: str) -> Inspection:
    """Every item answered: in order unless said otherwise."""
    said = {"keeper": "ok", "airing": "ok", "goods": "ok", **found}
    answers = {
        item: actions.Answered(what, "没有做到" if what == "defect" else "", photo if what == "defect" else None)
        for item, what in said.items()
    }
    return actions.fill_in(inspection.pk, answers, by=by, at=at)


def inspected(
    district: District, site: Site, second: Actor, photo: Handed, *, at: datetime = NOW, **found: str
) -> Inspection:
    """An inspection both have signed."""
    made = filled(started(site, district.clerk, second, at=at), district.clerk, photo, at=at, **found)
    actions.sign(made.pk, by=district.clerk, at=at)
    return actions.sign(made.pk, by=second, at=at)

"""Firms with something to offer or to look for; everything fictitious."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests import world
from tests.world import MORNING
from zerotrip.ids import new_id
from zerotrip.relief.matching import actions
from zerotrip.relief.matching.actions import Entry
from zerotrip.relief.models import Introduction, Resource

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

FIRST, SECOND, THIRD = "370199001001", "370199002002", "370199003001"
"""Communities of three subdistricts."""
DISTRICT = "370199000000"


@dataclass
class Firm:
    """A firm with somebody who acts for it."""

    party: Party
    agent: Actor

    def enters(self, kind: str, side: str, at: datetime = MORNING, **changes: Any) -> Resource:
        """An entry as the firm would make it, but for these changes of fields, or of ``place``, ``reach`` …"""
        return actions.publish(
            kind, side, self.party, entry(kind, side, **changes), key=new_id(), by=self.agent, at=at
        )


def firm(name: str, serial: int) -> Firm:
    """A firm and its agent."""
    party = world.enterprise(name, serial)
    return Firm(party, world.acting(world.agent(world.person(f"{name[-2:]}经办"), party)))


ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("premises", "offer"): {
        "uses": ["production", "storage"],
        "area": "1200",
        "rent": "18",
        "height": "6",
        "crane": True,
        "free_from": "2026-03-01",
        "address": "虚构路 18 号印刷车间",
    },
    ("premises", "want"): {
        "uses": ["storage"],
        "area_least": "800",
        "area_most": "1500",
        "rent_most": "25",
        "crane": False,
        "needed_by": "2026-04-01",
    },
    ("labour", "offer"): {
        "jobs": ["sorting", "line"],
        "people": "40",
        "pay": "6000",
        "from_day": "2026-03-01",
        "to_day": "2026-06-30",
        "lodged": True,
    },
    ("labour", "want"): {
        "jobs": ["sorting"],
        "people": "25",
        "pay_most": "6500",
        "from_day": "2026-03-10",
        "to_day": "2026-05-10",
        "lodging_needed": True,
    },
    ("orders", "offer"): {
        "trades": ["machining", "casting"],
        "capacity": "5000",
        "least": "100",
        "ready_on": "2026-04-01",
        "certified": ["iso9001"],
    },
    ("orders", "want"): {
        "trade": "machining",
        "pieces": "3000",
        "budget": "450000",
        "deliver_by": "2026-04-30",
        "certified": ["iso9001"],
    },
}
"""Answers that match each other."""


def entry(kind: str, side: str, **changes: Any) -> Entry:
    """What somebody types."""
    around = {
        "title": "印刷厂房一层" if side == "offer" else "社区团购分拣场地",
        "place": SECOND if side == "offer" else FIRST,
        "contact_name": "林知远",
        "contact_phone": "13900000000",
        "reach": "",
        "until": None,
    }
    for name in list(around):
        if name in changes:
            around[name] = changes.pop(name)
    answers = {**ANSWERS.get((kind, side), {}), **changes}
    return Entry(answers={name: value for name, value in answers.items() if value is not None}, **around)


def the_pair(offer: Resource, want: Resource) -> Introduction | None:
    """The introduction of two, if there is one."""
    return Introduction.objects.filter(offer=offer, want=want).select_related("offer", "want").first()


def introduced(printer: Firm, retailer: Firm, kind: str = "premises", at: datetime = MORNING, **changes: Any):
    """An offer and a want whose sides have both agreed."""
    offer = printer.enters(kind, "offer", at=at, **changes)
    want = retailer.enters(kind, "want", at=at)
    row = the_pair(offer, want)
    row = actions.agree(row, "offer", by=printer.agent, at=at)
    return actions.agree(row, "want", by=retailer.agent, at=at)

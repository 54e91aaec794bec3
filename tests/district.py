"""A district with its offices, and a firm with somebody to act for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, Role
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars


@dataclass
class District:
    """Who is who."""

    firm: Party
    applicant: Actor
    stranger: Actor
    clerk: Actor
    housing: Actor
    fire: Actor
    defence: Actor
    leader: Actor
    agriculture: Actor
    supervisor: Actor


@pytest.fixture
def district(db, settings, tmp_path) -> District:
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    settings.DEMO = True
    load_year(2026, by=SYSTEM, at=world.MORNING)
    load_pack(world.PACK, by=SYSTEM, at=world.MORNING)
    firm = world.enterprise("济南虚构材料有限公司")
    made = District(
        firm=firm,
        applicant=world.acting(world.agent(world.person("林知远"), firm)),
        stranger=world.acting(world.person("路人甲")),
        clerk=world.acting(world.staff("clerk", "approval-bureau", Role.CLERK)),
        housing=world.acting(world.staff("housing", "housing", Role.REVIEWER)),
        fire=world.acting(world.staff("fire", "fire", Role.REVIEWER)),
        defence=world.acting(world.staff("defence", "civil-defence", Role.REVIEWER)),
        leader=world.acting(world.staff("leader", "approval-bureau", Role.LEADER)),
        agriculture=world.acting(world.staff("agriculture", "agriculture", Role.REVIEWER)),
        supervisor=world.acting(world.staff("supervisor", "approval-bureau", Role.SUPERVISOR)),
    )
    yield made
    forget_calendars()

"""A district with its chain of project permits, a firm, a steward, and a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from tests import world
from tests.projects.site import CHAIN, FACTS, scheme
from zerotrip.catalogue.actions import load_pack
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, Role, User
from zerotrip.projects import actions
from zerotrip.projects.models import Project
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars


@dataclass
class Place:
    """Who is who around a project."""

    firm: Party
    owner: Actor
    stranger: Actor
    steward: Actor
    colleague: Actor
    leader: Actor
    commerce: Actor
    housing: Actor
    agriculture: Actor
    supervisor: Actor
    clerk: Actor
    fire: Actor
    defence: Actor

    def seated(self, code: str) -> Actor:
        """Who reviews in a department."""
        return {"housing": self.housing, "fire": self.fire, "civil-defence": self.defence}.get(code, self.colleague)

    @property
    def office(self) -> Party:
        return Party.objects.get(code="approval-bureau")

    def anew(self, who: Actor) -> Actor:
        """Somebody with what they may do by now."""
        return world.acting(User.objects.get(pk=who.user_id), at=world.MORNING)


@pytest.fixture
def place(db, settings, tmp_path) -> Place:
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    settings.DEMO = True
    for year in (2025, 2026):
        load_year(year, by=SYSTEM, at=world.MORNING)
    load_pack(scheme(CHAIN), by=SYSTEM, at=world.MORNING)
    firm = world.enterprise("济南虚构装备有限公司")
    yield Place(
        firm=firm,
        owner=world.acting(world.agent(world.person("林知远"), firm)),
        stranger=world.acting(world.person("路人甲")),
        steward=world.acting(world.staff("steward", "approval-bureau", Role.REVIEWER)),
        colleague=world.acting(world.staff("colleague", "approval-bureau", Role.REVIEWER)),
        leader=world.acting(world.staff("leader", "approval-bureau", Role.LEADER)),
        commerce=world.acting(world.staff("commerce", "commerce", Role.REVIEWER)),
        housing=world.acting(world.staff("housing", "housing", Role.REVIEWER)),
        agriculture=world.acting(world.staff("agriculture", "agriculture", Role.REVIEWER)),
        supervisor=world.acting(world.staff("supervisor", "approval-bureau", Role.SUPERVISOR)),
        clerk=world.acting(world.staff("clerk", "approval-bureau", Role.CLERK)),
        fire=world.acting(world.staff("fire", "fire", Role.REVIEWER)),
        defence=world.acting(world.staff("defence", "civil-defence", Role.REVIEWER)),
    )
    forget_calendars()


@pytest.fixture
def project(place: Place) -> Project:
    described = actions.Described(
        name="虚构装备二期",
        kind="industry",
        owner_name=place.firm.name,
        owner_uscc=place.firm.uscc,
        begun_on=date(2026, 1, 5),
    )
    key = new_id()
    return actions.register(
        described, FACTS, department=place.office.pk, key=key, by=place.steward, at=world.MORNING
    )

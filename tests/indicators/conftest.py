"""The demo's figures in a district, and the people who enter them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from config import demo_indicators
from tests import world
from zerotrip.parties.access import Actor
from zerotrip.parties.models import Membership, MembershipKind, Party, Role, User

DISTRICT = demo_indicators.DISTRICT
FIRST, SECOND, THIRD = demo_indicators.FIRST, demo_indicators.SECOND, demo_indicators.THIRD
YEAR = 2026


@dataclass
class Bureau:
    """Who enters figures, and who only reads them."""

    statistics: Actor
    street: Actor
    supervisor: Actor
    clerk: Actor


def at_street(name: str, path: str, role: Role = Role.CLERK) -> User:
    """Somebody of the office of a subdistrict."""
    user = world.person(name, email=f"{name}@example.test", password=world.PASSWORD)
    office = Party.objects.get(code="subdistrict-office", area_path=path)
    Membership.objects.create(
        person=user.person,
        organisation=office,
        kind=MembershipKind.STAFF,
        role=role,
        area_path=path,
        during=world.period("2026-01-01", "2099-01-01"),
    )
    return user


@pytest.fixture
def bureau(district) -> Bureau:
    """The statistics bureau and the first subdistrict, before any figures."""
    return Bureau(
        statistics=world.acting(world.staff("statistics", "statistics", Role.CLERK, Role.LEADER)),
        street=world.acting(at_street("street", FIRST)),
        supervisor=district.supervisor,
        clerk=district.clerk,
    )


@pytest.fixture
def figures(bureau) -> Bureau:
    """With the demo's figures, whose story is the first quarter of 2026."""
    demo_indicators.load(by=bureau.statistics, at=world.datetime(2026, 4, 20, tzinfo=world.UTC))
    return bureau

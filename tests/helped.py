"""People, subjects and routing rules for tests of needs: few words, everything fictitious."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import world
from tests.district import District
from zerotrip.cases import actions
from zerotrip.cases.actions.needs import Asked
from zerotrip.cases.models import Assignment, Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Area, Membership, MembershipKind, Party, Role, User
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.routing.actions import Wish, put_rule

AT = world.MORNING
"""Tuesday, 09:30."""
PARK, FIRST, SECOND = "370199002002", "370199001000", "370199002000"
"""A community of the second subdistrict, and the two subdistricts."""
SUBJECTS = ("need-testing", "need-labour", "need-space")


@cache
def pack() -> Path:
    """The pack with these subjects, without rules: each test puts its own."""
    return with_facts()


def with_facts() -> Path:
    """The same in a folder of its own."""
    folder = world.pack_of([*world.SERVICES, *SUBJECTS])
    shutil.copy(world.WHOLE / "facts.yaml", folder)
    return folder


def seat(name: str, department: str, *roles: Role, area: str = "") -> User:
    """Somebody in seats of a department; of those every subdistrict has, of the one named."""
    user = world.person(name, email=f"{name}@example.test")
    user.password = world._hashed(world.PASSWORD)
    user.save(update_fields=["password"])
    offices = Party.objects.filter(code=department)
    office = offices.get(area_path=Area.objects.get(pk=area).path) if area else offices.get()
    for role in roles:
        Membership.objects.create(
            person=user.person,
            organisation=office,
            kind=MembershipKind.STAFF,
            role=role,
            area_path=office.area_path,
            during=DateTimeTZRange(AT.replace(month=1), None),
        )
    return user


@dataclass
class Helped:
    """Who is who where needs are helped with."""

    district: District
    duty: User
    """Has the duty of the second subdistrict."""
    helper: User
    """Helps in the human resources bureau."""
    second: User
    """Helps in the health bureau."""
    lead: User
    """Leads the enterprise service centre."""
    head: User
    supervisor: Actor
    administrator: User

    @property
    def firm(self) -> Party:
        return self.district.firm

    @property
    def applicant(self) -> Actor:
        return self.district.applicant


@pytest.fixture
def helped(district: District) -> Helped:
    load_pack(pack(), by=SYSTEM, at=AT)
    return Helped(
        district=district,
        duty=seat("值班员", "subdistrict-office", Role.DUTY, area=SECOND),
        helper=seat("帮办员", "human-resources", Role.HELPER),
        second=seat("协办员", "health", Role.HELPER),
        lead=seat("牵头人", "enterprise-service", Role.LEADER),
        head=seat("中心主任", "enterprise-service", Role.HEAD),
        supervisor=district.supervisor,
        administrator=seat("管理员", "enterprise-service", Role.ADMINISTRATOR),
    )


def answers(subject: str, **changes: Any) -> dict[str, Any]:
    """The pack's sample of a subject, as a page would send it."""
    text = (world.WHOLE / "samples" / f"{subject}.yaml").read_text(encoding="utf-8")
    return {**world.plain(yaml.safe_load(text)), **changes}


def asked(subject: str, **changes: Any) -> Asked:
    """One need as it is asked."""
    return Asked(Service.objects.get(pk=subject), answers(subject, **changes))


def raised(helped: Helped, subject: str = "need-testing", at=AT, **changes: Any) -> Case:
    """A need the firm raised."""
    (case,) = actions.raise_needs(
        [asked(subject, **changes)], applicant=helped.firm, request=uuid4(), by=helped.applicant, at=at
    )
    return case


def help_of(case: Case) -> Assignment:
    """The one open piece of help."""
    (work,) = world.open_work(case, "help")
    return work


def rule_to(helped: Helped, person: User | None = None, at=AT, **wish: Any) -> RoutingRule:
    """A routing rule, put by the administrator."""
    told = Wish(name=wish.pop("name", "规则"), person=person.pk if person else None, **wish)
    return put_rule(told, by=world.acting(helped.administrator, at), at=at)

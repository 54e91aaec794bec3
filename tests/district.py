"""A district with its offices, and a firm with somebody to act for it.

To settle it takes longer than most tests: it is done once a module, in a transaction around those of the tests,
and each test is given its own copy of who is who.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, Role
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.plugin import DjangoDbBlocker


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


def settle() -> District:
    """The working days, the pack, the offices and the firm of nearly every test."""
    load_year(2026, by=SYSTEM, at=world.MORNING)
    load_pack(world.PACK, by=SYSTEM, at=world.MORNING)
    firm = world.enterprise("济南虚构材料有限公司")
    return District(
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


class Settled:
    """The transaction in which the district is settled, around those of the tests of one module."""

    def __init__(self) -> None:
        self.blocker: DjangoDbBlocker | None = None
        self.wanted: object = None
        self.module: object = None
        self.made: District | None = None
        self.around: transaction.Atomic | None = None

    def turn(self) -> None:
        """Settle for the module that wants it; back to the empty database where none does."""
        if self.blocker is None or self.module is self.wanted:
            return
        with self.blocker.unblock():
            if self.around is not None:
                transaction.set_rollback(True)
                self.around.__exit__(None, None, None)
                forget_calendars()
            self.module, self.around, self.made = self.wanted, None, None
            if self.wanted is not None:
                self.around = transaction.atomic()
                self.around.__enter__()
                self.made = settle()


SETTLED = Settled()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the test begins its own transaction, that of the district is begun or ended."""
    names = getattr(item, "fixturenames", ())
    SETTLED.wanted = item.module if "district" in names and not commits(item) else None
    SETTLED.turn()


def commits(item: pytest.Item) -> bool:
    """Whether a test writes for good, so that others see it: servers, threads, other processes."""
    marked = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    return marked or not {"transactional_db", "live_server"}.isdisjoint(item.fixturenames)


@pytest.fixture(scope="session")
def settled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Settled]:
    """The first district of the run waits for the database; it is gone before the database is."""
    SETTLED.blocker = django_db_blocker
    SETTLED.turn()
    yield SETTLED
    SETTLED.wanted = None
    SETTLED.turn()


@pytest.fixture
def district(settled: Settled, db: None, settings, tmp_path: Path) -> Iterator[District]:
    settings.FILES, settings.KEYS = tmp_path / "files", tmp_path / "keys"
    settings.DEMO = True
    yield deepcopy(settled.made) if settled.made else settle()
    forget_calendars()

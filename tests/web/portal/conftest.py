"""The shipped pack and somebody who looks at it."""

from __future__ import annotations

import pytest

from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays.actions import load_year
from zerotrip.workdays.queries import forget_calendars


@pytest.fixture
def offered(db):
    """The services of the shipped pack."""
    load_year(2026, by=SYSTEM, at=world.MORNING)
    load_pack(world.PACK, by=SYSTEM, at=world.MORNING)
    yield
    forget_calendars()


@pytest.fixture(params=["zh-hans", "en"])
def language(request, client) -> str:
    """Both languages, chosen as a visitor would."""
    client.post("/language", {"language": request.param})
    return request.param

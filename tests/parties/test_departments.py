"""Which department a code means, where."""

from __future__ import annotations

import pytest

from tests import world
from zerotrip.errors import NotFound
from zerotrip.parties import actions
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party
from zerotrip.parties.queries import departments

CITY, HERE, THERE = "370100000000", "370199000000", "370198000000"
STREET = f"/{CITY}/{HERE}/370199001000/"


@pytest.fixture(autouse=True)
def places(db) -> None:
    """A city with two districts."""
    actions.declare_area(code=CITY, name="济南市", level="city", by=SYSTEM, at=world.MORNING)
    for code in (HERE, THERE):
        actions.declare_area(code=code, name=code, level="district", parent=CITY, by=SYSTEM, at=world.MORNING)


def office(code: str, area: str) -> Party:
    return actions.declare_department(code=code, name=f"{code} {area}", area=area, by=SYSTEM, at=world.MORNING)


def test_the_nearest_department_over_the_area_is_meant():
    city, here, there = office("housing", CITY), office("housing", HERE), office("housing", THERE)
    for area_path, meant in (
        (STREET, here),
        (here.area_path, here),
        (there.area_path, there),
        (city.area_path, city),
    ):
        assert departments(["housing"], area_path=area_path) == {"housing": meant}


def test_a_department_of_another_area_is_never_meant():
    there = office("housing", THERE)
    with pytest.raises(NotFound, match="housing"):
        departments(["housing"], area_path=STREET)
    assert departments(["housing"]) == {"housing": there}


def test_without_an_area_a_code_means_one_department_or_is_refused():
    office("housing", HERE)
    fire = office("fire", HERE)
    office("housing", THERE)
    assert departments(["fire"]) == {"fire": fire}
    with pytest.raises(NotFound, match=r"写明区划：housing。"):
        departments(["housing", "fire"])


def test_every_code_without_a_department_is_named_and_ended_ones_are_none():
    closed = office("fire", HERE)
    closed.ended_at = world.MORNING
    closed.save()
    office("housing", HERE)
    with pytest.raises(NotFound, match="defence、fire"):
        departments(["housing", "fire", "defence"], area_path=STREET)

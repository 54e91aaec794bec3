"""What the portal offers of prevention: nothing while it lies dormant, what an event asks for while it runs."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import world
from tests.prevention.emergency import declared

OFFERED = ("/sampling/", "/checks/", "/rectify/", "/my-shifts/")


@pytest.fixture
def neighbour(district):
    return world.person("林知远")


def offered(client) -> list[str]:
    page = client.get("/").content.decode()
    return [path for path in OFFERED if f'href="{path}"' in page]


def test_nothing_is_offered_while_nothing_is_declared(client, neighbour):
    client.force_login(neighbour)
    assert offered(client) == []


def test_everybody_finds_where_to_be_tested_and_whoever_signed_in_the_rest(client, district, neighbour):
    declared(district, at=timezone.now())
    assert offered(client) == ["/sampling/"]
    client.force_login(neighbour)
    assert offered(client) == list(OFFERED)
    for path in OFFERED:
        assert client.get(path).status_code == 200


def test_goods_are_offered_to_those_whose_enterprise_an_event_reaches(client, district, neighbour):
    declared(district, at=timezone.now())
    client.force_login(neighbour)
    assert 'href="/goods/"' not in client.get("/").content.decode()

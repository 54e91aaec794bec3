"""Pages anybody may open are opened freely by people, and not by the thousand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.core.signing import Signer

from zerotrip.ids import new_id

NOW = datetime(2026, 3, 3, 1, 30, 20, tzinfo=UTC)
ADDRESSES = ["/v/abcdefghijklmnopqrstuv", f"/rate/{Signer(salt='zerotrip.rating').sign(str(new_id()))}/"]


@pytest.fixture(autouse=True)
def at_a_moment(db, monkeypatch):
    monkeypatch.setattr("zerotrip.web.middleware.timezone.now", lambda: NOW)
    caches["memory"].clear()
    yield
    caches["memory"].clear()


@pytest.mark.parametrize("address", ADDRESSES, ids=["licence", "rating"])
def test_a_building_looks_freely_and_a_machine_is_told_when_to_come_again(client, address):
    assert {client.get(address).status_code for _look in range(120)} == {404}
    page = client.get(address)
    assert page.status_code == 429
    assert page["Retry-After"] == "40"
    assert "请过 40 秒再试" in page.content.decode()
    assert 'id="main"' in page.content.decode()
    assert client.get(address, REMOTE_ADDR="203.0.113.9").status_code == 404, "others look on"


def test_each_page_has_its_own_limit_and_the_next_minute_is_a_new_one(client, monkeypatch):
    for _look in range(121):
        client.get(ADDRESSES[0])
    assert client.get(ADDRESSES[0]).status_code == 429
    assert client.get(ADDRESSES[1]).status_code == 404
    monkeypatch.setattr("zerotrip.web.middleware.timezone.now", lambda: NOW.replace(minute=31))
    assert client.get(ADDRESSES[0]).status_code == 404


def test_it_is_said_in_english_too(client):
    client.cookies["django_language"] = "en"
    for _look in range(120):
        client.get(ADDRESSES[0])
    assert "Please wait 40 s and try again." in client.get(ADDRESSES[0]).content.decode()


def test_counting_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(2):  # the licence, and the district of the page's frame
        client.get(ADDRESSES[0])

"""Movements sent by other platforms: signed or not, again, wrong; recorded one by one."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.prevention.emergency import declared
from zerotrip.api.hooks.goods import LARGEST, MOST, SIGNATURE, TIMESTAMP
from zerotrip.prevention.models import Balance, Lot, Movement
from zerotrip.signed import signature

pytestmark = pytest.mark.django_db

SECRET = "between us and the platform of the province, long"


@pytest.fixture(autouse=True)
def door(district, settings):
    settings.GOODS_SECRETS = [SECRET]
    declared(district, at=timezone.now())


def send(*movements, secret: str = SECRET, age: int = 0, raw: bytes | None = None):
    body = json.dumps({"movements": movements}).encode() if raw is None else raw
    timestamp = str(int(timezone.now().timestamp()) - age)
    signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}
    return Client(HTTP_HOST="localhost").post("/hooks/goods/", body, "application/json", headers=signed)


def receipt(district, **changed):
    told = {"id": str(uuid4()), "kind": "receive", "item": "frozen-beef", "quantity": "12.5", "consignment": "C1"}
    return {**told, "place": {"uscc": district.firm.uscc}, **changed}


def test_what_is_sent_is_recorded_once(district):
    one = receipt(district)
    first, again = send(one).json()["movements"][0], send(one).json()["movements"][0]
    lot = Lot.objects.get()
    assert first == {"id": one["id"], "state": "recorded", "lot": lot.number}
    assert again == {**first, "state": "again"}
    sale = {"id": str(uuid4()), "kind": "sell", "lot": lot.number, "quantity": "2.5", "outside": "虚构酒楼"}
    sale |= {"place": {"uscc": district.firm.uscc}}
    onward = {**sale, "id": str(uuid4()), "kind": "move", "to": {"name": "虚构冷库", "area": "370199001000"}}
    used = {**sale, "id": str(uuid4()), "kind": "use"}
    assert [one["state"] for one in send(sale, onward, used).json()["movements"]] == ["recorded"] * 3
    assert sorted(one.quantity for one in Balance.objects.all()) == [2.5, 5]
    assert set(Movement.objects.values_list("door", flat=True)) == {"api"}


def test_one_that_is_wrong_leaves_the_others_alone(district):
    wrong = [
        receipt(district, quantity="x"),
        receipt(district, item="nothing"),
        receipt(district, place={"uscc": "913701"}),
        receipt(district, more="unknown"),
        {"kind": "receive"},
        "nothing",
        {"id": str(uuid4()), "kind": "sell", "lot": "L1", "quantity": "1", "place": {"uscc": district.firm.uscc}},
    ]
    told = send(*wrong, receipt(district)).json()["movements"]
    assert [one["state"] for one in told] == ["refused"] * 7 + ["recorded"]
    assert set(told[0]["problems"]) == {"quantity"}
    assert Movement.objects.count() == 1


def test_nothing_is_taken_from_whoever_is_not_proven(district, settings):
    assert send(receipt(district), secret="another secret of the same length, long").status_code == 401
    assert send(receipt(district), age=3600).status_code == 401
    assert send(raw=b"{").status_code == 422
    assert send(raw=b'{"movements": 1}').status_code == 422
    assert send(raw=b"[" * 100_000).status_code == 422
    assert send(raw=b" " * (LARGEST + 1)).status_code == 413
    assert send(*[{}] * (MOST + 1)).status_code == 413
    settings.GOODS_SECRETS = []
    assert send(receipt(district)).status_code == 404
    assert not Movement.objects.exists()


def test_nothing_is_sold_before_it_came(district):
    came = timezone.now() - timedelta(hours=2)
    lot = send(receipt(district, at=came.isoformat())).json()["movements"][0]["lot"]
    sale = {"kind": "sell", "lot": lot, "quantity": "2.5", "place": {"uscc": district.firm.uscc}}
    early, right = (
        {**sale, "id": str(uuid4()), "at": (came + timedelta(seconds=late)).isoformat()} for late in (-1, 0)
    )
    refused, recorded = send(early, right).json()["movements"]
    assert (refused["state"], set(refused["problems"])) == ("refused", {"at"})
    assert recorded["state"] == "recorded"

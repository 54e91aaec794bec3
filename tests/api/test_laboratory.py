"""Results and boxes sent by a laboratory's own system: signed or not, again, wrong."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.prevention.emergency import declared
from tests.prevention.screening import sampling
from zerotrip.api.hooks.laboratory import SIGNATURE, TIMESTAMP
from zerotrip.ids import new_id
from zerotrip.prevention.models import Box, Result, Retest, Tube
from zerotrip.prevention.screening import boxes
from zerotrip.signed import signature

pytestmark = pytest.mark.django_db

SECRET = "between us and the laboratory, long enough to be"


@pytest.fixture(autouse=True)
def place(district, settings):
    settings.LABORATORY_SECRETS = [SECRET]
    declared(district, at=timezone.now())
    spot = sampling.point()
    sampling.put("JN0001", sampling.people(3), at_point=spot, by=district.clerk, at=timezone.now(), sealed=True)
    return spot


def send(secret: str = SECRET, age: int = 0, raw: bytes | None = None, **message):
    told = {"id": str(uuid4()), "laboratory": "demo-lab-1"} | message
    body = json.dumps(told).encode() if raw is None else raw
    timestamp = str(int(timezone.now().timestamp()) - age)
    signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}
    return Client(HTTP_HOST="localhost").post("/hooks/laboratory/", body, "application/json", headers=signed)


def found(tube: str = "JN0001", outcome: str = "positive", **changed):
    return {"tube": tube, "outcome": outcome, "issued_at": timezone.now().isoformat()} | changed


def test_a_positive_pool_is_known_at_once_and_the_same_message_changes_nothing():
    message = {"id": str(uuid4()), "results": [found()]}
    first, again = send(**message).json(), send(**message).json()
    assert first == again
    assert first["results"]["positive"] == 1
    assert (Tube.objects.get().outcome, Retest.objects.count(), Result.objects.count()) == ("positive", 3, 1)


def test_one_that_says_nothing_leaves_the_others_alone():
    wrong = [found(outcome="maybe"), found(tube="管"), found(issued_at="2999-01-01T00:00:00+08:00"), "text"]
    told = send(results=[*wrong, found(outcome="negative")]).json()
    assert [one["place"] for one in told["refused"]] == [0, 1, 2, 3]
    assert Tube.objects.get().outcome == "negative"


def test_a_box_is_taken_in_and_what_is_missing_is_named(district, place):
    at = timezone.now()
    box = boxes.pack(new_id(), "BOX1", ["JN0001"], counted=1, point=place.pk, by=district.clerk, at=at)
    told = {"code": "box1", "tubes": [], "receiver": "虚构收样员"}
    assert send(boxes=[told]).status_code == 404
    boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构", by=district.clerk, at=at)
    answer = send(boxes=[told]).json()
    assert answer["boxes"] == [{"code": "BOX1", "mishaps": [{"code": "JN0001", "kind": "missing"}]}]
    assert Box.objects.get().received_by == "虚构收样员"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"secret": "somebody else's, which is long as well"}, 401),
        ({"age": 3600}, 401),
        ({"raw": b"\xff"}, 422),
        ({"raw": b"[]"}, 422),
        ({"laboratory": "nobody"}, 404),
    ],
)
def test_whoever_is_not_proven_and_what_cannot_be_read_is_refused(changed, status):
    assert send(**changed).status_code == status
    assert not Result.objects.exists()


def test_nobody_is_heard_without_a_secret(settings):
    settings.LABORATORY_SECRETS = []
    assert send().status_code == 404

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
from zerotrip.prevention.models import Box, Mishap, Result, Retest, Tube
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


def came(district, place, tube="JN0001"):
    at = timezone.now()
    box = boxes.pack(new_id(), "BOX1", [tube], counted=1, point=place.pk, by=district.clerk, at=at)
    return boxes.hand_over(box.pk, laboratory="demo-lab-1", carrier="虚构", by=district.clerk, at=at)


def box(*tubes, **changed):
    return {"code": "BOX1", "tubes": tubes, "receiver": "虚构收样员"} | changed


def test_an_old_message_sent_again_leaves_the_box_alone_that_is_used_again(district, place):
    came(district, place)
    message = {"id": str(uuid4()), "boxes": [box("JN0001")]}
    first = send(**message).json()
    sampling.put("JN0002", sampling.people(1), at_point=place, by=district.clerk, at=timezone.now(), sealed=True)
    second = came(district, place, "JN0002")
    assert send(**message).json() == first
    assert not Mishap.objects.exists()
    assert send(boxes=[box("JN0002")]).json()["boxes"] == [{"code": "BOX1", "mishaps": []}]
    second.refresh_from_db()
    assert second.received_at


def test_a_box_is_taken_in_by_the_laboratory_it_was_handed_to(district, place):
    held = came(district, place)
    for laboratory in ("demo-lab-2", "nobody"):
        assert send(laboratory=laboratory, boxes=[box()]).status_code == 404
    held.refresh_from_db()
    assert (held.received_at, Mishap.objects.count()) == (None, 0)


def test_nothing_of_a_message_is_kept_of_which_something_is_refused(district, place):
    held = came(district, place)
    assert send(results=[found()], boxes=[box(), box(code="BOX9")]).status_code == 404
    held.refresh_from_db()
    assert (held.received_at, Result.objects.count()) == (None, 0)


def test_another_message_under_the_same_id_is_refused_and_not_taken_for_the_first():
    key = str(uuid4())
    send(id=key, results=[found(outcome="negative")])
    assert send(id=key, results=[found()]).status_code == 409
    assert Tube.objects.get().outcome == "negative"


def test_damaged_tubes_are_named_however_their_code_is_written(district, place):
    came(district, place)
    told = send(boxes=[box("jn0001", damaged={"jn0001": "leaked", "X" * 40: "empty"})]).json()
    assert told["boxes"][0]["mishaps"] == [
        {"code": "JN0001", "kind": "leaked"},
        {"code": "X" * 32, "kind": "empty"},
    ]


@pytest.mark.parametrize("wrong", [{"damaged": {"JN0001": "eaten"}}, {"receiver": "\0"}, {"receiver": " "}])
def test_a_box_of_which_something_cannot_be_read_is_refused(district, place, wrong):
    came(district, place)
    assert send(boxes=[box("JN0001", **wrong)]).status_code == 422


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

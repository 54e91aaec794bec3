"""What a courier sends: over real HTTP, signed, replayed, out of order, too large, or not by the courier at all."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tests.licences.post.conftest import fresh, granted, number_of, parcel, sent  # noqa: F401  fixtures
from zerotrip.licences.post.couriers.webhook import SIGNATURE, TIMESTAMP
from zerotrip.licences.post.models import Event, Label
from zerotrip.signed import WINDOW, signature

pytestmark = pytest.mark.django_db(transaction=True)

SECRET, OLD = "between us and the courier, at least this long", "the secret of last year"


class Sender:
    """A courier's machine."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address).netloc

    def send(self, *events: dict[str, str], secret: str = SECRET, age: int = 0, body: bytes = b"", **headers: str):
        """Sign and send: the status, and what was answered."""
        body = body or json.dumps({"events": events}, ensure_ascii=False).encode()
        timestamp = str(int(timezone.now().timestamp()) - age)
        signed = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}
        return self.post(body, {**signed, **headers})

    def post(self, body: bytes, headers: dict[str, str], method: str = "POST"):
        connection = HTTPConnection(self.address, timeout=20)
        connection.request(method, "/hooks/courier/", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if answer.headers[
            "Content-Type"
        ] == "application/json" else content


@pytest.fixture
def courier(live, settings) -> Sender:
    settings.COURIER = "zerotrip.licences.post.couriers.webhook.Webhook"
    settings.COURIER_SECRETS = [SECRET, OLD]
    return Sender(live)


def event(shipment, kind: str, id: str = "e1", **more: str) -> dict[str, str]:
    now = timezone.now().isoformat()
    return {"id": id, "tracking": number_of(shipment), "kind": kind, "at": now, **more}


def test_what_is_signed_is_kept_and_moves_the_parcel(courier, sent):  # noqa: F811
    shipment = sent()
    told = event(shipment, "delivered", signed_by="门卫", place="示范区")
    assert courier.send(told) == (200, {"new": ["e1"], "known": [], "refused": []})
    assert (fresh(shipment).status, fresh(shipment).case.status) == ("delivered", "closed")


def test_a_replay_changes_nothing(courier, sent):  # noqa: F811
    shipment = sent()
    told = event(shipment, "in_transit")
    courier.send(told)
    before = fresh(shipment)
    assert courier.send(told) == (200, {"new": [], "known": ["e1"], "refused": []})
    assert Event.objects.count() == 1
    assert fresh(shipment).ledger_length == before.ledger_length


def test_the_same_at_the_same_time_is_kept_once(courier, sent):  # noqa: F811
    told = event(sent(), "delivered")
    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(lambda _one: courier.send(told), range(6)))
    assert [status for status, _told in answers] == [200] * 6
    assert sum(len(answer["new"]) for _status, answer in answers) == 1
    assert Event.objects.count() == 1


def test_a_secret_can_be_changed_for_another(courier, sent):  # noqa: F811
    assert courier.send(event(sent(), "in_transit"), secret=OLD)[0] == 200


@pytest.mark.parametrize("secret", ["another secret", ""])
def test_a_wrong_signature_is_401_and_nothing_is_kept(courier, sent, secret):  # noqa: F811
    shipment = sent()
    status, answer = courier.send(event(shipment, "delivered"), secret=secret)
    assert (status, set(answer)) == (401, {"error", "problems"})
    assert not Event.objects.exists()
    assert fresh(shipment).status == "handed_over"


@pytest.mark.parametrize("age", [WINDOW + 5, -WINDOW - 5])
def test_a_message_of_another_time_is_401_however_well_signed(courier, sent, age):  # noqa: F811
    assert courier.send(event(sent(), "delivered"), age=age)[0] == 401
    assert not Event.objects.exists()


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "²", "9" * 40, "1e9", "nan"])
def test_a_time_that_is_none_is_401(courier, timestamp):
    body = b'{"events": []}'
    headers = {
        SIGNATURE: signature(SECRET, timestamp, body),
        TIMESTAMP: timestamp.encode("latin-1", "replace").decode("latin-1"),
    }
    assert courier.post(body, headers)[0] == 401


def test_a_changed_body_or_a_missing_signature_is_401(courier, sent):  # noqa: F811
    told = event(sent(), "delivered")
    assert courier.send(told, **{SIGNATURE: ""})[0] == 401
    timestamp = str(int(timezone.now().timestamp()))
    headers = {TIMESTAMP: timestamp, SIGNATURE: signature(SECRET, timestamp, b"{}")}
    assert courier.post(json.dumps({"events": [told]}).encode(), headers)[0] == 401
    assert not Event.objects.exists()


def test_too_much_is_refused_unread(courier):
    assert courier.send(body=b"x" * 200_000)[0] == 413


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data"])
def test_however_much_is_sent_as_whatever_it_is_refused_in_the_form_of_the_door(courier, settings, form):
    settings.REQUEST_LIMIT = 1_000_000
    body = b"&".join(b"row-%d=x" % number for number in range(200_000))
    assert len(body) > settings.REQUEST_LIMIT
    assert courier.send(body=body, **{"Content-Type": form}) == (
        413,
        {"error": "一次传来的内容太多。", "problems": {}},
    )


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b'{"events": 1}',
        b'{"events": [{"id": "1"}]}',
        b'{"events": [{"id": "1", "tracking": "A", "kind": "eaten", "at": "2026-03-03T02:00:00Z"}]}',
        b'{"events": [{"id": "1", "tracking": "A", "kind": "delivered", "at": "2026-03-03T02:00:00"}]}',
        b'{"events": [{"id": "1\\u0000", "tracking": "A", "kind": "delivered", "at": "2026-03-03T02:00:00Z"}]}',
        b'{"events": [{"id": "1", "tracking": "A", "kind": "delivered", "at": "2026-03-03T02:00Z", "note": "\n"}]}',
        b"\xff\xfe",
        b"[" * 50_000,
    ],
)
def test_what_cannot_be_read_is_422_and_nothing_is_kept(courier, body):
    assert courier.send(body=body)[0] == 422
    assert not Event.objects.exists()


def test_one_report_that_cannot_be_read_spoils_the_message(courier, sent):  # noqa: F811
    shipment = sent()
    status, answer = courier.send(
        event(shipment, "in_transit"), {**event(shipment, "delivered", "e2"), "kind": "x"}
    )
    assert status == 422
    assert list(answer["problems"]) == ["events.1.kind"]
    assert not Event.objects.exists()


def test_out_of_order_the_latest_counts(courier, sent):  # noqa: F811
    shipment = sent()
    first = {**event(shipment, "in_transit", "1"), "at": "2026-03-03T03:00:00+00:00"}
    last = {**event(shipment, "undelivered", "2", note="无人"), "at": "2026-03-03T12:30:00+08:00"}
    courier.send(last)
    courier.send(first)
    assert fresh(shipment).status == "undelivered"
    assert Event.objects.count() == 2


def test_what_is_of_nobody_here_is_refused_by_name(courier, sent):  # noqa: F811
    shipment = sent()
    other = {**event(shipment, "delivered", "e9"), "tracking": "SOMEBODY-ELSES"}
    assert courier.send(other, event(shipment, "in_transit"))[1] == {"new": ["e1"], "known": [], "refused": ["e9"]}


def test_without_a_courier_that_sends_the_door_is_shut(live, settings):
    for form in ("", "zerotrip.licences.post.couriers.polling.Polling"):
        settings.COURIER = form
        assert Sender(live).send()[0] == 404
    assert Sender(live).post(b"", {}, method="GET")[0] == 405
    assert not Label.objects.exists()

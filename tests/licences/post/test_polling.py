"""A courier that is asked: over a real connection, and it may hang, answer twice, lie or send elsewhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Signal
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.licences.post.conftest import fresh, later, number_of
from zerotrip.errors import NotFound
from zerotrip.licences.post import actions
from zerotrip.licences.post.couriers import Silent
from zerotrip.licences.post.couriers.polling import LARGEST, Polling
from zerotrip.licences.post.models import Event, Label
from zerotrip.licences.post.tasks import ask_courier, purge_deliveries

pytestmark = pytest.mark.django_db

KEY = "the key it knows us by"


class Courier(ThreadingHTTPServer):
    """Answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.asked: list[tuple[str, list[str]]] = []
        self.answer: Callable[[Desk, list[str]], None] = lambda desk, numbers: desk.tell()
        self.over = Signal()


class Desk(BaseHTTPRequestHandler):
    """One request."""

    server: Courier

    def do_GET(self) -> None:
        numbers = parse_qs(urlsplit(self.path).query).get("tracking", [""])[0].split(",")
        self.server.asked.append((self.headers["Authorization"], numbers))
        self.server.answer(self, numbers)

    def tell(self, *events: dict[str, str], status: int = 200, body: bytes = b"", **headers: str) -> None:
        body = body or json.dumps({"events": events}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def courier(settings, monkeypatch) -> Iterator[Courier]:
    server = Courier()
    settings.COURIER = "zerotrip.licences.post.couriers.polling.Polling"
    settings.COURIER_URL, settings.COURIER_KEY = f"http://127.0.0.1:{server.server_port}/track", KEY
    monkeypatch.setattr(Polling, "patience", 0.3)
    monkeypatch.setattr(Polling, "whole", 0.6)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def at(hours: int) -> str:
    return later(hours=hours).isoformat()


def test_it_is_asked_about_what_is_under_way_with_our_key(courier, sent, parcel):
    first, second, _at_home = sent(), sent(), parcel()
    ask_courier(0)
    assert courier.asked == [(f"Bearer {KEY}", [number_of(first), number_of(second)])]


def test_what_it_answers_moves_the_parcel(courier, sent):
    shipment = sent()
    courier.answer = lambda desk, numbers: desk.tell(
        {"id": "1", "tracking": numbers[0], "kind": "delivered", "at": at(5), "signed_by": "本人"}
    )
    ask_courier(0)
    assert (fresh(shipment).status, fresh(shipment).case.status) == ("delivered", "closed")
    assert Event.objects.get().source == "polling"


def test_what_it_answers_again_and_again_is_kept_once(courier, sent):
    shipment = sent()
    told = {"id": "1", "tracking": number_of(shipment), "kind": "in_transit", "at": at(5)}
    courier.answer = lambda desk, numbers: desk.tell(told, told)
    ask_courier(0)
    ask_courier(0)
    assert Event.objects.count() == 1


def test_what_it_was_not_asked_about_is_not_believed(courier, district, sent, parcel, caplog):
    shipment, other, at_home = sent(), sent(), parcel()
    actions.make_batch([at_home.pk], by=district.clerk, at=later(minutes=3))
    here = number_of(at_home)
    number = number_of(other)
    Label.objects.filter(shipment=other).update(courier="somebody-else")
    courier.answer = lambda desk, numbers: desk.tell(
        {"id": "1", "tracking": number, "kind": "delivered", "at": at(5)},
        {"id": "4", "tracking": here, "kind": "in_transit", "at": at(5)},
        {"id": "2", "tracking": "NOBODYS", "kind": "delivered", "at": at(5)},
        {"id": "3", "tracking": numbers[0], "kind": "delivered", "at": "2099-01-01T00:00:00Z"},
    )
    with caplog.at_level(logging.WARNING):
        ask_courier(0)
    assert caplog.text == ""
    assert not Event.objects.exists()
    assert {fresh(shipment).status, fresh(other).status} == {"handed_over"}


def hang(desk: Desk, numbers: list[str]) -> None:
    desk.server.over.wait(5)


def drip(desk: Desk, numbers: list[str]) -> None:
    desk.send_response(200)
    desk.send_header("Content-Length", "100000")
    desk.end_headers()
    try:
        while not desk.server.over.wait(0.1):
            desk.wfile.write(b" ")
            desk.wfile.flush()
    except OSError:
        return


SILENCES: dict[str, Callable[[Desk, list[str]], None]] = {
    "hangs": hang,
    "drips": drip,
    "fails": lambda desk, numbers: desk.tell(status=503),
    "refuses": lambda desk, numbers: desk.tell(status=401),
    "sends elsewhere": lambda desk, numbers: desk.tell(status=302, Location="/elsewhere"),
    "babbles": lambda desk, numbers: desk.tell(body=b"<html>"),
    "floods": lambda desk, numbers: desk.tell(body=b" " * (LARGEST + 1)),
    "breaks off": lambda desk, numbers: desk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    "speaks no HTTP": lambda desk, numbers: desk.wfile.write(b"hello\r\n\r\n"),
}


@pytest.mark.parametrize("silence", SILENCES)
def test_a_courier_that_does_not_answer_as_agreed_changes_nothing(courier, sent, silence, caplog):
    shipment = sent()
    courier.answer = SILENCES[silence]
    with pytest.raises(Silent):
        Polling().ask([number_of(shipment)], at=later())
    with caplog.at_level(logging.WARNING):
        ask_courier(0)
    assert "did not answer as agreed" in caplog.text
    assert len(courier.asked) == 2
    assert not Event.objects.exists()
    assert fresh(shipment).status == "handed_over"


def test_who_was_asked_about_longest_ago_comes_first(courier, sent, settings):
    first, second = sent(), sent()
    Label.objects.filter(shipment=first).update(asked_at=later(hours=1))
    ask_courier(0)
    assert courier.asked[0][1] == [number_of(second), number_of(first)]


def test_a_courier_that_is_asked_sends_nothing(courier):
    with pytest.raises(NotFound):
        Polling().hear(b"", {}, at=later())


def test_without_a_courier_nobody_is_asked(sent, settings, courier):
    settings.COURIER = ""
    sent()
    ask_courier(0)
    assert courier.asked == []


def test_the_nightly_purge_comes_to_an_end(db):
    purge_deliveries(0)

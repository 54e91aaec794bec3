"""Text messages over a gateway on the loopback interface, and no way out at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests import world
from tests.channels.conftest import free_port
from zerotrip.channels import actions
from zerotrip.channels.models import Message, MessageStatus, Transport
from zerotrip.channels.transports import Undeliverable

SECRET = "between us and the gateway"


class Gateway(ThreadingHTTPServer):
    """Takes what comes and answers as told."""

    answer = 200

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Desk)
        self.got: list[tuple[dict[str, str], bytes]] = []


class Desk(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        if self.server.answer // 100 == 3:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(settings) -> Iterator[Gateway]:
    server = Gateway(free_port())
    settings.SMS_SENDER = "zerotrip.channels.transports.sms.http"
    settings.SMS_URL, settings.SMS_SECRET = f"http://127.0.0.1:{server.server_port}/send", SECRET
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def text(notice) -> Message:
    """The text message of the notice."""
    actions.address(notice, at=world.MORNING)
    return Message.objects.get(notice=notice, transport=Transport.SMS)


def test_a_message_reaches_the_gateway_signed_and_with_its_key(text, gateway):
    actions.send(text, at=world.MORNING)
    ((headers, body),) = gateway.got
    assert json.loads(body) == {"id": str(text.pk), "to": text.address, "text": text.body}
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={expected}"
    text.refresh_from_db()
    assert text.status == MessageStatus.SENT


@pytest.mark.parametrize(
    ("answer", "final"),
    [(400, True), (404, True), (302, True), (408, False), (429, False), (500, False), (503, False)],
)
def test_what_the_gateway_answers_decides_whether_to_try_again(text, gateway, answer, final):
    gateway.answer = answer
    with pytest.raises(Undeliverable) as failure:
        actions.send(text, at=world.MORNING)
    assert failure.value.permanent is final
    text.refresh_from_db()
    assert text.status == (MessageStatus.FAILED if final else MessageStatus.QUEUED)
    assert len(gateway.got) == 1, "it goes nowhere else"


def test_each_try_carries_the_same_key(text, gateway):
    gateway.answer = 503
    with pytest.raises(Undeliverable):
        actions.send(text, at=world.MORNING)
    gateway.answer = 200
    actions.send(text, at=world.MORNING + timedelta(minutes=1))
    assert len({json.loads(body)["id"] for _headers, body in gateway.got}) == 1


def test_a_gateway_that_is_down_is_tried_again(text, settings):
    settings.SMS_SENDER = "zerotrip.channels.transports.sms.http"
    settings.SMS_URL = f"http://127.0.0.1:{free_port()}/send"
    with pytest.raises(Undeliverable) as failure:
        actions.send(text, at=world.MORNING)
    assert not failure.value.permanent


def test_outside_the_demo_nothing_looks_sent_that_was_not(notice, settings):
    settings.DEMO, settings.EMAIL_BACKEND = False, "django.core.mail.backends.dummy.EmailBackend"
    for message in actions.address(notice, at=world.MORNING):
        with pytest.raises(Undeliverable, match="not set") as failure:
            actions.send(message, at=world.MORNING)
        assert failure.value.permanent
    assert {row.status for row in Message.objects.all()} == {MessageStatus.FAILED}


def test_in_the_demo_messages_stay_where_the_outbox_shows_them(notice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    for message in actions.address(notice, at=world.MORNING):
        actions.send(message, at=world.MORNING)
    assert {row.status for row in Message.objects.all()} == {MessageStatus.SENT}

"""The health-code service over a real connection: it may hang, lie or be down, and the queue goes on."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.prevention.handing_in import number
from tests.prevention.venues.service import SECRET, Service
from zerotrip.parties import seals
from zerotrip.prevention.models import ToldBy
from zerotrip.prevention.venues import healthcode
from zerotrip.prevention.venues.checks import check_health_code
from zerotrip.prevention.venues.healthcode import LARGEST, OFTEN, REST, Breaker

AT = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)

FAILS = {
    "hangs": lambda desk, asked: desk.server.over.wait(5),
    "is broken": lambda desk, asked: desk.tell(asked, status=500),
    "sends elsewhere": lambda desk, asked: desk.tell(asked, status=302),
    "babbles": lambda desk, asked: desk.send(b"<html>"),
    "floods": lambda desk, asked: desk.send(b" " * (LARGEST + 1)),
    "breaks off": lambda desk, asked: desk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    "is signed by somebody else": lambda desk, asked: desk.tell(asked, secret="another secret of somebody"),
    "says again what it said before": lambda desk, asked: desk.tell(asked, old=600),
    "answers another question": lambda desk, asked: desk.tell({"id": "yesterday"}),
    "has a colour there is not": lambda desk, asked: desk.tell(asked, colour="blue"),
    "says nothing": lambda desk, asked: desk.send(b"null"),
}


@pytest.fixture
def service(settings, monkeypatch):
    monkeypatch.setattr(healthcode, "breaker", Breaker())
    monkeypatch.setattr(healthcode, "PATIENCE", 0.3)
    desk = Service(now=AT.timestamp)
    settings.HEALTH_CODE_URL, settings.HEALTH_CODE_SECRET = desk.address, SECRET
    yield desk
    desk.stop()


def test_it_tells_the_colour_and_who_it_is_without_the_number(service):
    ric = number(1)
    service.answer = lambda desk, asked: desk.tell(asked, colour="yellow", number=ric)
    told = healthcode.ask("code-of-a-phone", at=AT)
    assert (told.told_by, told.colour, told.name) == (ToldBy.SERVICE, "yellow", "王*构")
    assert told.person == seals.digest(ric)
    assert service.asked[0]["code"] == "code-of-a-phone"


@pytest.mark.parametrize("how", FAILS)
def test_what_cannot_be_believed_is_no_answer(service, how):
    service.answer = FAILS[how]
    begun = time.monotonic()
    told = healthcode.ask("code", at=AT)
    assert (told.told_by, told.colour) == (ToldBy.DOWN, None)
    assert time.monotonic() - begun < 3


def test_one_that_is_down_keeps_nobody_waiting(service):
    service.answer = FAILS["is broken"]
    for _time in range(OFTEN + 5):
        assert healthcode.ask("code", at=AT).told_by == ToldBy.DOWN
    assert len(service.asked) == OFTEN


def test_it_is_tried_again_after_a_rest_and_trusted_when_it_answers(service):
    service.answer = FAILS["is broken"]
    for _time in range(OFTEN):
        healthcode.ask("code", at=AT)
    later = AT + REST
    service.now = later.timestamp
    healthcode.ask("code", at=later)
    assert healthcode.ask("code", at=later + timedelta(seconds=1)).told_by == ToldBy.DOWN
    assert len(service.asked) == OFTEN + 1
    later += REST
    service.now, service.answer = later.timestamp, lambda desk, asked: desk.tell(asked)
    assert healthcode.ask("code", at=later).told_by == ToldBy.SERVICE
    assert healthcode.ask("code", at=later).told_by == ToldBy.SERVICE


def test_one_failure_between_answers_is_no_outage(service):
    for _time in range(2 * OFTEN):
        service.answer = FAILS["is broken"]
        assert healthcode.ask("code", at=AT).told_by == ToldBy.DOWN
        service.answer = lambda desk, asked: desk.tell(asked)
        assert healthcode.ask("code", at=AT).told_by == ToldBy.SERVICE


@pytest.mark.parametrize(
    ("address", "secret", "faults"),
    [
        ("", "", []),
        ("https://codes.example/ask", SECRET, []),
        ("http://127.0.0.1:9/ask", SECRET, []),
        ("http://codes.example/ask", SECRET, ["prevention.E001"]),
        ("https://codes.example/ask", "short", ["prevention.E002"]),
    ],
)
def test_settings_that_will_not_do_are_named(settings, address, secret, faults):
    settings.HEALTH_CODE_URL, settings.HEALTH_CODE_SECRET = address, secret
    assert [fault.id for fault in check_health_code()] == faults


def test_nobody_is_asked_without_a_service_or_a_code(service, settings):
    assert healthcode.ask("  ", at=AT).told_by == ToldBy.EYE
    settings.HEALTH_CODE_URL = ""
    assert healthcode.ask("code", at=AT).told_by == ToldBy.EYE
    assert not service.asked

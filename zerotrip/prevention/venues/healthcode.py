"""The health-code service: asked with a signed question, believed when it signs its answer, given up on quickly.

A queue at a door waits for every answer, so the service has two seconds for the whole of one. One that failed so
``OFTEN`` in a row is taken to be down and not asked for ``REST``; then one question tries it again. What holds at
the door meanwhile the district has decided (``venues.yaml``). docs/operations.md has the format.
"""

from __future__ import annotations

import json
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from zerotrip.prevention.models import HealthColour, ToldBy
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.prevention.venues.people import digest_of
from zerotrip.signed import is_fresh, is_signed, signature

PATIENCE = 2.0
"""Seconds for the whole of an answer."""
OFTEN = 3
"""Failures in a row after which the service is taken to be down."""
REST = timedelta(seconds=30)
"""For how long it is not asked then."""
LARGEST = 16 * 1024
"""Bytes of an answer."""
TIMESTAMP, SIGNATURE = "X-Health-Timestamp", "X-Health-Signature"


class Unanswered(Exception):
    """The service gave no answer that can be believed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of somebody's code. The name is shown to the keeper, masked, and kept nowhere."""

    told_by: ToldBy
    colour: HealthColour | None = None
    """None: the keeper looks for themselves."""
    person: bytes | None = None
    name: str = ""


class Breaker:
    """Whether the service is taken to be up: of this process, each finds out for itself."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._until: datetime | None = None

    def lets(self, at: datetime) -> bool:
        """Whether to ask now. While it is down, one question a ``REST``."""
        with self._lock:
            if self._until is None:
                return True
            if at < self._until:
                return False
            self._until = at + REST
            return True

    def succeeded(self) -> None:
        """It answered."""
        with self._lock:
            self._failures, self._until = 0, None

    def failed(self, at: datetime) -> None:
        """It did not answer."""
        with self._lock:
            self._failures += 1
            if self._failures >= OFTEN:
                self._until = at + REST


breaker = Breaker()


def is_configured() -> bool:
    """Whether there is a service to ask."""
    return bool(settings.HEALTH_CODE_URL)


def ask(code: str, *, at: datetime) -> Told:
    """The colour of whoever shows a code or says a number; ``DOWN`` where the service does not tell.

    Never raises for what the service does. Without a service, or for nothing to ask about, the keeper's eye counts.
    """
    if not is_configured() or not code.strip():
        return Told(ToldBy.EYE)
    if not breaker.lets(at):
        return Told(ToldBy.DOWN)
    try:
        told = _asked(code, at)
    except Unanswered:
        breaker.failed(at)
        return Told(ToldBy.DOWN)
    breaker.succeeded()
    return told


def _asked(code: str, at: datetime) -> Told:
    key = str(uuid.uuid4())
    body = json.dumps({"id": key, "code": code.strip()[:500]}, ensure_ascii=False).encode()
    timestamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        TIMESTAMP: timestamp,
        SIGNATURE: signature(settings.HEALTH_CODE_SECRET, timestamp, body),
    }
    try:
        status, content, given, answered = _exchanged(body, headers)
    except (OSError, HTTPException) as error:
        raise Unanswered(str(error) or type(error).__name__) from error
    if status != HTTPStatus.OK:
        raise Unanswered(f"The service answered {status}.")
    if not is_signed(content, answered, given, secrets=[settings.HEALTH_CODE_SECRET]):
        raise Unanswered("The signature of the answer is wrong.")
    if not is_fresh(answered, at):
        raise Unanswered("The answer is not of now.")
    return _read(content, key=key, code=code)


def _exchanged(body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str, str]:
    """Status, body, signature and timestamp of the answer. Cut off when the time is over, no redirects."""
    address = urlsplit(settings.HEALTH_CODE_URL)
    make = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = make(address.netloc, timeout=PATIENCE)
    try:
        connection.connect()
        guard = Timer(PATIENCE, _cut, [connection.sock])
        guard.start()
        try:
            connection.request("POST", address.path or "/", body, headers)
            answer = connection.getresponse()
            content = answer.read(LARGEST + 1)
        finally:
            guard.cancel()
    finally:
        connection.close()
    if len(content) > LARGEST:
        raise OSError("The answer is too large.")
    return answer.status, content, answer.headers.get(SIGNATURE, ""), answer.headers.get(TIMESTAMP, "")


def _cut(connection: socket.socket) -> None:
    """End an exchange whose time is over, whatever it waits for."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read(content: bytes, *, key: str, code: str) -> Told:
    """What an answer tells, to this very question. A code nobody has is ``none``."""
    try:
        read = json.loads(content)
    except ValueError as error:
        raise Unanswered("The answer is no JSON.") from error
    if not isinstance(read, dict) or read.get("id") != key:
        raise Unanswered("The answer is to another question.")
    if read.get("colour") not in HealthColour.values:
        raise Unanswered("The answer tells no colour.")
    return Told(
        ToldBy.SERVICE,
        HealthColour(read["colour"]),
        person=digest_of(_text(read, "number")) or digest_of(code),
        name=mask_name(_text(read, "name")) if _text(read, "name") else "",
    )


def _text(read: dict[str, Any], name: str) -> str:
    told = read.get(name)
    return told[:120] if isinstance(told, str) else ""

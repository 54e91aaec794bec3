"""Messages between machines, signed with a secret both have, and of now."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

WINDOW = 300
"""Seconds a message's own time may be away from ours; later, it is an old one sent again by somebody."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the body."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(body: bytes, timestamp: str, given: str, *, secrets: Sequence[str]) -> bool:
    """Whether a message is signed with one of ``secrets``. Any will do, so that one can be changed."""
    expected = [signature(secret, timestamp, body) for secret in secrets]
    # Each is compared, and each whole: the time it takes tells nothing of the signature.
    matches = [hmac.compare_digest(one.encode(), given.encode()) for one in expected]
    return any(matches)


def is_fresh(timestamp: str, at: datetime) -> bool:
    """Whether a message says that it is of now, in seconds of the epoch."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(at.timestamp() - int(timestamp)) <= WINDOW


class Unbelieved(Exception):
    """No answer came, not in time, or none that can be believed."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks another machine by signed JSON; believes an answer that is signed, of now, and to the question."""

    url: str
    secret: str
    headers: tuple[str, str]
    """The headers that carry the timestamp and the signature, both ways."""
    patience: float
    """Seconds for the whole of an answer: somebody is waiting for it."""
    largest: int
    """Bytes of an answer."""

    def ask(self, told: Mapping[str, Any], *, at: datetime) -> dict[str, Any] | None:
        """What the machine answers to something with an ``id``; None where it says that it knows of no such thing.

        Redirects are not followed: an answer is from this address or none. Raises Unbelieved.
        """
        timestamp, body = str(int(at.timestamp())), json.dumps(told, ensure_ascii=False).encode()
        sent = dict(zip(self.headers, (timestamp, signature(self.secret, timestamp, body)), strict=True))
        try:
            status, content, given, answered = self._exchanged(body, sent)
        except (OSError, HTTPException) as error:
            raise Unbelieved(str(error) or type(error).__name__) from error
        if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise Unbelieved(f"It answered {status}.")
        if not is_signed(content, answered, given, secrets=[self.secret]):
            raise Unbelieved("The signature of the answer is wrong.")
        if not is_fresh(answered, at):
            raise Unbelieved("The answer is not of now.")
        return _read(content, str(told["id"])) if status == HTTPStatus.OK else None

    def _exchanged(self, body: bytes, sent: Mapping[str, str]) -> tuple[int, bytes, str, str]:
        """Status, body, signature and timestamp of the answer. Cut off when the time is over, wherever it is."""
        address = urlsplit(self.url)
        make = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = make(address.netloc, timeout=self.patience)
        form = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
        try:
            connection.connect()
            guard = Timer(self.patience, _cut, [connection.sock])
            guard.start()
            try:
                connection.request("POST", address.path or "/", body, {**form, **sent})
                answer = connection.getresponse()
                content = answer.read(self.largest + 1)
            finally:
                guard.cancel()
        finally:
            connection.close()
        if len(content) > self.largest:
            raise OSError("The answer is too large.")
        timestamp, given = (answer.headers.get(name, "") for name in self.headers)
        return answer.status, content, given, timestamp


def _cut(connection: socket.socket) -> None:
    """End an exchange whose time is over, whatever it waits for."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _read(content: bytes, key: str) -> dict[str, Any]:
    """An answer, to this very question."""
    try:
        read = json.loads(content)
    except ValueError as error:
        raise Unbelieved("The answer is no JSON.") from error
    if not isinstance(read, dict) or read.get("id") != key:
        raise Unbelieved("The answer is to another question.")
    return read

"""A registry over HTTP: signed JSON both ways. docs/operations.md has the format."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from zerotrip.licences.registries import Answer, Asked, Unanswered, believed
from zerotrip.licences.reuse.models import Fault
from zerotrip.signed import is_fresh, is_signed, signature

PATIENCE = 3
"""Seconds the registry has for the whole of an answer: somebody is waiting for the page."""
LARGEST = 64 * 1024
"""Bytes of an answer."""
TIMESTAMP, SIGNATURE = "X-Registry-Timestamp", "X-Registry-Signature"


class Http:
    """Asks over HTTP."""

    patience = PATIENCE

    def find(self, asked: Asked, *, at: datetime) -> Answer:
        """See ``Registry``. Redirects are not followed: an answer is from the address of the settings or none."""
        body, headers = self._sent(asked, at)
        try:
            status, content, given, timestamp = self._exchanged(body, headers)
        except (OSError, HTTPException) as error:
            raise Unanswered(str(error) or type(error).__name__) from error
        if status == HTTPStatus.NOT_FOUND:
            _require_signed(content, given, timestamp, at)
            raise Unanswered("The registry has no such licence.", permanent=True, fault=Fault.UNKNOWN)
        if status != HTTPStatus.OK:
            raise Unanswered(f"The registry answered {status}.")
        _require_signed(content, given, timestamp, at)
        return believed(_read(content, key=asked.key), asked)

    def _exchanged(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str, str]:
        """Status, body, signature and timestamp of the answer. Cut off when the time is over, wherever it is."""
        address = urlsplit(settings.LICENCE_REGISTRY_URL)
        make = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = make(address.netloc, timeout=self.patience)
        try:
            connection.connect()
            guard = Timer(self.patience, _cut, [connection.sock])
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

    def _sent(self, asked: Asked, at: datetime) -> tuple[bytes, dict[str, str]]:
        told = {
            "id": asked.key,
            "kind": asked.kind,
            "holder": {"uscc": asked.holder},
            "number": asked.number,
            "purpose": asked.purpose,
        }
        body, timestamp = json.dumps(told, ensure_ascii=False).encode(), str(int(at.timestamp()))
        return body, {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(settings.LICENCE_REGISTRY_SECRET, timestamp, body),
        }


def _cut(connection: socket.socket) -> None:
    """End an exchange whose time is over, whatever it waits for."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _require_signed(content: bytes, given: str, timestamp: str, at: datetime) -> None:
    """Refuse an answer that does not prove whose it is, or is an old one sent again."""
    if not is_signed(content, timestamp, given, secrets=[settings.LICENCE_REGISTRY_SECRET]):
        raise Unanswered("The signature of the answer is wrong.")
    if not is_fresh(timestamp, at):
        raise Unanswered("The answer is not of now.")


def _read(content: bytes, *, key: str) -> dict[str, Any]:
    """The licence in an answer, to this very question."""
    try:
        read = json.loads(content)
    except ValueError as error:
        raise Unanswered("The answer is no JSON.") from error
    if not isinstance(read, dict) or read.get("id") != key or not isinstance(read.get("licence"), dict):
        raise Unanswered("The answer is to another question.")
    licence: dict[str, Any] = read["licence"]
    return licence

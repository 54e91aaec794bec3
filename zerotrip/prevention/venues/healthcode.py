"""The health-code service: asked with a signed question, believed when it signs its answer, given up on quickly.

A queue at a door waits for every answer, so the service has two seconds for the whole of one. One that failed so
``OFTEN`` in a row is taken to be down and not asked for ``REST``; then one question tries it again. What holds at
the door meanwhile the district has decided (``venues.yaml``). docs/operations.md has the format.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.conf import settings

from zerotrip.prevention.models import HealthColour, ToldBy
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.prevention.venues.people import digest_of
from zerotrip.signed import Asking, Unbelieved

PATIENCE = 2.0
"""Seconds for the whole of an answer."""
OFTEN = 3
"""Failures in a row after which the service is taken to be down."""
REST = timedelta(seconds=30)
"""For how long it is not asked then."""
LARGEST = 16 * 1024
"""Bytes of an answer."""
TIMESTAMP, SIGNATURE = "X-Health-Timestamp", "X-Health-Signature"


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
    except Unbelieved:
        breaker.failed(at)
        return Told(ToldBy.DOWN)
    breaker.succeeded()
    return told


def _asked(code: str, at: datetime) -> Told:
    service = Asking(
        settings.HEALTH_CODE_URL, settings.HEALTH_CODE_SECRET, (TIMESTAMP, SIGNATURE), PATIENCE, LARGEST
    )
    read = service.ask({"id": str(uuid.uuid4()), "code": code.strip()[:500]}, at=at) or {}
    if read.get("colour") not in HealthColour.values:
        raise Unbelieved("The answer tells no colour.")
    return Told(
        ToldBy.SERVICE,
        HealthColour(read["colour"]),
        person=digest_of(_text(read, "number")) or digest_of(code),
        name=mask_name(_text(read, "name")) if _text(read, "name") else "",
    )


def _text(read: dict[str, Any], name: str) -> str:
    told = read.get(name)
    return told[:120] if isinstance(told, str) else ""

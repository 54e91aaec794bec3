"""Messages between machines, signed with a secret both have, and of now."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
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

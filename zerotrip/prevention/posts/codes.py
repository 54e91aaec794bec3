"""The code shown at a post: whoever signs on with it stands there. It changes each minute."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

STEP = 60
"""Seconds a code is shown; it is still good while the next one is."""


def code_of(secret: bytes, at: datetime) -> str:
    """The six digits of a moment."""
    return _code(secret, int(at.timestamp()) // STEP)


def is_good(secret: bytes, code: str, at: datetime) -> bool:
    """Whether a code is shown now, or was a minute ago."""
    now = int(at.timestamp()) // STEP
    return any(hmac.compare_digest(_code(secret, step).encode(), code.encode()) for step in (now, now - 1))


def _code(secret: bytes, step: int) -> str:
    digest = hmac.new(bytes(secret), step.to_bytes(8, "big"), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06}"

"""A courier that sends: JSON over our address, signed. docs/operations.md has the format."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.licences.post.couriers import Report, Wrong, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WINDOW = 300
"""Seconds a message's own time may be away from ours; later, it is an old one sent again by somebody."""
TIMESTAMP, SIGNATURE = "X-Courier-Timestamp", "X-Courier-Signature"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the body."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(body: bytes, timestamp: str, given: str, *, secrets: Sequence[str], at: datetime) -> bool:
    """Whether a message is signed with one of ``secrets``, just now. Any will do, so that one can be changed."""
    expected = [signature(secret, timestamp, body) for secret in secrets]
    # Each is compared, and each whole: the time it takes tells nothing of the signature.
    matches = [hmac.compare_digest(one.encode(), given.encode()) for one in expected]
    return any(matches) and _is_fresh(timestamp, at)


def _is_fresh(timestamp: str, at: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(at.timestamp() - int(timestamp)) <= WINDOW


class Webhook:
    """Told by the courier."""

    def hear(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Report]:
        """See ``Courier``."""
        timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not is_signed(body, timestamp, given, secrets=settings.COURIER_SECRETS, at=at):
            raise Wrong(_("签名或时间不对。"))
        return read(body)

    def ask(self, numbers: Sequence[str], *, at: datetime) -> list[Report]:
        """Nothing: this courier speaks by itself."""
        return []

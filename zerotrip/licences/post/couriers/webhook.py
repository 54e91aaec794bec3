"""A courier that sends: JSON over our address, signed. docs/operations.md has the format."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.errors import Unproven
from zerotrip.licences.post.couriers import Report, read
from zerotrip.signed import is_fresh, is_signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMESTAMP, SIGNATURE = "X-Courier-Timestamp", "X-Courier-Signature"


class Webhook:
    """Told by the courier."""

    def hear(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> list[Report]:
        """See ``Courier``."""
        timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not (is_signed(body, timestamp, given, secrets=settings.COURIER_SECRETS) and is_fresh(timestamp, at)):
            raise Unproven(_("签名或时间不对。"))
        return read(body)

    def ask(self, numbers: Sequence[str], *, at: datetime) -> list[Report]:
        """Nothing: this courier speaks by itself."""
        return []

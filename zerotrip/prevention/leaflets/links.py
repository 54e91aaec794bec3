"""The link to a leaflet that somebody is sent: nobody can make one, and it says nothing of whom it is for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound

_PROOF = 12
"""Bytes of the proof: too many to guess, few enough for a text message."""


def token_of(receipt: UUID) -> str:
    """What the link carries."""
    return base64.urlsafe_b64encode(receipt.bytes + _proof(receipt)).decode().rstrip("=")


def receipt_of(token: str) -> UUID:
    """Of which receipt a link is. Raises NotFound for one we did not make."""
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        receipt = UUID(bytes=told[:16])
    except (ValueError, binascii.Error):
        raise NotFound(_("没有这个链接，或者已经过期。")) from None
    if not hmac.compare_digest(told[16:], _proof(receipt)):
        raise NotFound(_("没有这个链接，或者已经过期。"))
    return receipt


def _proof(receipt: UUID) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"leaflet:" + receipt.bytes, hashlib.sha256).digest()[:_PROOF]

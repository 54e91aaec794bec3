"""The code of a collection point for the day, which whoever receives there reads out; the link of a door."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from uuid import UUID

from django.conf import settings
from django.core import signing

from zerotrip.errors import NotFound
from zerotrip.prevention.models import Site

_DOORS = "zerotrip.sealed.door"


def receipt_code(site_id: UUID, day: date) -> str | None:
    """Six digits of a place and a day; None where there is no such place."""
    code = Site.objects.filter(pk=site_id).values_list("code", flat=True).first()
    return None if code is None else code_of(code, day)


def code_of(venue_code: str, day: date) -> str:
    """Six digits of the venue code of a place and a day."""
    told = f"{venue_code}:{day.isoformat()}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"receipt:" + told, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06}"


def door_token(sealed_id: UUID, door: str) -> str:
    """What the link of a door carries: which area, which door; nobody can make one for another door."""
    return signing.dumps([str(sealed_id), door], salt=_DOORS, compress=True)


def door_of(token: str) -> tuple[UUID, str]:
    """The area and the door of a link. Raises NotFound for one we did not make."""
    try:
        sealed_id, door = signing.loads(token, salt=_DOORS)
    except signing.BadSignature:
        raise NotFound("没有这个链接。") from None
    return UUID(sealed_id), str(door)

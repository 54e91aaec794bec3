"""The code of a collection point for a run, which whoever receives there reads out; the link of a door."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from zerotrip.duties.standing.sources import duty_of
from zerotrip.errors import NotFound
from zerotrip.prevention.models import SealedArea, Site
from zerotrip.prevention.sealed.doors import Door, Where

if TYPE_CHECKING:
    from zerotrip.duties.models import Window

_DOORS = "zerotrip.sealed.door"


def receipt_code(site_id: UUID, window: Window) -> str | None:
    """Six digits of a place and a run; None where there is no such place."""
    code = Site.objects.filter(pk=site_id).values_list("code", flat=True).first()
    return None if code is None else code_of(code, window)


def code_of(venue_code: str, window: Window) -> str:
    """Six digits of the venue code of a place and a run: who heard them at breakfast does not know those of lunch.

    Of the run they know its duty, in any edition, and when it begins.
    """
    told = f"{venue_code}:{duty_of(window.requirement)}:{int(window.starts.timestamp())}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"receipt:" + told, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06}"


def door_token(sealed: SealedArea, door: Door) -> str:
    """What the link of a door carries: which area, which door; nobody can make one for another door."""
    told = [str(sealed.pk), door.name]
    where = [door.where.area_path.removeprefix(sealed.area_path), str(door.where.site or "")]
    return signing.dumps(told + where if any(where) else told, salt=_DOORS, compress=True)


def door_of(token: str) -> tuple[SealedArea, Door]:
    """The area and the door of a link. Raises NotFound for one we did not make."""
    try:
        sealed_id, name, *where = signing.loads(token, salt=_DOORS)
    except signing.BadSignature:
        raise NotFound(_("没有这个链接。")) from None
    sealed = SealedArea.objects.filter(pk=sealed_id).first()
    if sealed is None:
        raise NotFound(_("没有这个链接。"))
    below, site = where or ("", "")
    return sealed, Door(Where(sealed.area_path + below, UUID(site) if site else None), str(name))

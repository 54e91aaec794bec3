"""Who may sample, where, and what a tube may be called."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.parties.models import HANDS
from zerotrip.prevention.models import Site

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor

POINT = "sampling-point"
"""Of the sites people are sampled at."""
_CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{3,31}\Z")


def code_of(text: str) -> str:
    """A code as it is printed on a tube or a box: capital letters, digits and hyphens; empty for what is none.

    The same whatever a scanner or somebody at a keyboard made of it: full-width characters, blanks, small letters.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return plain if _CODE.match(plain) else ""


def may_sample(actor: Actor, area_path: str) -> bool:
    """Whether the actor works where a point is; those who supervise look on."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def point_for(actor: Actor, point: UUID) -> Site:
    """The sampling point, for somebody who may sample there. Raises NotFound, NotAllowed."""
    site = Site.objects.filter(pk=point, kind=POINT).first()
    if site is None:
        raise NotFound(_("没有这个采样点。"))
    if not may_sample(actor, site.area_path):
        raise NotAllowed(_("这个采样点不在您负责的区域。"))
    return site

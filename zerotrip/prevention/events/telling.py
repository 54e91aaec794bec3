"""Offices are told of what came up in a place they work over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from zerotrip.channels.actions import tell_staff
from zerotrip.parties.models import HANDS

if TYPE_CHECKING:
    from zerotrip.rows import Writes


def tell_offices(
    writes: Writes,
    offices: Iterable[UUID],
    *,
    area_path: str,
    template: str,
    context: Mapping[str, Any],
    link: str,
    key: str,
    at: datetime,
) -> None:
    """Tell those who work in some offices over an area something, once for each ``key``."""
    for office in offices:
        tell_staff(
            writes,
            department=office,
            area_path=area_path,
            roles=HANDS,
            template=template,
            context=context,
            link=link,
            key=key,
            at=at,
        )

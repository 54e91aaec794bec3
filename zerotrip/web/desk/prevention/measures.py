"""The doors a measure opens on the page of prevention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.models import Measure

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Door:
    """A page of a measure: whose address, what it is called, what is done there."""

    measure: Measure | None
    """None: any of them."""
    address: str
    title: StrPromise
    about: StrPromise


DOORS: tuple[Door, ...] = (
    Door(None, "desk-rosters", _("名册"), _("居民、员工、宿舍和工地人员：谁在册，谁不用查，为什么。")),
    Door(None, "desk-sites", _("场所"), _("商场、餐饮、九小场所、工地、宿舍、卡口、采样点。")),
)


def doors(measures: Mapping[str, bool]) -> list[Door]:
    """Those that are open, given what reaches somebody."""
    return [door for door in DOORS if door.measure in measures or (door.measure is None and measures)]

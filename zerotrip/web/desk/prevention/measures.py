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

    measure: Measure
    address: str
    title: StrPromise
    about: StrPromise


DOORS: tuple[Door, ...] = (
    Door(
        Measure.POSTS,
        "desk-posts",
        _("值班值守"),
        _("设岗、排班、换班，签到签退，缺人提前一天提醒。"),
    ),
    Door(
        Measure.GATES,
        "desk-gates",
        _("卡口登记"),
        _("车辆和货物进出登记、健康检查、消杀，拦截名单。"),
    ),
)


def doors(measures: Mapping[str, bool]) -> list[Door]:
    """Those that are open, given what reaches somebody."""
    return [door for door in DOORS if door.measure in measures]

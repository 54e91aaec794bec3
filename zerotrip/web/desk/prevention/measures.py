"""The doors a measure opens on the page of prevention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


DOORS: tuple[Door, ...] = ()


def doors(measures: Mapping[str, bool]) -> list[Door]:
    """Those that are open, given what reaches somebody."""
    return [door for door in DOORS if door.measure in measures]

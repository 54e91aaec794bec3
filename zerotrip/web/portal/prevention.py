"""What the portal offers of prevention while somewhere an event asks for it; nothing at other times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.rules import measures_in_force
from zerotrip.prevention.lots.queries import reaches_firms
from zerotrip.prevention.models import Measure
from zerotrip.web.requests import Request, today_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Door:
    """A page of the portal: whose address, what it is called, which measures open it."""

    address: str
    title: StrPromise
    measures: frozenset[str]
    """Any of them; empty: whatever an event asks for."""
    public: bool = False
    """Whether it is offered without an account."""


DOORS: tuple[Door, ...] = (
    Door("sampling-points", _("去哪里做核酸"), frozenset({Measure.SCREENING}), public=True),
    Door("checks", _("今天要报的"), frozenset()),
    Door("doors", _("门口查验"), frozenset({Measure.VENUES})),
    Door("rectify", _("场所检查和整改"), frozenset({Measure.VENUES})),
    Door("goods", _("我的货物和物资"), frozenset({Measure.COLD_CHAIN, Measure.SUPPLIES})),
    Door("my-shifts", _("值守报名和我的班次"), frozenset({Measure.POSTS})),
    Door("field", _("没有网络时用手机填"), frozenset()),
)


def doors(request: Request) -> list[Door]:
    """Those that are open now, for whoever asks."""
    asked = measures_in_force(on=today_of(request))
    if not asked:
        return []
    if not request.actor.represents or not reaches_firms(request.actor, on=today_of(request)):
        asked -= {Measure.COLD_CHAIN, Measure.SUPPLIES}
    open_now = (door for door in DOORS if not door.measures or door.measures & asked)
    return [door for door in open_now if door.public or request.actor.user_id]

"""The two faces of the pages of goods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.errors import NotFound
from zerotrip.parties.models import Party
from zerotrip.prevention.lots.queries import own_holders, reaches_firms
from zerotrip.prevention.models import Door, Holder, Measure, Site
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.goods.fields import areas_of
from zerotrip.web.requests import today_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from zerotrip.web.requests import Request

MOST = 300
"""Holders to choose from; others are named."""


@dataclass(frozen=True)
class Face:
    """Which of the two: its addresses, what is around its pages, and whose goods are recorded there."""

    prefix: str
    base: str
    door: Door

    @property
    def at_desk(self) -> bool:
        """Whether staff are at it."""
        return self.door is Door.DESK

    def around(self, request: Request) -> dict[str, Any]:
        """What the page has around it."""
        context: dict[str, Any] = {"face": self}
        return context | (rail(request, "prevention") if self.at_desk else {"section": "cases"})

    def holders(self, request: Request) -> list[tuple[str, str]]:
        """Where goods can come in: one's own stores, or those of one's area; sites among them."""
        if not self.at_desk:
            return _own(request)
        known = list(Holder.objects.visible_to(request.actor).select_related("party")[:MOST])
        found = [(f"h:{one.pk}", _called(one)) for one in known]
        kept = {one.site_id for one in known}
        sites = Site.objects.visible_to(request.actor).open_on(today_of(request))
        found += [(f"s:{one.pk}", one.name) for one in sites.order_by("name")[:MOST] if one.pk not in kept]
        return [("", _("请选择")), *found]

    def areas(self, request: Request) -> list[tuple[str, str]]:
        """Where a place that is named may lie."""
        if self.at_desk:
            return areas_of([seat.area_path for seat in request.actor.seats])
        return []


def _own(request: Request) -> list[tuple[str, str]]:
    known = own_holders(request.actor)
    found = [(f"h:{one.pk}", _called(one)) for one in known]
    kept = {one.site_id for one in known}
    there = {(one.party_id, one.name) for one in known}
    for firm in Party.objects.live().filter(pk__in=request.actor.represents).order_by("name"):
        if (firm.pk, firm.name[:80]) not in there:
            found.append((f"p:{firm.pk}", firm.name))
    sites = Site.objects.filter(owner__in=request.actor.represents).order_by("name")
    return found + [(f"s:{one.pk}", one.name) for one in sites[:MOST] if one.pk not in kept]


def _called(holder: Holder) -> str:
    if holder.party is None or holder.party.name == holder.name:
        return holder.name
    return _("%(store)s（%(firm)s）") % {"store": holder.name, "firm": holder.party.name}


DESK = Face("desk-", "web/desk.html", Door.DESK)
PORTAL = Face("", "web/base.html", Door.PORTAL)
View = Callable[..., "HttpResponseBase"]


def at_desk(view: View) -> View:
    """The page for staff, while an event that reaches them asks for cold chain or supplies."""

    @during(Measure.COLD_CHAIN, Measure.SUPPLIES)
    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, DESK, *args, **kwargs)

    return wrapped


def at_portal(view: View) -> View:
    """The page for whoever acts for an enterprise that such an event reaches; for others there is none."""

    @signed_in
    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not reaches_firms(request.actor, on=today_of(request)):
            raise NotFound(_("您的企业所在区域没有启动货物登记。"))
        return view(request, PORTAL, *args, **kwargs)

    return wrapped

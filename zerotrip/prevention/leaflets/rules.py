"""Who sends leaflets, who sees who was silent, who brings one to a door. The button and the guard ask the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from psycopg import sql

from zerotrip.duties import editions
from zerotrip.duties.standing.asking import may_ask
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.errors import NotAllowed, Refused
from zerotrip.parties.models import HANDS

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement, Window
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Leaflet

ACT = "receipt"
"""Of standing duties: a leaflet was read."""


def duty() -> Requirement | None:
    """The standing duty of people to read what they are sent; None where no pack has one."""
    rows = [row for row in editions.standing(SORT) if spec_of(row).act == ACT and spec_of(row).by_hand]
    return rows[0] if rows else None


def receipts(_requirement: object, window: Window, _span: object) -> sql.Composable:
    """What counts in a window: the receipts of its leaflet, and of no other."""
    return sql.SQL(
        "SELECT r.person AS subject, r.read_at AS at FROM prevention_receipt r"
        " JOIN prevention_leaflet l ON l.id = r.leaflet_id WHERE l.window_id = {} AND r.read_at IS NOT NULL"
    ).format(sql.Literal(window.pk))


def require_send(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless the actor works in the area for which it is sent or withdrawn."""
    if not may_ask(actor, area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))


def may_bring(actor: Actor, area_path: str) -> bool:
    """Whether the actor sees who in a grid was silent, and brings it to their door: those who work there."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def require_standing(leaflet: Leaflet, at: datetime) -> None:
    """Raise Refused for a leaflet that was withdrawn, or whose time is over."""
    if leaflet.withdrawn_at is not None:
        raise Refused(_("这份明白纸或倡议书已经撤回。"))
    if leaflet.ends <= at:
        raise Refused(_("签收时间已经过了。"))

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
from zerotrip.prevention.events.rules import scopes

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement, Window
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Leaflet

ACT = "receipt"
"""Of standing duties: a leaflet was read."""


def duty(who: str) -> Requirement | None:
    """The standing duty of people, or of sites, to read what they are sent; None where no pack has one."""
    rows = ((row, spec_of(row)) for row in editions.standing(SORT))
    return next((row for row, spec in rows if spec.act == ACT and spec.by_hand and spec.who == who), None)


def receipts(_requirement: object, window: Window, _span: object) -> sql.Composable:
    """What counts in a window: the receipts of its leaflet, and of no other."""
    return sql.SQL(
        "SELECT r.subject, r.read_at AS at FROM prevention_receipt r"
        " JOIN prevention_leaflet l ON l.id = r.leaflet_id WHERE l.window_id = {} AND r.read_at IS NOT NULL"
    ).format(sql.Literal(window.pk))


def require_send(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless the actor works in the area for which it is sent or withdrawn."""
    if not may_ask(actor, area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))


def may_bring(actor: Actor, area_path: str) -> bool:
    """Whether the actor brings a leaflet to doors of a grid: those who work there."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def may_see(actor: Actor, leaflet: Leaflet, area_path: str) -> bool:
    """Whether the actor sees who in an area was silent: of people those who work there, of sites all staff."""
    return leaflet.to_sites or may_bring(actor, area_path)


def why_over(leaflet: Leaflet, at: datetime) -> str:
    """Why a receipt of a leaflet is not waited for any more; empty while it is. One statement, if that."""
    if leaflet.withdrawn_at is not None:
        return _("这份明白纸或倡议书已经撤回。")
    if leaflet.ends <= at:
        return _("签收时间已经过了。")
    return "" if is_held(leaflet.area_path, at) else _("这里的防控已经结束，不用再签收。")


def is_held(area_path: str, at: datetime) -> bool:
    """Whether an event is under way in an area."""
    return any(area_path.startswith(scope.area_path) for scope in scopes("", at))


def require_standing(leaflet: Leaflet, at: datetime) -> None:
    """Raise Refused where ``why_over`` says why."""
    if why := why_over(leaflet, at):
        raise Refused(why)

"""Who may log at a gate, and whom it does not let in. The page and the action ask the same functions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed
from zerotrip.parties.models import HANDS
from zerotrip.parties.paths import around
from zerotrip.prevention.gates.queries import beside
from zerotrip.prevention.models import Block, HealthColour, Shift

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.access import Actor
    from zerotrip.prevention.gates.spec import GatesSpec
    from zerotrip.prevention.models import Site
    from zerotrip.prevention.models.posts import ShiftQuerySet


def may_log(actor: Actor, area_path: str) -> bool:
    """Whether the actor logs at the gates of an area: staff who work there."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def stands_at(actor: Actor, gate: Site) -> bool:
    """Whether the actor is signed on to a post at a gate now."""
    return _signed_on(actor, [gate]).filter(signed_off_at=None).exists()


def stood_at(actor: Actor, gate: Site, *, at: datetime) -> bool:
    """Whether the actor was signed on to a post at a gate at a moment."""
    return _stood(actor, [gate], at=at)


def _stood(actor: Actor, gates: Iterable[Site], *, at: datetime) -> bool:
    on = _signed_on(actor, gates).filter(signed_on_at__lte=at)
    return on.filter(Q(signed_off_at=None) | Q(signed_off_at__gte=at)).exists()


def _signed_on(actor: Actor, gates: Iterable[Site]) -> ShiftQuerySet:
    if actor.person_id is None:
        return Shift.objects.none()
    on = Shift.objects.told().filter(worker__person=actor.person_id, post__site__in=gates)
    return on.filter(signed_on_at__isnull=False)


def require_log(actor: Actor, gate: Site, *, at: datetime) -> None:
    """Raise NotAllowed unless ``may_log``, or ``stood_at`` when it was: a phone may send it after the shift."""
    if not may_log(actor, gate.area_path) and not stood_at(actor, gate, at=at):
        raise NotAllowed(_("由负责这个区域的工作人员，或者正在这个卡口值守的人登记。"))


def require_let_out(actor: Actor, gate: Site, *, at: datetime) -> None:
    """Raise NotAllowed unless ``may_log`` where it came in, or the actor stood at a gate of that place then."""
    if not may_log(actor, gate.area_path) and not _stood(actor, beside([gate]), at=at):
        raise NotAllowed(_("由负责这个区域的工作人员，或者正在这里的卡口值守的人登记。"))


def blocks_of(plate: str, phone: str, *, area_path: str, at: datetime) -> list[Block]:
    """The blocks that keep a plate or a driver out of an area."""
    rows = Block.objects.in_force(at).filter(area_path__in=around(area_path))
    return [row for row in rows.filter(plate__in=["", plate], phone__in=["", phone]) if row.plate or row.phone]


def why_refused(
    spec: GatesSpec, *, temperature: Decimal | None, colour: str, disinfected: bool, goods: str
) -> list[str]:
    """Why a vehicle is not to be let in, by the district's rules; empty: it may be."""
    found = []
    if temperature is not None and temperature >= spec.fever:
        found.append(_("体温 %(degrees)s℃") % {"degrees": temperature})
    if colour in spec.refuse_codes:
        found.append(str(HealthColour(colour).label))
    if spec.disinfected(goods) and not disinfected:
        found.append(_("没有消杀"))
    return found

"""Who may declare, change and end an event; what it brings up. The button and the guard ask the same function."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.duties.standing.scopes import Scope
from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.parties.models import LEADING_ROLES
from zerotrip.prevention.models import Event, Measure
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat


def seats_to_declare(actor: Actor) -> tuple[Seat, ...]:
    """The seats from which an event may be declared for their area or a part of it: those that lead an office."""
    return tuple({(seat.department_id, seat.area_path): seat for seat in actor.seats_as(*LEADING_ROLES)}.values())


def may_change(event: Event, actor: Actor) -> bool:
    """Whether the actor leads the office that answers for it, and it is not purged."""
    return event.purged_at is None and actor.sits(
        department_id=event.department_id, area_path=event.area_path, roles=LEADING_ROLES
    )


def require_change(event: Event, actor: Actor) -> None:
    """Raise Refused for an event that was purged, NotAllowed unless ``may_change``."""
    if event.purged_at is not None:
        raise Refused(_("这次防控的记录已按期清除，不能再改。"))
    if not may_change(event, actor):
        raise NotAllowed(_("由启动防控的部门负责人修改。"))


def measures_for(actor: Actor, *, on: date) -> dict[str, bool]:
    """The measures that reach the actor's areas, and of each whether it is in force on a day.

    One that is not any more can still be read, until what it holds is purged.
    """
    found: dict[str, bool] = {}
    rows = Event.objects.visible_to(actor).held().filter(starts_on__lte=on)
    for event in rows.only("measures", "starts_on", "ends_on"):
        for measure in event.measures:
            found[measure] = found.get(measure, False) or event.is_in_force(on)
    return found


def is_in_force_anywhere(measure: Measure, *, on: date) -> bool:
    """Whether some event asks for a measure on a day: what is offered to the public while it does."""
    return Event.objects.in_force(on).filter(measures__contains=[measure]).exists()


def measures_in_force(*, on: date) -> frozenset[str]:
    """All that some event somewhere asks for on a day."""
    rows = Event.objects.in_force(on).values_list("measures", flat=True)
    return frozenset(measure for measures in rows for measure in measures)


def require_held(actor: Actor, measure: Measure, *, on: date) -> None:
    """Raise NotFound unless there is something of a measure to see in the actor's areas."""
    if measure not in measures_for(actor, on=on):
        raise NotFound(_("您负责的区域没有启动这项防控措施。"))


def require_in_force(measure: Measure, area_path: str, *, on: date) -> Event:
    """The event that asks for a measure in an area on a day, the latest declared. Raises Refused without one."""
    rows = Event.objects.reaching([area_path]).in_force(on).filter(measures__contains=[measure])
    found = next((event for event in rows.order_by("-declared_at") if area_path.startswith(event.area_path)), None)
    if found is None:
        raise Refused(
            _("这里现在没有启动“%(measure)s”，不能登记。") % {"measure": measure.label}, measure=measure.value
        )
    return found


def scopes(measure: str, at: datetime) -> list[Scope]:
    """Where a measure is in force on the day of a moment, each area with the day it began; what always stands
    (no measure) stands wherever any event does. An area inside another of them is not named again."""
    rows = Event.objects.in_force(at.astimezone(CHINA).date()).order_by("area_path", "starts_on")
    found: list[Scope] = []
    for event in rows.filter(measures__contains=[measure]) if measure else rows:
        if not any(event.area_path.startswith(scope.area_path) for scope in found):
            found.append(Scope(event.area_path, event.starts_on))
    return found


def require_any_held(actor: Actor, *, on: date) -> None:
    """Raise NotFound unless some event reaches the actor's areas: rosters and sites serve every measure."""
    if not measures_for(actor, on=on):
        raise NotFound(_("您负责的区域没有启动防控。"))


def require_any_in_force(area_path: str, *, on: date) -> Event:
    """The event under way in an area on a day, whatever it asks for. Raises Refused without one.

    People are entered on rosters only while there is a purpose (《个人信息保护法》第六条).
    """
    rows = Event.objects.reaching([area_path]).in_force(on).order_by("-declared_at")
    found = next((event for event in rows if area_path.startswith(event.area_path)), None)
    if found is None:
        raise Refused(_("这里现在没有启动防控，不能登记人员。"))
    return found

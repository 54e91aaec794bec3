"""Who may inspect, sign, put right and look again. The page and the action ask the same functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.duties.models import Status
from zerotrip.errors import NotAllowed
from zerotrip.parties.models import HANDS, LEADING_ROLES
from zerotrip.parties.queries import colleagues

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.duties.models import Obligation
    from zerotrip.parties.access import Actor, Seat
    from zerotrip.prevention.models import Inspection, Site


def seat_to_inspect(actor: Actor, site: Site, office: UUID | None = None) -> Seat | None:
    """The seat from which somebody inspects a site: one that works in its area, of ``office`` if it is said."""
    seats = [seat for seat in actor.seats_as(*HANDS) if office in (None, seat.department_id)]
    return next((seat for seat in seats if site.area_path.startswith(seat.area_path)), None)


def require_seat(actor: Actor, site: Site, office: UUID | None = None) -> Seat:
    """The same. Raises NotAllowed; and for a site of one's own."""
    seat = seat_to_inspect(actor, site, office)
    if seat is None and office is not None and seat_to_inspect(actor, site) is not None:
        raise NotAllowed(_("这是别的部门的抽取，由抽取的部门检查。"))
    if seat is None:
        raise NotAllowed(_("由负责这个区域的经办人检查。"))
    if site.owner_id in actor.acts_for:
        raise NotAllowed(_("这是您自己单位的场所，请由别人检查。"))
    return seat


def companions(actor: Actor, site: Site, office: UUID, *, at: datetime) -> dict[UUID, str]:
    """With whom somebody of an office can inspect a site: colleagues who work in its area, by account."""
    return {
        one.person.account.pk: one.person.name
        for one in colleagues({office}, at=at)
        if site.area_path.startswith(one.area_path) and one.person.account.pk != actor.account
    }


def may_fill_in(inspection: Inspection, actor: Actor) -> bool:
    """Either inspector, until the first has signed."""
    return inspection.signed_at is None and actor.user_id in (inspection.first_id, inspection.second_id)


def may_sign(inspection: Inspection, actor: Actor) -> bool:
    """The first signs first, then the second."""
    if inspection.countersigned_at is not None:
        return False
    return actor.user_id == (inspection.first_id if inspection.signed_at is None else inspection.second_id)


def may_answer(owed: Obligation, actor: Actor) -> bool:
    """Whoever acts for the owner says what was put right; where a site has none, the office that found it."""
    if owed.status not in (Status.OPEN, Status.HANDED_IN):
        return False
    return owed.owner_id in actor.acts_for or (owed.owner_id == owed.watcher_id and _watches(owed, actor))


def may_recheck(owed: Obligation, actor: Actor) -> bool:
    """The office that found it looks again, not whoever acts for the owner."""
    return owed.status == Status.HANDED_IN and _watches(owed, actor) and owed.owner_id not in actor.acts_for


def _watches(owed: Obligation, actor: Actor) -> bool:
    return any(
        seat.department_id == owed.watcher_id and owed.area_path.startswith(seat.area_path)
        for seat in actor.seats_as(*HANDS)
    )


def may_draw(actor: Actor, office: UUID, area_path: str) -> bool:
    """Whoever leads the office draws, for its area or a part of it."""
    return any(
        seat.department_id == office and area_path.startswith(seat.area_path)
        for seat in actor.seats_as(*LEADING_ROLES)
    )

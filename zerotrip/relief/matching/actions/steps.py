"""What the actions have in common: locks in one order, moves along the tables, journal, notices, jobs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.relief.matching.states import MOVES, TRANSITIONS, Move, Step
from zerotrip.relief.models import Introduction, Reservation, ReservationStatus, Resource
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.ledger.models import Chained
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.spec import Side


def locked(resource: Resource) -> Resource:
    """The entry as it is now, locked for change."""
    rows = lock_entries(resource.pk)
    if not rows:
        raise NotFound(_("没有找到这条供需信息。"))
    return rows[resource.pk]


def lock_entries(*keys: UUID) -> dict[UUID, Resource]:
    """Entries locked in the order of their keys, so that no two actions wait for each other."""
    rows = Resource.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def locked_meeting(introduction: Introduction) -> Introduction:
    """The introduction as it is now with both entries, all locked: entries first, then what is between them."""
    entries = lock_entries(introduction.offer_id, introduction.want_id)
    row = Introduction.objects.select_for_update(of=("self",), no_key=True).get(pk=introduction.pk)
    row.offer, row.want = entries[row.offer_id], entries[row.want_id]
    return row


def save_entry(row: Resource) -> None:
    """Save a locked entry, but for what is set aside of it: that sum is the database's."""
    row.save(
        update_fields=[field.name for field in row._meta.concrete_fields if field.name not in ("id", "reserved")]
    )


def move_entry(row: Resource, step: Step, *, at: datetime | None = None) -> None:
    """Let an entry go where a step leads; ended ones say when. Raises Refused where the step does not begin."""
    begins, leads = TRANSITIONS[step]
    if row.status not in begins:
        raise Refused(_("这条信息%(status)s，不能再这样操作。") % {"status": row.get_status_display()})
    row.status = leads if leads is not None else row.status
    row.ended_at = at if step in (Step.WITHDRAW, Step.EXPIRE, Step.FINISH) else None


def require_move(row: Introduction, move: Move) -> None:
    """Raises Refused where a move does not begin."""
    if row.status not in MOVES[move][0]:
        raise Refused(_("这次牵线“%(status)s”，不能再这样操作。") % {"status": row.get_status_display()})


def journal(
    row: Chained,
    action: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Extend the chain of a row the caller saves."""
    ledger.append(row, action, by=by, at=at, reason=reason, details=dict(details or {}))


def tell_side(row: Introduction, side: Side, template: str, *, key: str, at: datetime, **context: Any) -> None:
    """Tell a side of an introduction, and whoever of staff entered it in its name."""
    entry, across = (row.offer, row.want) if side == "offer" else (row.want, row.offer)
    told = {"title": entry.title, "other": across.title, **context}
    tell_owner(entry, template, link=f"/resources/introductions/{row.pk}/", key=f"{row.pk}:{key}", at=at, **told)


def tell_owner(entry: Resource, template: str, *, link: str, key: str, at: datetime, **context: Any) -> None:
    """Tell whoever acts for the party of an entry, and whoever of staff entered it in its name."""
    writes = Writes()
    told = {"title": entry.title, **context}
    tell(writes, party=entry.party_id, template=template, context=told, link=link, key=key, at=at)
    if entry.by_staff and entry.entered_by_id is not None:
        person = entry.entered_by.person_id if entry.entered_by else entry.party_id
        tell(writes, party=person, template=template, context=told, link=f"/desk{link}", key=f"{key}:desk", at=at)
    writes.send()


def other_side(side: Side) -> Side:
    """The side across."""
    return "want" if side == "offer" else "offer"


def rematch(resource: Resource) -> None:
    """Look for matches once more when this transaction is kept."""
    from zerotrip.relief.matching.tasks import match

    writes = Writes()
    writes.defer(match, resource=str(resource.pk))
    writes.send()


def end_meeting(row: Introduction, move: Move, *, by: Actor, at: datetime, reason: str = "") -> None:
    """End an introduction whose entries are locked; what was set aside is free again."""
    require_move(row, move)
    leads = MOVES[move][1]
    assert leads is not None  # noqa: S101  the ends lead somewhere
    row.status, row.ended_at = leads, at
    let_go(row, at=at)
    journal(row, move.value, by=by, at=at, reason=reason)
    row.save()


def let_go(row: Introduction, *, at: datetime, status: ReservationStatus = ReservationStatus.RELEASED) -> int:
    """End what is held for an introduction. The database takes it off the offer. Returns how many were held."""
    held = Reservation.objects.filter(introduction=row, status=ReservationStatus.HELD)
    return held.update(status=status, ended_at=at)


def drop_all(entry: Resource, *, by: Actor, at: datetime, but: Introduction | None = None) -> None:
    """End what is under way with a locked entry that is no longer to be had, and tell the other sides."""
    side: Side = entry.stands
    mine = {"offer": entry} if side == "offer" else {"want": entry}
    rows = Introduction.objects.underway().filter(**mine).select_related("offer__entered_by", "want__entered_by")
    for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        if but is not None and row.pk == but.pk:
            continue
        end_meeting(row, Move.DROP, by=by, at=at)
        tell_side(row, other_side(side), "match_dropped", key=f"dropped:{at.isoformat()}", at=at)

"""The green channel: first in every list, on a shorter limit, with a named person, for a written reason."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.access import why_keep_out
from zerotrip.cases.actions.holding import (
    Held,
    hold,
    replayed,
    require_manages,
    why_not_theirs,
)
from zerotrip.cases.models import DESK_ROLES, Case, ClockName, Priority
from zerotrip.cases.states import Status
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from zerotrip.catalogue.spec import Limit
    from zerotrip.parties.access import Actor

UNDECIDED = (
    *(Status.SUBMITTED, Status.CORRECTING, Status.REVIEWING, Status.DECIDING, Status.REHEARSED),
    Status.HELPING,
)
"""While it matters how fast a case goes."""


@transaction.atomic
def put_in_green(case: Case, *, contact: Actor, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Put a case into the green channel. A promised limit that runs becomes the green one of its service.

    ``contact`` is the named person, who gets the open work of the department that they may do. Raises
    NotAllowed unless ``by`` leads or supervises the department, Invalid without a reason, Refused for a
    contact who does not work there, Stale when the case is decided or in the channel already.
    """
    held = hold(case.pk, by=by, at=at, key=key)
    if replayed(held, "green"):
        return held.case
    _require(held, Priority.NORMAL)
    _require_contact(held.case, contact)
    green = held.case.spec.green
    _rank(held, Priority.GREEN)
    held.case.contact_id = contact.account
    for work in held.open:
        if not why_not_theirs(held.case, work, contact):
            work.assignee_id = contact.account
            held.writes.change(work, "assignee_id")
    moved = _promise(held, green.promised) if green else {}
    held.note("green", reason=_written(reason), contact=str(contact.account), name=contact.name, **moved)
    return held.done()


@transaction.atomic
def take_out_of_green(case: Case, *, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Take a case out of the green channel again: the usual promise holds from its start, whose the work is stays.

    Raises NotAllowed, Invalid and Stale as ``put_in_green`` does.
    """
    held = hold(case.pk, by=by, at=at, key=key)
    if replayed(held, "green_ends"):
        return held.case
    _require(held, Priority.GREEN)
    spec = held.case.spec
    _rank(held, Priority.NORMAL)
    held.case.contact_id = None
    moved = _promise(held, spec.promised) if spec.green else {}
    held.note("green_ends", reason=_written(reason), **moved)
    return held.done()


def _require(held: Held, before: Priority) -> None:
    case = held.case
    require_manages(held.by, department_id=case.department_id, area_path=case.area_path)
    if reason := why_keep_out(case, held.by):
        raise Refused(reason)
    if case.status not in UNDECIDED:
        raise Stale(_("只有还没有作出决定的办件可以进出绿色通道。"))
    if case.priority != before:
        already = _("这个办件已经在绿色通道。") if before == Priority.NORMAL else _("这个办件不在绿色通道。")
        raise Stale(already)


def _require_contact(case: Case, contact: Actor) -> None:
    if why_keep_out(case, contact):
        raise Refused(_("%(name)s是申请人一方或由其代办，应当回避。") % {"name": contact.name})
    # Whoever helps with a need may be of any office that does.
    offices = case.departments if case.spec.need is not None else [case.department_id]
    if not any(contact.sits(department_id=one, area_path=case.area_path, roles=DESK_ROLES) for one in offices):
        raise Refused(_("专人须是本部门有办理岗位的同事。"))


def _written(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("请写明理由。"), {"reason": [_("请写明理由，会记入办件经过。")]})
    return reason.strip()


def _rank(held: Held, priority: Priority) -> None:
    """The case and its open work alike, so that lists need no join."""
    held.case.priority = priority
    for work in held.open:
        work.priority = priority
        held.writes.change(work, "priority")


def _promise(held: Held, limit: Limit) -> dict[str, list[str | None]]:
    """Let the promised clock run to another limit, if it runs; the old and the new due date for the journal."""
    clock = next((one for one in held.clocks if one.name == ClockName.PROMISED), None)
    if clock is None:
        return {}
    before = clock.due_at
    clock.amount, clock.unit = Decimal(str(limit.amount)), limit.unit.value
    clock.basis, clock.told = limit.basis.model_dump(), 0
    clocks.reset(clock, calendar_for(held.case.area_path))
    held.writes.change(clock, "amount", "unit", "basis", "told", "due_at", "warn_at", "provisional")
    held.case.due_at = clocks.soonest(held.clocks)
    timed = {one.assignment_id for one in held.clocks if one.assignment_id}
    for work in held.open:
        if work.pk not in timed:
            work.due_at = held.case.due_at
            held.writes.change(work, "due_at")
    return {"due": [_iso(before), _iso(clock.due_at)]}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None

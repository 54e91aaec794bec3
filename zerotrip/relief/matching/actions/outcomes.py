"""What came of an introduction: recorded by either side or by staff, counted for both."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.relief.matching.access import own_side, sides
from zerotrip.relief.matching.actions.steps import (
    drop_all,
    journal,
    let_go,
    locked_meeting,
    move_entry,
    rematch,
    require_move,
    save_entry,
    tell_side,
)
from zerotrip.relief.matching.kinds import SIDES
from zerotrip.relief.matching.queries import kind_of, plain
from zerotrip.relief.matching.states import Move, Step
from zerotrip.relief.models import Introduction, Meeting, ReservationStatus, Resource, ResourceStatus

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind

STAFF = "staff"
LARGEST = Decimal(10) ** 13


@transaction.atomic
def succeed(
    introduction: Introduction,
    *,
    amount: Decimal | None,
    taken: Decimal | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Introduction:
    """The two have come together: how much is counted, and of an offer in parts how much of it was taken.

    By either side or by staff; recorded again it takes the place of what was recorded, and what staff have recorded
    only staff change. An offer that is all taken, and a want that has all it asked for, are done. Raises Invalid,
    NotAllowed, and Refused when less is left than was taken.
    """
    row = locked_meeting(introduction)
    whose = _may_record(row, by)
    require_move(row, Move.SUCCEED)
    kind = kind_of(row.kind, withdrawn=True)
    counted, share = _checked(kind, row, amount, taken)
    let_go(row, at=at, status=ReservationStatus.USED)
    _require_left(row, share)
    row.status, row.ended_at = Meeting.SUCCEEDED, at
    row.amount, row.taken = counted, share
    _said(row, note, whose, by)
    details = {"amount": str(counted), "taken": str(share), "from": whose}
    journal(row, "succeed", by=by, at=at, reason=row.outcome_note, details=details)
    row.save()
    for entry in (row.offer, row.want):
        _recount(entry, by=by, at=at, but=row)
    _tell(row, "match_succeeded", by, at=at)
    return row


@transaction.atomic
def fail(introduction: Introduction, *, note: str, by: Actor, at: datetime) -> Introduction:
    """Nothing came of it, and why. What was set aside is free, both are shown others. Raises Invalid without a
    reason, NotAllowed, Refused where it never began."""
    row = locked_meeting(introduction)
    whose = _may_record(row, by)
    require_move(row, Move.FAIL)
    if not note.strip():
        text = _("请写一句为什么没谈成。")
        raise Invalid(text, {"note": [text]})
    let_go(row, at=at)
    row.status, row.ended_at, row.amount, row.taken = Meeting.FAILED, at, None, None
    _said(row, note, whose, by)
    journal(row, "fail", by=by, at=at, reason=row.outcome_note, details={"from": whose})
    row.save()
    for entry in (row.offer, row.want):
        _recount(entry, by=by, at=at, but=row)
        rematch(entry)
    _tell(row, "match_failed", by, at=at)
    return row


def _may_record(row: Introduction, by: Actor) -> str:
    """In which capacity ``by`` records: ``offer``, ``want`` or ``staff``."""
    own = own_side(row, by)
    if own is None and not sides(row, by) and not by.is_system:
        raise NotAllowed(_("结果由供需双方或所在地的工作人员登记。"))
    if own is not None and row.outcome_from == STAFF and row.status != Meeting.INTRODUCED:
        raise Refused(_("工作人员已经核实登记，要更改请联系他们。"))
    return own or STAFF


def _said(row: Introduction, note: str, whose: str, by: Actor) -> None:
    row.outcome_note, row.outcome_from, row.outcome_by_id = note.strip()[:500], whose, by.user_id


def _checked(
    kind: Kind, row: Introduction, amount: Decimal | None, taken: Decimal | None
) -> tuple[Decimal, Decimal]:
    problems: dict[str, list[str]] = {}
    decimals = kind.spec.outcome.decimals
    if amount is None or not 0 <= amount < LARGEST or amount != round(amount, decimals):
        words = {"unit": kind.spec.outcome.unit}
        problems["amount"] = [_("请填写数字，单位是%(unit)s，不用写单位。") % words]
    share = taken if kind.divisible else row.offer.quantity
    if share is None or not 0 < share <= row.offer.quantity or share != round(share, 2):
        problems["taken"] = [_("请填写用了多少，不超过 %(most)s。") % {"most": plain(row.offer.quantity)}]
    if problems or amount is None or share is None:
        raise Invalid(_("还有没填好的地方。"), problems)
    return amount, share


def _require_left(row: Introduction, share: Decimal) -> None:
    """Not more than is left, counting what an earlier record of this introduction took as left."""
    offer = row.offer
    offer.refresh_from_db(fields=["reserved"])
    left = offer.quantity - offer.reserved - offer.used + (row.taken or 0)
    if share > left:
        text = _("只剩 %(left)s，其余的别人已经预留或用了。") % {"left": plain(left)}
        raise Invalid(text, {"taken": [text]})


def _recount(entry: Resource, *, by: Actor, at: datetime, but: Introduction) -> None:
    """Add up what was taken of a locked entry. All of it, and it is done: whatever else was under way with it ends;
    less than all, and it is to be had again."""
    mine = {entry.stands: entry}
    taken = Introduction.objects.filter(**mine, status=Meeting.SUCCEEDED).aggregate(sum=Sum("taken"))["sum"] or 0
    entry.refresh_from_db(fields=["reserved"])
    entry.used = min(entry.quantity - entry.reserved, Decimal(taken))
    done = entry.used >= entry.quantity
    if done and entry.status in (ResourceStatus.OPEN, ResourceStatus.ASLEEP):
        move_entry(entry, Step.FINISH, at=at)
        journal(entry, "finish", by=by, at=at)
    elif not done and entry.status == ResourceStatus.DONE:
        move_entry(entry, Step.REOPEN)
        journal(entry, "reopen", by=by, at=at)
    save_entry(entry)
    if done:
        drop_all(entry, by=by, at=at, but=but)


def _tell(row: Introduction, template: str, by: Actor, *, at: datetime) -> None:
    own = own_side(row, by)
    for side in SIDES:
        if side != own:
            stamp = f"{template}:{at.isoformat()}"
            tell_side(row, side, template, key=stamp, at=at)

"""Recall: a lot and everything made of it is held where it lies; its holders are told and answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.duties.actions import ordering
from zerotrip.duties.models import Kind
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import LEADING_ROLES, Party
from zerotrip.prevention.lots.access import seat_to_recall
from zerotrip.prevention.lots.actions.steps import line, lock
from zerotrip.prevention.lots.queries import descendants
from zerotrip.prevention.models import Balance, Lot, Recall
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat

ANSWER_WITHIN = timedelta(hours=4)
"""For holders to say what they have and what they did; the district's own choice."""


@transaction.atomic
def recall(lot: Lot, *, reason: str, key: UUID, by: Actor, at: datetime) -> Recall:
    """Hold a lot and everything made of it, tell whoever holds any of it, and have each enterprise answer.

    Places without an enterprise are named by ``queries.recalled``: somebody has to ring them. Twice is once.
    Raises NotAllowed unless one leads an office where it lies or lay, Invalid at ``reason``, Refused where it
    is held already.
    """
    found = Recall.objects.filter(pk=key, by=by.account).first()
    if found is not None:
        return found
    seat = seat_to_recall(lot, by)
    if seat is None:
        raise NotAllowed(_("由货物所在地的部门负责人封存。"))
    if len(line(reason, 400)) < 2:
        raise Invalid(_("请写明为什么封存。"), {"reason": [_("请写明为什么封存。")]})
    held = _lock_all(lot)
    if held[lot.pk].recall_id is not None:
        raise Refused(_("这个批次已经封存。"))
    row = Recall(pk=key, reason=line(reason, 400), area_path=seat.area_path, by_id=by.account, at=at)
    new = [one for one in held.values() if one.recall_id is None]
    holders = _holders(new)
    row.order = _ask(row, lot, holders, seat=seat, by=by, at=at)
    details = {"lots": sorted(one.number for one in new), "holders": len(holders)}
    ledger.append(row, "recall", by=by, at=at, reason=row.reason, details=details)
    row.save(force_insert=True)
    Lot.objects.filter(pk__in=[one.pk for one in new]).update(recall=row)
    return row


def _lock_all(lot: Lot) -> dict[UUID, Lot]:
    """The lot and everything made of it, locked. What was made while we waited for a lock is found once more."""
    held = lock([lot.pk])
    if lot.pk not in held:
        raise NotFound(_("没有找到这个批次。"))
    while new := descendants([lot.pk]) - set(held):
        held |= lock(new)
    return held


def _holders(lots: list[Lot]) -> dict[UUID, Party]:
    """The enterprises at which any of these lots lies."""
    rows = Balance.objects.filter(lot__in=[lot.pk for lot in lots], quantity__gt=0, holder__party__isnull=False)
    found = rows.select_related("holder__party")
    return {row.holder.party.pk: row.holder.party for row in found if row.holder.party is not None}


def _ask(row: Recall, lot: Lot, holders: dict[UUID, Party], *, seat: Seat, by: Actor, at: datetime) -> UUID | None:
    """The order under which holders in the area of the seat answer, which tells them; others are told alone."""
    ours = [party for party in holders.values() if party.area_path.startswith(seat.area_path)]
    writes = Writes()
    for party in holders.values():
        if party not in ours:
            _tell(writes, party, row, lot, at=at)
    writes.send()
    if not ours:
        return None
    order = ordering.Order(
        Kind.REPORT,
        title=_("封存 %(item)s（%(number)s）") % {"item": lot.item, "number": lot.number},
        text=_(
            "%(reason)s。请立即停止销售和使用这个批次和用它拆分、合并出的批次，就地封存，并报告还有多少、去了哪里。"
        )
        % {"reason": row.reason},
        form=FORM,
        population={"recall": str(row.pk)},
    )
    asked = [ordering.Asked(party.pk, at + ANSWER_WITHIN) for party in ours]
    key = uuid_v7_beside(row.pk)
    ordering.issue(order, asked, office=seat.department_id, key=key, by=by, at=at)
    return key


def _tell(writes: Writes, party: Party, row: Recall, lot: Lot, *, at: datetime) -> None:
    context = {"number": lot.number, "item": lot.item.name, "reason": row.reason}
    tell(
        writes,
        party=party.pk,
        template="goods_recalled",
        context=context,
        link="/goods/",
        key=f"recall:{row.pk}",
        at=at,
    )


def uuid_v7_beside(key: UUID) -> UUID:
    """A key of the same moment as another, the same for the same: journals are kept by the month of a key."""
    other = uuid5(key, "order").int & ((1 << 62) - 1)
    return UUID(int=(key.int >> 62 << 62) | other)


FORM: tuple[dict[str, Any], ...] = (
    {
        "id": "recall",
        "title": {"zh": "封存情况", "en": "What was held"},
        "fields": [
            {
                "id": "held_back",
                "kind": "yes_no",
                "label": {"zh": "是否已停售停用并封存", "en": "Sale and use stopped, goods held"},
                "required": True,
            },
            {
                "id": "left",
                "kind": "text",
                "label": {"zh": "还有多少、放在哪里", "en": "How much is left, and where"},
                "required": True,
                "max_length": 200,
            },
            {
                "id": "gone",
                "kind": "long_text",
                "label": {"zh": "已经卖出或用掉的去了哪里", "en": "Where what was sold or used went"},
                "required": False,
                "max_length": 1000,
            },
        ],
    },
)


@transaction.atomic
def lift(row: Recall, *, reason: str, by: Actor, at: datetime) -> Recall:
    """Let go of everything a recall holds, with the reason. Raises NotAllowed, Invalid at ``reason``, Refused."""
    held = Recall.objects.select_for_update(no_key=True).get(pk=row.pk)
    if held.lifted_at is not None:
        raise Refused(_("已经解除封存。"))
    if not any(
        seat.area_path == held.area_path or held.area_path.startswith(seat.area_path)
        for seat in by.seats_as(*LEADING_ROLES)
    ):
        raise NotAllowed(_("由封存的部门负责人解除。"))
    if len(line(reason, 400)) < 2:
        raise Invalid(_("请写明为什么解除。"), {"reason": [_("请写明为什么解除。")]})
    held.lifted_at, held.lifted_because = at, line(reason, 400)
    ledger.append(held, "lift", by=by, at=at, reason=held.lifted_because)
    held.save()
    Lot.objects.filter(recall=held).update(recall=None)
    return held


__all__ = ["ANSWER_WITHIN", "lift", "recall"]

"""Supplies: asked for, proposed by what expires first, brought, filled up below a level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.lots.access import serves
from zerotrip.prevention.lots.actions.holding import Where, place_at
from zerotrip.prevention.lots.actions.moving import move
from zerotrip.prevention.lots.actions.steps import (
    Carried,
    Stamp,
    line,
    parsed,
    plain,
    quantity_of,
    require_here,
    require_right,
)
from zerotrip.prevention.models import Holder, Item, Level, Lot, Movement, SupplyRequest
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, as it is typed."""

    item: str
    quantity: str | Decimal
    where: Where
    needed_by: date | None
    note: str = ""


@transaction.atomic
def ask(wish: Wish, *, key: UUID, by: Actor, at: datetime) -> SupplyRequest:
    """Ask for supplies to be brought somewhere. Twice is once.

    Raises Invalid by field, NotAllowed for others' stores, Refused while no event asks for supplies there.
    """
    found = SupplyRequest.objects.filter(pk=key, by=by.account).first()
    if found is not None:
        return found
    problems: dict[str, list[str]] = {}
    item = Item.objects.offered().exclude(purpose="cold_chain").filter(pk=wish.item).first()
    quantity = Decimal(0)
    if item is None:
        problems["item"] = [_("请选择要什么物资。")]
    else:
        quantity = quantity_of(wish.quantity, item, problems=problems)
    if wish.needed_by is None or wish.needed_by < at.astimezone(CHINA).date():
        problems["needed_by"] = [_("请填写什么时候要，不早于今天。")]
    if len(wish.note) > 200:
        problems["note"] = [_("说明最多 200 个字。")]
    try:
        holder = place_at(wish.where, by=by, at=at)
    except Invalid as invalid:
        require_right(problems | invalid.problems)
        raise
    require_right(problems)
    if item is None or wish.needed_by is None:
        raise AssertionError("what was not said is a problem")
    require_here(holder, item, Stamp(key, by, at))
    row = SupplyRequest(
        pk=key,
        holder=holder,
        item=item,
        quantity=quantity,
        needed_by=wish.needed_by,
        note=line(wish.note, 200),
        by_id=by.account,
        at=at,
    )
    ledger.append(row, "ask", by=by, at=at, details={"item": item.pk, "quantity": plain(quantity)})
    row.save(force_insert=True)
    return row


def deliver(
    row: SupplyRequest,
    parts: Sequence[tuple[Lot, str | Decimal]],
    *,
    source: Holder,
    carried: Carried,
    key: UUID,
    by: Actor,
    at: datetime,
) -> list[Movement]:
    """Bring lots to whoever asked, who confirms what arrived; what was asked for in full is closed. Twice is once.

    Raises NotAllowed, Invalid by field (``parts-0`` …), Refused for what is closed or not there.
    """
    with transaction.atomic():
        held = _open(row, by)
        if Movement.objects.filter(
            request=held, step__in=[uuid5(key, str(number)) for number in range(len(parts))]
        ):
            return list(Movement.objects.filter(request=held))
        if held.closed_at is not None:
            raise Refused(_("这条申请已经办结。"))
        if not parts:
            raise Invalid(_("请填写发多少。"), {"parts": [_("请至少给一个批次填写数量。")]})
        made: list[Movement] = []
        for number, (lot, quantity) in enumerate(parts):
            if lot.item_id != held.item_id:
                raise Invalid(_("货物不对。"), {f"parts-{number}": [_("这个批次不是所申请的货物。")]})
            try:
                stamp = Stamp(uuid5(key, str(number)), by, at)
                to = Where(holder=held.holder_id)
                made += move(lot, quantity, source=source, to=to, carried=carried, stamp=stamp, request=held)
            except Invalid as invalid:
                texts = invalid.problems.pop("quantity", None)
                raise Invalid(
                    invalid.message, invalid.problems | ({f"parts-{number}": texts} if texts else {})
                ) from None
        sent = sum((one.quantity for one in Movement.objects.filter(request=held)), Decimal(0))
        if sent >= held.quantity:
            held.closed_at = at
        brought = sum((one.quantity for one in made), Decimal(0))
        ledger.append(held, "deliver", by=by, at=at, details={"quantity": plain(brought), "from": source.name})
        held.save()
        _tell_sent(held, made, source, at=at)
        return made


@transaction.atomic
def close(row: SupplyRequest, *, reason: str, by: Actor, at: datetime) -> SupplyRequest:
    """No more of it comes, and why; whoever asked is told. Raises NotAllowed, Invalid at ``reason``, Refused."""
    held = _open(row, by)
    if held.closed_at is not None:
        raise Refused(_("这条申请已经办结。"))
    if len(line(reason, 200)) < 2:
        raise Invalid(_("请写明原因。"), {"reason": [_("请写明原因。")]})
    held.closed_at, held.closed_because = at, line(reason, 200)
    ledger.append(held, "close", by=by, at=at, reason=held.closed_because)
    held.save()
    if held.holder.party_id is not None:
        writes = Writes()
        context = {
            "item": held.item.name,
            "quantity": _amount(held.quantity, held.item),
            "said": held.closed_because,
        }
        tell(
            writes,
            party=held.holder.party_id,
            template="supply_answered",
            context=context,
            link="/goods/",
            key=f"supply:{held.pk}",
            at=at,
        )
        writes.send()
    return held


@transaction.atomic
def set_level(holder: Holder, item: Item, least: str, *, by: Actor, at: datetime) -> Level | None:
    """Say below how much of an item a store is to be filled up; empty or zero: no level.

    Raises NotAllowed, Invalid at ``least``, Refused while no event asks for it there.
    """
    require_here(holder, item, Stamp(holder.pk, by, at))
    if not least.strip() or parsed(least) == 0:
        Level.objects.filter(holder=holder, item=item).delete()
        return None
    problems: dict[str, list[str]] = {}
    amount = quantity_of(least, item, field="least", problems=problems)
    require_right(problems)
    return Level.objects.update_or_create(holder=holder, item=item, defaults={"least": amount})[0]


def _open(row: SupplyRequest, by: Actor) -> SupplyRequest:
    rows = SupplyRequest.objects.select_for_update(of=("self",), no_key=True).select_related("item", "holder")
    held = rows.get(pk=row.pk)
    if not serves(by, held.holder.area_path):
        raise NotAllowed(_("由所在地的工作人员处理。"))
    return held


def _tell_sent(held: SupplyRequest, made: Sequence[Movement], source: Holder, *, at: datetime) -> None:
    if held.holder.party_id is None:
        return
    writes = Writes()
    for one in made:
        context = {
            "item": held.item.name,
            "sender": source.name,
            "quantity": _amount(one.quantity, held.item),
            "number": one.source.number if one.source else "",
        }
        tell(
            writes,
            party=held.holder.party_id,
            template="goods_sent",
            context=context,
            link=f"/goods/movements/{one.pk}/",
            key=f"sent:{one.pk}",
            at=at,
        )
    writes.send()


def _amount(quantity: Decimal, item: Item) -> str:
    return f"{plain(quantity)} {item.measured_in}"

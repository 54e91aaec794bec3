"""What happens to lots that are here: moved on, split, joined, sold, used, destroyed, given back, counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.lots.actions.holding import Where, place_at
from zerotrip.prevention.lots.actions.steps import (
    NOTHING,
    Carried,
    Leg,
    Stamp,
    left_at,
    lock,
    number_for,
    once,
    parsed,
    plain,
    quantity_of,
    require_free,
    require_here,
    require_right,
    write,
)
from zerotrip.prevention.models import Balance, Lot, MovementKind

if TYPE_CHECKING:
    from zerotrip.prevention.models import Holder, Movement, SupplyRequest

Amount = str | Decimal
MOST_PARTS = 50
"""Lots one lot is split into, or that are joined, at a time."""


@once
def move(
    lot: Lot,
    quantity: Amount,
    *,
    source: Holder,
    to: Where,
    carried: Carried = NOTHING,
    when: datetime | None = None,
    stamp: Stamp,
    request: SupplyRequest | None = None,
) -> list[Movement]:
    """Bring goods to another holder, who says when they arrived.

    Raises Invalid by field, NotAllowed, Refused for less than there is and for what a recall holds.
    """
    return _send(
        MovementKind.MOVE,
        lot,
        quantity=quantity,
        source=source,
        to=to,
        carried=carried,
        when=when,
        stamp=stamp,
        request=request,
    )


@once
def sell(
    lot: Lot,
    quantity: Amount,
    *,
    source: Holder,
    to: Where | None = None,
    carried: Carried = NOTHING,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Sell goods: to a holder here, whose they are then, or to a buyer outside the ledger. Raises as ``move``."""
    if to is not None and to.is_named:
        return _send(
            MovementKind.SELL,
            lot,
            quantity=quantity,
            source=source,
            to=to,
            carried=carried,
            when=when,
            stamp=stamp,
        )
    return _leave(MovementKind.SELL, lot, quantity=quantity, source=source, carried=carried, when=when, stamp=stamp)


@once
def use(
    lot: Lot,
    quantity: Amount,
    *,
    source: Holder,
    carried: Carried = NOTHING,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Use goods up where they are: cooked, worn, handed out. Raises as ``move``."""
    return _leave(MovementKind.USE, lot, quantity=quantity, source=source, carried=carried, when=when, stamp=stamp)


@once
def destroy(
    lot: Lot,
    quantity: Amount,
    *,
    source: Holder,
    carried: Carried,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Destroy goods, with the reason. Raises as ``move``, Invalid at ``reason``."""
    return _leave(
        MovementKind.DESTROY, lot, quantity=quantity, source=source, carried=carried, when=when, stamp=stamp
    )


@once
def give_back(
    lot: Lot,
    quantity: Amount,
    *,
    source: Holder,
    to: Where | None = None,
    carried: Carried,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Give goods back to a holder here or to a supplier outside, with the reason. Raises as ``move``."""
    if to is not None and to.is_named:
        return _send(
            MovementKind.RETURN,
            lot,
            quantity=quantity,
            source=source,
            to=to,
            carried=carried,
            when=when,
            stamp=stamp,
        )
    return _leave(
        MovementKind.RETURN, lot, quantity=quantity, source=source, carried=carried, when=when, stamp=stamp
    )


@once
def count(
    lot: Lot, there: Amount, *, holder: Holder, carried: Carried, when: datetime | None = None, stamp: Stamp
) -> list[Movement]:
    """Say how much of a lot was found at a holder; a difference is written with its reason, none is none.

    Raises Invalid by field, NotAllowed, NotFound.
    """
    held, problems = _here(lot, holder, stamp, MovementKind.COUNT)
    counted = Decimal(0)
    if parsed(there) != 0:
        counted = quantity_of(there, held.item, problems=problems)
    balance = Balance.objects.select_for_update(no_key=True).filter(lot=held, holder=holder).first()
    difference = counted - (balance.quantity if balance else 0)
    happened = left_at((held, holder), -difference, when, stamp, problems)
    if difference and not carried.reason.strip():
        problems["reason"] = [_("账面是 %(there)s，请写明差在哪里。") % {"there": plain(counted - difference)}]
    require_right(problems)
    if not difference:
        return []
    here = (held, holder)
    leg = Leg(
        MovementKind.COUNT,
        abs(difference),
        source=here if difference < 0 else None,
        target=here if difference > 0 else None,
    )
    return write([leg], stamp=stamp, when=happened, carried=carried)


@once
def split(
    lot: Lot,
    parts: Sequence[Amount],
    *,
    holder: Holder,
    carried: Carried = NOTHING,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Make new lots of parts of one; what is left stays in it. The new lots are the targets, in order.

    Raises Invalid by field (``parts-0`` …), NotAllowed, Refused for more than there is.
    """
    held, problems = _here(lot, holder, stamp, MovementKind.SPLIT)
    if not 1 <= len(parts) <= MOST_PARTS:
        problems["parts"] = [_("一次拆成 1 到 %(most)d 个新批次。") % {"most": MOST_PARTS}]
    amounts = [
        quantity_of(part, held.item, field=f"parts-{place}", problems=problems) for place, part in enumerate(parts)
    ]
    happened = left_at((held, holder), sum(amounts, Decimal(0)), when, stamp, problems)
    require_right(problems)
    legs = []
    for place, amount in enumerate(amounts):
        made = _made_of([held], key=uuid5(stamp.key, f"part {place}"), when=happened, stamp=stamp)
        ledger.append(
            made, "split", by=stamp.by, at=stamp.at, details={"from": held.number, "quantity": plain(amount)}
        )
        made.save(force_insert=True)
        legs.append(Leg(MovementKind.SPLIT, amount, source=(held, holder), target=(made, holder)))
    return write(legs, stamp=stamp, when=happened, carried=carried)


@once
def join(
    parts: Sequence[tuple[UUID, Amount]],
    *,
    holder: Holder,
    carried: Carried = NOTHING,
    when: datetime | None = None,
    stamp: Stamp,
) -> list[Movement]:
    """Make one new lot of quantities of several of one item. It is the target of each movement.

    Raises Invalid by field, NotFound, NotAllowed, Refused for more than there is.
    """
    problems: dict[str, list[str]] = {}
    if not 2 <= len({lot for lot, _amount in parts}) == len(parts) <= MOST_PARTS:
        problems["parts"] = [_("请选 2 到 %(most)d 个不同的批次。") % {"most": MOST_PARTS}]
        require_right(problems)
    held = lock(lot for lot, _amount in parts)
    if len(held) < len(parts):
        raise NotFound(_("没有找到这个批次。"))
    lots = [held[lot] for lot, _amount in parts]
    items = {lot.item_id for lot in lots}
    if len(items) > 1:
        problems["parts"] = [_("只有同一种货物能合并。")]
        require_right(problems)
    require_here(holder, lots[0].item, stamp)
    for lot in lots:
        require_free(lot, MovementKind.JOIN)
    amounts = [
        quantity_of(amount, lots[0].item, field=f"parts-{place}", problems=problems)
        for place, (_lot, amount) in enumerate(parts)
    ]
    moments = [
        left_at((lot, holder), amount, when, stamp, problems) for lot, amount in zip(lots, amounts, strict=True)
    ]
    happened = max(moments)
    require_right(problems)
    made = _made_of(lots, key=stamp.key, when=happened, stamp=stamp)
    details = {"from": [lot.number for lot in lots], "quantity": plain(sum(amounts, Decimal(0)))}
    ledger.append(made, "join", by=stamp.by, at=stamp.at, details=details)
    made.save(force_insert=True)
    legs = [
        Leg(MovementKind.JOIN, amount, source=(lot, holder), target=(made, holder))
        for lot, amount in zip(lots, amounts, strict=True)
    ]
    return write(legs, stamp=stamp, when=happened, carried=carried)


def _here(lot: Lot, holder: Holder, stamp: Stamp, kind: MovementKind) -> tuple[Lot, dict[str, list[str]]]:
    """The lot, locked, once it is clear that this may be done to it at this holder."""
    held = lock([lot.pk]).get(lot.pk)
    if held is None:
        raise NotFound(_("没有找到这个批次。"))
    require_here(holder, held.item, stamp)
    require_free(held, kind)
    return held, {}


def _send(
    kind: MovementKind,
    lot: Lot,
    *,
    quantity: Amount,
    source: Holder,
    to: Where,
    carried: Carried,
    when: datetime | None,
    stamp: Stamp,
    request: SupplyRequest | None = None,
) -> list[Movement]:
    held, problems = _here(lot, source, stamp, kind)
    amount = quantity_of(quantity, held.item, problems=problems)
    happened = left_at((held, source), amount, when, stamp, problems)
    _require_reason(kind, carried, problems)
    try:
        target = place_at(to, by=stamp.by, at=stamp.at, field="to")
    except Invalid as invalid:
        require_right(problems | invalid.problems)
        raise
    if target.pk == source.pk:
        problems["to"] = [_("货物已经在这里，请选别处。")]
    require_right(problems)
    leg = Leg(kind, amount, source=(held, source), target=(held, target))
    return write([leg], stamp=stamp, when=happened, carried=carried, request=request)


def _leave(
    kind: MovementKind,
    lot: Lot,
    *,
    quantity: Amount,
    source: Holder,
    carried: Carried,
    when: datetime | None,
    stamp: Stamp,
) -> list[Movement]:
    held, problems = _here(lot, source, stamp, kind)
    amount = quantity_of(quantity, held.item, problems=problems)
    happened = left_at((held, source), amount, when, stamp, problems)
    _require_reason(kind, carried, problems)
    require_right(problems)
    leg = Leg(kind, amount, source=(held, source))
    return write([leg], stamp=stamp, when=happened, carried=carried)


def _require_reason(kind: MovementKind, carried: Carried, problems: dict[str, list[str]]) -> None:
    if kind in (MovementKind.DESTROY, MovementKind.RETURN) and not carried.reason.strip():
        problems["reason"] = [_("请写明原因。")]


def _made_of(lots: Sequence[Lot], *, key: UUID, when: datetime, stamp: Stamp) -> Lot:
    """A new lot with what its parents have in common; it expires with the first of them."""

    def common(name: str) -> str:
        values = {getattr(lot, name) for lot in lots}
        return str(values.pop()) if len(values) == 1 else ""

    made = {lot.produced_on for lot in lots}
    expires = [lot.expires_on for lot in lots if lot.expires_on is not None]
    return Lot(
        number=number_for(key, when),
        item=lots[0].item,
        country=common("country"),
        port=common("port"),
        consignment=common("consignment"),
        marks=common("marks"),
        produced_on=made.pop() if len(made) == 1 else None,
        expires_on=min(expires, default=None),
        arrived_at=when,
        by_id=stamp.by.user_id,
        at=stamp.at,
    )

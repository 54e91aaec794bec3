"""Reads over lots: searched, what lies where, what is short, what expires first, who was told of a recall."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Min, OuterRef, Q, Sum

from zerotrip.duties.models import Obligation, Record
from zerotrip.pairs import contains_by_index
from zerotrip.parties.models import Party
from zerotrip.prevention.models import (
    Balance,
    Event,
    Holder,
    Item,
    Level,
    Lot,
    Measure,
    Movement,
    MovementKind,
    Recall,
    SupplyRequest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from zerotrip.parties.access import Actor

MOST = 500
IN_A_BLOCK = 8


@dataclass(frozen=True, slots=True)
class Search:
    """What lots are looked for by."""

    text: str = ""
    """Of a number, a consignment, batch marks, or the name of a holder."""
    item: str = ""
    state: str = ""
    """``here``: there is some left; ``held``: a recall holds it; ``expiring``: within thirty days or over."""
    cold: bool | None = None


def lots(search: Search, actor: Actor, *, on: date) -> QuerySet[Lot]:
    """The lots one may see that are looked for, those that arrived last first."""
    found = Lot.objects.visible_to(actor).select_related("item", "recall")
    if search.cold is not None:
        found = (
            found.filter(item__purpose="cold_chain") if search.cold else found.exclude(item__purpose="cold_chain")
        )
    if search.item:
        found = found.filter(item=search.item)
    there = Balance.objects.visible_to(actor).filter(lot=OuterRef("pk"), quantity__gt=0)
    if search.state == "held":
        found = found.filter(recall__isnull=False)
    elif search.state == "here":
        found = found.filter(Exists(there))
    elif search.state == "expiring":
        found = found.filter(expires_on__lte=date.fromordinal(on.toordinal() + 30))
        found = found.filter(Exists(there))
    if text := " ".join(search.text.split()):
        at_holder = Balance.objects.filter(lot=OuterRef("pk"), holder__in=_named(text))
        typed = text.upper()
        found = found.filter(
            Q(number__istartswith=typed)
            | Q(consignment__istartswith=typed)
            | Q(marks__icontains=text)
            | Exists(at_holder)
        )
    return found


def _named(text: str) -> QuerySet[Holder]:
    return Holder.objects.filter(contains_by_index("name", text))


def left(rows: Iterable[Lot], actor: Actor) -> dict[UUID, Decimal]:
    """How much of each of these lots there still is at the holders one may see."""
    here = Balance.objects.visible_to(actor).filter(lot__in=[lot.pk for lot in rows])
    sums = here.values("lot").annotate(sum=Sum("quantity"))
    return {row["lot"]: row["sum"] for row in sums}


def balances(lot: Lot) -> list[Balance]:
    """Where a lot lies or lay, the most first."""
    rows = Balance.objects.filter(lot=lot).select_related("holder__party")
    return list(rows.order_by("-quantity", "holder__name"))


def movements(lot: Lot, *, most: int = 200) -> list[Movement]:
    """What happened to a lot, latest first, with what it came from and became."""
    rows = Movement.objects.filter(Q(source=lot) | Q(target=lot))
    related = ("source", "target", "source_holder", "target_holder", "arrival")
    return list(rows.select_related(*related).order_by("-at", "-recorded_at", "-id")[:most])


def to_confirm(actor: Actor) -> QuerySet[Movement]:
    """Goods on their way to holders one may see that nobody has confirmed, longest on their way first."""
    rows = Movement.objects.filter(
        arrival=None,
        target_holder__in=Holder.objects.visible_to(actor),
        source_holder__isnull=False,
    ).exclude(source_holder=F("target_holder"))
    return rows.select_related("source__item", "target__item", "source_holder", "target_holder").order_by(
        "at", "id"
    )


def own_holders(actor: Actor) -> list[Holder]:
    """The stores of the enterprises one acts for."""
    return list(Holder.objects.filter(party__in=actor.represents).select_related("party"))


@dataclass(frozen=True, slots=True)
class Stock:
    """What of an item lies at a store: all, what can be handed out, what is asked for at least."""

    holder: Holder
    item: Item
    quantity: Decimal
    usable: Decimal
    expires_on: date | None
    """Of what can be handed out, the first to expire."""
    least: Decimal | None

    @property
    def is_low(self) -> bool:
        """Whether it is to be filled up."""
        return self.least is not None and self.usable < self.least


def stock(actor: Actor, *, on: date, holder: Holder | None = None, at: datetime | None = None) -> list[Stock]:
    """Supplies by store and item: what is there, and what should be; what is short first.

    ``at``: as it lay at a moment that is over, against the levels of today.
    """
    seen = Holder.objects.visible_to(actor)
    if holder is not None:
        seen = seen.filter(pk=holder.pk)
    there = _lying(seen, on) if at is None else _lay(seen, on, at)
    levels = {(one.holder_id, one.item_id): one.least for one in Level.objects.filter(holder__in=seen)}
    holders = Holder.objects.in_bulk({key for key, _item in {*there, *levels}})
    items = Item.objects.in_bulk()
    found = [
        _stock(holders[key], items[item], there.get((key, item), {}), levels.get((key, item)))
        for key, item in {*there, *levels}
    ]
    return sorted(found, key=lambda one: (not one.is_low, one.holder.name, one.item.place, str(one.holder.pk)))


def _lying(seen: QuerySet[Holder], on: date) -> dict[tuple[UUID, str], Mapping[str, Any]]:
    """What lies at each of some holders now, by item."""
    good = (Q(lot__expires_on=None) | Q(lot__expires_on__gte=on)) & Q(lot__recall=None)
    rows = (
        Balance.objects.filter(holder__in=seen, quantity__gt=0)
        .exclude(lot__item__purpose="cold_chain")
        .values("holder", "lot__item")
        .annotate(
            sum=Sum("quantity"), usable=Sum("quantity", filter=good), first=Min("lot__expires_on", filter=good)
        )
    )
    return {(row["holder"], row["lot__item"]): row for row in rows}


def _lay(seen: QuerySet[Holder], on: date, at: datetime) -> dict[tuple[UUID, str], Mapping[str, Any]]:
    """What lay at each of some holders at a moment, by item: what had come until then, without what had gone."""
    held: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for end, sign in (("target", 1), ("source", -1)):
        rows = Movement.objects.filter(**{f"{end}_holder__in": seen, "at__lte": at}).exclude(
            **{f"{end}__item__purpose": "cold_chain"}
        )
        for row in rows.values(f"{end}_holder", end).annotate(sum=Sum("quantity")):
            held[row[f"{end}_holder"], row[end]] += sign * row["sum"]
    lots = Lot.objects.select_related("recall").in_bulk({lot for (_holder, lot), sum_ in held.items() if sum_ > 0})
    found: dict[tuple[UUID, str], dict[str, Any]] = {}
    for (holder, key), quantity in held.items():
        if (lot := lots.get(key)) is None or quantity <= 0:
            continue
        one = found.setdefault((holder, lot.item_id), {"sum": Decimal(0), "usable": Decimal(0), "first": None})
        one["sum"] += quantity
        is_held = lot.recall is not None and lot.recall.at <= at
        if is_held or (lot.expires_on is not None and lot.expires_on < on):
            continue
        one["usable"] += quantity
        one["first"] = min(filter(None, (one["first"], lot.expires_on)), default=None)
    return dict(found)


def _stock(holder: Holder, item: Item, row: Mapping[str, Any], least: Decimal | None) -> Stock:
    zero = Decimal(0)
    return Stock(holder, item, row.get("sum") or zero, row.get("usable") or zero, row.get("first"), least)


@dataclass(frozen=True, slots=True)
class Proposal:
    """How much of a lot to take."""

    lot: Lot
    there: Decimal
    take: Decimal


def proposed(holder: Holder, item: Item, quantity: Decimal, *, on: date) -> tuple[list[Proposal], Decimal]:
    """Which lots of a store to take for a quantity: what expires first goes first, then what came first.

    What has expired or is held is not proposed. All that could be taken come back, with nothing to take at the end;
    with how much is lacking.
    """
    rows = (
        Balance.objects.filter(holder=holder, lot__item=item, lot__recall=None, quantity__gt=0)
        .filter(Q(lot__expires_on=None) | Q(lot__expires_on__gte=on))
        .select_related("lot__item")
        .order_by(F("lot__expires_on").asc(nulls_last=True), "lot__arrived_at", "lot__number")
    )
    found, wanted = [], quantity
    for row in rows:
        take = min(row.quantity, wanted)
        found.append(Proposal(row.lot, row.quantity, take))
        wanted -= take
    return found, wanted


def brought(rows: Iterable[SupplyRequest]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Of each request, how much was sent, and how much of that was confirmed."""
    sums = (
        Movement.objects.filter(request__in=[row.pk for row in rows])
        .values("request")
        .annotate(sent=Sum("quantity"), got=Sum("arrival__quantity"))
    )
    return {row["request"]: (row["sent"] or Decimal(0), row["got"] or Decimal(0)) for row in sums}


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody at whom recalled goods lie, what was asked of them and what they said."""

    holder: Holder
    quantity: Decimal
    owed: Obligation | None
    answer: Record | None


def recalled(row: Recall) -> list[Holding]:
    """Where the goods of a recall lie, and who has answered; those who owe an answer and gave none first."""
    sums = Balance.objects.filter(lot__recall=row, quantity__gt=0).values("holder").annotate(sum=Sum("quantity"))
    there = {one["holder"]: one["sum"] for one in sums}
    holders = Holder.objects.select_related("party").in_bulk(list(there))
    owed = {one.owner_id: one for one in Obligation.objects.filter(requirement=row.order)} if row.order else {}
    said: dict[UUID, Record] = {}
    for record in Record.objects.filter(obligation__in=owed.values(), what__in=("kept", "handed_in")):
        said[record.obligation_id] = record
    found = []
    for key, quantity in there.items():
        holder = holders[key]
        one = owed.get(holder.party_id) if holder.party_id else None
        found.append(Holding(holder, quantity, one, said.get(one.pk) if one else None))
    return sorted(found, key=lambda one: (one.answer is not None, one.holder.name, str(one.holder.pk)))


def sold_away(row: Recall) -> QuerySet[Movement]:
    """What of a recall was sold to buyers the ledger does not know, latest first: only the seller can tell them."""
    sold = Movement.objects.filter(source__recall=row, kind=MovementKind.SELL, target_holder=None)
    return sold.select_related("source_holder").order_by("-at", "-id")


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """What lies at an enterprise, on its record, as far as ``actor`` may see it."""
    seen = Holder.objects.visible_to(actor).filter(party=party)
    rows = Balance.objects.filter(holder__in=seen, quantity__gt=0).select_related("lot__item", "holder")
    found = list(rows.order_by("-lot__arrived_at")[:IN_A_BLOCK])
    return {"goods": found} if found else None


def reaches_firms(actor: Actor, *, on: date) -> bool:
    """Whether an event that is still kept asks for cold chain or supplies where one's enterprises are."""
    if not actor.represents:
        return False
    held = Event.objects.held().filter(starts_on__lte=on)
    events = held.filter(measures__overlap=[Measure.COLD_CHAIN, Measure.SUPPLIES])
    areas = set(events.values_list("area_path", flat=True))
    if not areas:  # as on most days
        return False
    firms = Party.objects.filter(pk__in=actor.represents).exclude(area_path="").values_list("area_path")
    stores = Holder.objects.filter(party__in=actor.represents).values_list("area_path")
    paths = {path for (path,) in firms.union(stores)}
    return any(path.startswith(area) or area.startswith(path) for path in paths for area in areas)


def descendants(lots: Iterable[UUID]) -> set[UUID]:
    """The lots and everything made of them, wherever and whenever: what a recall holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE made (lot) AS ("
            " SELECT unnest(%s::uuid[]) UNION SELECT m.target_id FROM made JOIN prevention_movement m"
            " ON m.source_id = made.lot AND m.target_id <> made.lot) SELECT lot FROM made",
            [list(lots)],
        )
        return {row[0] for row in cursor.fetchall()}

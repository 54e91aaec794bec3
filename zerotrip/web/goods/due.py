"""What the cold chain owes, as the picture of the day counts it: arrivals, certificates, answers to recalls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from zerotrip.prevention.models import Lot, Paper
from zerotrip.prevention.picture import rows
from zerotrip.prevention.picture.lines import Part
from zerotrip.web.desk.prevention.counted import asked_of, counted_in
from zerotrip.web.pages import page_of
from zerotrip.web.templatetags.show import deadline, exactly, moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from zerotrip.duties.models import Obligation
    from zerotrip.prevention.models import Movement
    from zerotrip.prevention.picture.lines import Asked
    from zerotrip.web.goods.face import Face
    from zerotrip.web.requests import Request

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is or was owed."""

    what: str
    beside: str
    where: str
    address: str
    state: str
    late: bool
    done: bool


def show(request: Request, face: Face) -> HttpResponse:
    """One of the three, narrowed to what a number of the picture counts; else all that was due today."""
    kinds: dict[str, tuple[str, Callable[[Asked], Any], Callable[[Any, Asked], list[Row]]]] = {
        "receipts": (_("冷链收货确认"), rows.receipts, _receipt),
        "papers": (_("冷链货物证明"), rows.papers, _paper),
        "answers": (_("召回答复"), rows.answers, _answer),
    }
    of = request.GET.get("of", "")
    of = of if of in kinds else "receipts"
    title, counts, told = kinds[of]
    counted = counted_in(request)
    asked, part = (counted.asked, counted.part) if counted else (asked_of(request), Part.DUE)
    found = counts(asked).of(part).select_related(*RELATED[of]).order_by(*ORDER[of])
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "title": title,
        "of": of,
        "kinds": [(name, kind[0]) for name, kind in kinds.items()],
        "page": page,
        "rows": told(list(page.object_list), asked),
        "counted": counted,
        "query": counted.query if counted else f"of={of}",
        "tab": "due",
        **face.around(request),
    }
    return render(request, "web/goods/due.html", context)


RELATED = {
    "receipts": ("source__item", "source_holder", "target_holder", "arrival"),
    "papers": ("target__item", "target_holder"),
    "answers": ("owner", "requirement"),
}
ORDER = {"receipts": ("at", "id"), "papers": ("at", "id"), "answers": ("due_at", "id")}


def _receipt(found: list[Movement], asked: Asked) -> list[Row]:
    def row(one: Movement) -> Row:
        lot, arrival = one.source, getattr(one, "arrival", None)
        if lot is None:
            raise AssertionError("what is on its way is of a lot")
        until: datetime = one.until  # type: ignore[attr-defined]
        came = arrival is not None and arrival.at <= asked.at
        state = _("%(at)s 确认") % {"at": moment(arrival.at)} if came and arrival else _until(until)
        amount = f"{lot.item} {exactly(one.quantity)} {lot.item.measured_in}"
        way = f"{one.source_holder} → {one.target_holder}"
        address = reverse("desk-goods-arrival", args=[one.pk])
        return Row(amount, lot.number, way, address, state, not came and until < asked.at, came)

    return [row(one) for one in found]


def _paper(found: list[Movement], asked: Asked) -> list[Row]:
    def row(one: Movement) -> Row:
        lot: Lot | None = one.target
        if lot is None:
            raise AssertionError("what came in is a lot")
        there = set(one.have)  # type: ignore[attr-defined]
        lacking = [str(Paper(kind).label) for kind in lot.item.papers if kind not in there]
        state = _("缺证明") if lacking else _("证明齐全")
        beside = [lot.number, *([_("缺%(papers)s") % {"papers": _("、").join(lacking)}] if lacking else [])]
        late = bool(lacking) and one.at < asked.begins
        address = reverse("desk-goods-lot", args=[lot.pk])
        came = f"{one.target_holder} · {moment(one.at)}"
        return Row(str(lot.item), " · ".join(beside), came, address, state, late, not lacking)

    return [row(one) for one in found]


def _answer(found: list[Obligation], asked: Asked) -> list[Row]:
    lots = _first_lots({one.requirement_id for one in found})

    def row(one: Obligation) -> Row:
        part = rows.part_of(one, one.said, asked)  # type: ignore[attr-defined]
        done, late = part is Part.DONE, part is Part.MISSED
        state = _("%(at)s 答复") % {"at": moment(one.ended_at)} if done and one.ended_at else _until(one.due_at)
        lot = lots.get(one.requirement_id)
        if lot is None:  # nothing is held any more
            return Row(one.owner.name, one.requirement.title, "", "", state, late, done)
        address = reverse("desk-goods-recall", args=[lot.pk])
        return Row(one.owner.name, f"{lot.item} {lot.number}", "", address, state, late, done)

    return [row(one) for one in found]


def _first_lots(orders: set[UUID]) -> dict[UUID | None, Lot]:
    """Of each recall that still holds any, the first of its lots: its page names who has answered."""
    found = Lot.objects.filter(recall__order__in=orders).select_related("item", "recall")
    found = found.order_by("recall__order", "at", "pk").distinct("recall__order")
    return {lot.recall.order: lot for lot in found if lot.recall is not None}


def _until(at: datetime) -> str:
    return _("最晚 %(at)s") % {"at": deadline(at)}

"""Supplies: what lies where, what is short, what is asked for, and bringing it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.parties.models import HANDS
from zerotrip.prevention.lots import actions, queries
from zerotrip.prevention.lots.access import load_holder, load_lot, load_request, may_record, serves
from zerotrip.prevention.lots.actions.steps import plain
from zerotrip.prevention.lots.actions.supplying import Wish
from zerotrip.prevention.models import Balance, Holder, Item, Movement, SupplyRequest
from zerotrip.prevention.picture.rows import requests as to_meet
from zerotrip.prevention.picture.rows import stores
from zerotrip.web.desk.prevention.counted import counted_in
from zerotrip.web.goods.fields import Control, bound, carried_from, day_from, handler_controls, summary, values_of
from zerotrip.web.goods.fields import where_from as named
from zerotrip.web.goods.views import form
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import today_of, typed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.errors import Refusal
    from zerotrip.web.desk.prevention.counted import Counted
    from zerotrip.web.goods.face import Face
    from zerotrip.web.requests import Request

PAGE_SIZE = 30
MOST = 300


def index(request: Request, face: Face) -> HttpResponse:
    """Stock by store, what is below its level first; requests that still wait, or what of either is counted."""
    counted = counted_in(request) if face.at_desk else None
    of = request.GET.get("of", "") if counted else ""
    page = page_of(request, _requests(request, face, counted), size=PAGE_SIZE)
    requests = list(page.object_list)
    sent = queries.brought(requests)
    nothing = (Decimal(0), Decimal(0))
    context = {
        "stock": stores(counted.asked, counted.part)
        if counted
        else queries.stock(request.actor, on=today_of(request))[:MOST],
        "page": page,
        "counted": counted,
        "of": of,
        "query": counted.query if counted else "",
        "requests": [(one, *sent.get(one.pk, nothing)) for one in requests],
        "today": today_of(request),
        "may_ask": not face.at_desk or bool(request.actor.seats_as(*HANDS)),
        "tab": "supplies",
        **face.around(request),
    }
    return render(request, "web/goods/supplies.html", context)


def _requests(request: Request, face: Face, counted: Counted | None) -> QuerySet[SupplyRequest]:
    if counted is not None:
        return to_meet(counted.asked).of(counted.part).select_related("item", "holder")
    rows = SupplyRequest.objects.visible_to(request.actor).select_related("item", "holder")
    return rows.open() if face.at_desk else rows.order_by("-at")


def ask(request: Request, face: Face) -> HttpResponse:
    """Ask for supplies; staff ask for a site, a sealed area, a place of theirs."""
    if face.at_desk and not request.actor.seats_as(*HANDS):
        raise NotAllowed(_("由经办人员登记。"))
    refused: Refusal | None = None
    if request.method == "POST":
        wish = Wish(
            item=typed(request, "item", most=60),
            quantity=typed(request, "quantity", most=30),
            where=named(request, "holder"),
            needed_by=day_from(request, "needed_by"),
            note=typed(request, "note", most=300),
        )
        key = uuid_from(typed(request, "key")) or new_id()
        try:
            actions.ask(wish, key=key, by=request.actor, at=request.now)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("已提交，物资发出时会通知您确认收货。"))
            return redirect(f"{face.prefix}supplies")
    items = [(item.pk, f"{item}（{item.measured_in}）") for item in Item.objects.offered() if not item.is_cold]
    controls = [
        Control("item", _("要什么"), "select", options=[("", _("请选择")), *items]),
        Control("quantity", _("数量"), "number", width="short", most=20),
        Control("holder", _("送到哪里"), "select", options=face.holders(request)),
    ]
    if face.at_desk:
        controls += [
            Control(
                "holder-name", _("不在列表里的地点名称"), help=_("如封控楼栋、小区门口。"), optional=True, most=80
            ),
            Control("holder-area", _("所在区域"), "select", options=face.areas(request), optional=True),
        ]
    controls += [
        Control("needed_by", _("什么时候要"), "date", width="short"),
        Control("note", _("说明"), help=_("如多少人、几天的量。"), optional=True, width="", most=200),
    ]
    return form(request, face, controls, refused, title=_("申请物资"), button=_("提交申请"), supplies=True)


def show(request: Request, face: Face, request_id: UUID) -> HttpResponse:
    """One request: staff choose a store, are proposed the lots that expire first, and send or decline."""
    row = load_request(request_id, request.actor)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            _act(request, row)
        except (Invalid, Refused, Stale) as refusal:
            refused = refusal
        else:
            return redirect(f"{face.prefix}supply", row.pk)
    sent, got = queries.brought([row]).get(row.pk, (Decimal(0), Decimal(0)))
    wanted = max(row.quantity - sent, Decimal(0))
    moves = Movement.objects.filter(request=row).select_related("source", "source_holder", "arrival").order_by("at")
    invalid = refused if isinstance(refused, Invalid) else None
    controls = [*handler_controls(), Control("reason", _("为什么不再发"), optional=True, width="", most=200)]
    context: dict[str, Any] = {
        "row": row,
        "sent": sent,
        "got": got,
        "wanted": wanted,
        "moves": list(moves),
        "may": face.at_desk and row.closed_at is None and serves(request.actor, row.holder.area_path),
        "controls": bound(controls[:-1], values_of(request), invalid),
        "reason": bound(controls[-1:], values_of(request), invalid),
        "summary": summary(invalid, controls)
        if invalid
        else [{"text": refused.message, "url": "#main"}]
        if refused
        else [],
        "key": new_id(),
        **face.around(request),
    }
    if context["may"]:
        context |= _proposal(request, row, wanted)
    return render(request, "web/goods/supply.html", context, status=refused.status if refused else 200)


def _proposal(request: Request, row: SupplyRequest, wanted: Decimal) -> dict[str, Any]:
    """The stores that have any of it, and of the chosen one the lots to take."""
    rows = Balance.objects.filter(lot__item=row.item_id, quantity__gt=0, lot__recall=None)
    there = Holder.objects.visible_to(request.actor).filter(pk__in=rows.values("holder")).exclude(pk=row.holder_id)
    stores = [one for one in there.select_related("party")[:MOST] if may_record(one, request.actor)]
    asked = uuid_from(request.GET.get("store") or typed(request, "store", most=36))
    store = next((one for one in stores if one.pk == asked), stores[0] if stores else None)
    if store is None:
        return {"stores": [], "store": None, "proposals": [], "lacking": wanted}
    proposals, lacking = queries.proposed(store, row.item, wanted, on=today_of(request))
    shown = [
        (
            one,
            typed(request, f"lot-{one.lot.pk}", most=30) or (plain(one.take).replace(",", "") if one.take else ""),
        )
        for one in proposals
    ]
    return {"stores": stores, "store": store, "proposals": shown, "lacking": lacking}


def _act(request: Request, row: SupplyRequest) -> None:
    if typed(request, "act", most=10) == "close":
        actions.close(row, reason=typed(request, "reason", most=300), by=request.actor, at=request.now)
        messages.success(request, _("已办结，申请方会收到通知。"))
        return
    source = load_holder(uuid_from(typed(request, "store", most=36)), request.actor)
    parts = []
    for name in request.POST:
        key = uuid_from(name.removeprefix("lot-")) if name.startswith("lot-") else None
        if key is not None and (quantity := typed(request, name, most=30)):
            parts.append((load_lot(key, request.actor), quantity))
    actions.deliver(
        row,
        parts,
        source=source,
        carried=carried_from(request),
        key=uuid_from(typed(request, "key")) or new_id(),
        by=request.actor,
        at=request.now,
    )
    messages.success(request, _("已发出，等收货方确认。"))


def level(request: Request, face: Face, holder_id: UUID, item_id: str) -> HttpResponse:
    """Say below how much of an item a store is to be filled up."""
    holder = load_holder(holder_id, request.actor)
    item = Item.objects.filter(pk=item_id).first()
    if item is None or item.is_cold or not may_record(holder, request.actor):
        raise NotAllowed(_("只能设置自己的或辖区内存放点的物资。"))
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            actions.set_level(holder, item, typed(request, "least", most=20), by=request.actor, at=request.now)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("已保存。"))
            return redirect(f"{face.prefix}supplies")
    now = holder.levels.filter(item=item).first()
    label = _("低于多少时提醒（%(unit)s）") % {"unit": item.measured_in}
    value = plain(now.least) if now else ""
    help = _("空着就不提醒。")
    controls = [Control("least", label, "number", help, optional=True, width="short", value=value, most=20)]
    title = _("库存提醒 · %(item)s · %(store)s") % {"item": item, "store": holder.name}
    return form(request, face, controls, refused, title=title, button=_("保存"), supplies=True)

"""Lots: listed, received, shown, and what happens to them. Each view is given its face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.files.attaching import PLACE
from zerotrip.ids import new_id
from zerotrip.prevention.lots import actions, queries
from zerotrip.prevention.lots.access import load_lot, load_movement, may_record, seat_to_recall
from zerotrip.prevention.lots.actions.papers import Certificate
from zerotrip.prevention.lots.actions.steps import RELEASED, plain
from zerotrip.prevention.models import Balance, Holder, Item, LotFile, Movement, MovementKind, Paper
from zerotrip.prevention.models.lots import expired
from zerotrip.web.attaching import Attaching, attached
from zerotrip.web.goods.fields import (
    MOST_PARTS,
    Control,
    bound,
    carried_from,
    day_from,
    handler_controls,
    summary,
    values_of,
    when_controls,
    when_from,
    where_from,
)
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import storable, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.errors import Refusal
    from zerotrip.prevention.models import Lot
    from zerotrip.web.goods.face import Face
    from zerotrip.web.requests import Request

PAGE_SIZE = 30


def stamp(request: Request, face: Face) -> actions.Stamp:
    """Who records, now, under the key of the page."""
    return actions.Stamp(uuid_from(typed(request, "key")) or new_id(), request.actor, request.now, face.door)


def index(request: Request, face: Face) -> HttpResponse:
    """The lots one may see, found by number, consignment, item, holder; what is to be confirmed."""
    asked = {name: storable(request.GET.get(name, "")).strip()[:60] for name in ("q", "item", "state")}
    today = today_of(request)
    search = queries.Search(asked["q"], asked["item"], asked["state"])
    page = page_of(request, queries.lots(search, request.actor, on=today), size=PAGE_SIZE)
    rows = list(page.object_list)
    left = queries.left(rows, request.actor)
    waiting = list(queries.to_confirm(request.actor)[:10])
    context = {
        "page": page,
        "rows": [(lot, left.get(lot.pk), expired(lot, today)) for lot in rows],
        "asked": asked,
        "narrowed": any(asked.values()),
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "items": list(Item.objects.offered()),
        "states": states(),
        "waiting": waiting,
        "tab": "lots",
        **face.around(request),
    }
    return render(request, "web/goods/index.html", context)


def states() -> list[tuple[str, str]]:
    """What lots are filtered by."""
    return [("", _("全部状态")), ("here", _("还有存量")), ("expiring", _("30 天内到期")), ("held", _("已封存"))]


def new(request: Request, face: Face) -> HttpResponse:
    """Take a lot in."""
    refused: Refusal | None = None
    controls = _receive_controls(request, face)
    if request.method == "POST":
        arrived = actions.Arrived(
            item=typed(request, "item", most=60),
            quantity=typed(request, "quantity", most=30),
            where=where_from(request, "holder"),
            country=typed(request, "country", most=60),
            port=typed(request, "port", most=60),
            consignment=typed(request, "consignment", most=40),
            marks=typed(request, "marks", most=80),
            produced_on=day_from(request, "produced_on"),
            expires_on=day_from(request, "expires_on"),
            documented=typed(request, "documented", most=30),
            arrived_at=when_from(request, "arrived_at"),
            carried=carried_from(request),
        )
        try:
            (made,) = actions.receive(arrived, stamp=stamp(request, face))
        except (Invalid, Refused, Stale) as refusal:
            refused = refusal
        else:
            if made.target is None:
                raise AssertionError("what is received is a lot")
            messages.success(request, _("已入库，批次号 %(number)s。") % {"number": made.target.number})
            return redirect(f"{face.prefix}goods-lot", made.target.pk)
    context: dict[str, Any] = {"title": _("登记入库"), "button": _("登记入库")}
    return form(request, face, controls, refused, **context)


def _receive_controls(request: Request, face: Face) -> list[Control]:
    items = [("", _("请选择"))]
    items += [(item.pk, f"{item}（{item.measured_in}）") for item in Item.objects.offered()]
    controls = [
        Control("item", _("货物"), "select", options=items),
        Control("quantity", _("实收数量"), "number", _("单位见货物后的括号。"), width="short", most=20),
        Control("holder", _("存放在哪里"), "select", options=face.holders(request)),
    ]
    if face.at_desk:
        controls += _named_controls(request, face, "holder", _("不在列表里的"))
    return [
        *controls,
        Control("consignment", _("报关单号或运单号"), help=_("进口冷链食品必填。"), optional=True, most=40),
        Control("country", _("原产国家或地区"), optional=True, most=60),
        Control("port", _("入境口岸"), optional=True, most=60),
        Control("marks", _("生产批号"), optional=True, most=80),
        Control("produced_on", _("生产日期"), "date", optional=True, width="short"),
        Control("expires_on", _("保质期到"), "date", optional=True, width="short"),
        Control("documented", _("单证上的数量"), "number", _("和实收不同时填写。"), optional=True, width="short"),
        Control("outside", _("从谁那里来"), help=_("供货企业或发货人。"), optional=True),
        *handler_controls(),
        *when_controls("arrived_at", _("到货日期")),
    ]


def _named_controls(request: Request, face: Face, prefix: str, said: str) -> list[Control]:
    """A holder that is not in the list: an enterprise by its code, or at the desk a place by name and area."""
    areas = face.areas(request)
    named = [
        Control(
            f"{prefix}-uscc",
            _("%(said)s企业：统一社会信用代码") % {"said": said},
            optional=True,
            most=18,
            place=f"{prefix}-uscc",
        ),
        Control(
            f"{prefix}-name",
            _("%(said)s存放点名称") % {"said": said},
            optional=True,
            most=80,
            place=f"{prefix}-name",
        ),
    ]
    if not areas:
        return named
    area = Control(
        f"{prefix}-area", _("存放点所在区域"), "select", options=areas, optional=True, place=f"{prefix}-area"
    )
    return [*named, area]


def form(
    request: Request,
    face: Face,
    controls: Sequence[Control],
    refused: Refusal | None,
    *,
    files: Attaching | None = None,
    values: dict[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """A page with one form, shown with what was typed and what is wrong."""
    typed_in = values_of(request) if request.method == "POST" else values or {}
    invalid = refused if isinstance(refused, Invalid) else None
    shown = bound(controls, typed_in, invalid)
    told = summary(invalid, controls) if invalid else []
    if files is not None and invalid is not None:
        files.refuse(invalid.problems)
    if refused is not None and invalid is None:
        told = [{"text": refused.message, "url": "#main"}]
    context = {
        "controls": shown,
        "summary": told,
        "files": files,
        "key": typed(request, "key", most=36) or new_id(),
        **context,
        **face.around(request),
    }
    return render(request, "web/goods/form.html", context, status=refused.status if refused else 200)


def show(request: Request, face: Face, lot_id: UUID) -> HttpResponse:
    """One lot: where it lies, what happened to it, its papers, what can be done."""
    lot = load_lot(lot_id, request.actor)
    balances = [(one, may_record(one.holder, request.actor)) for one in queries.balances(lot)]
    seen = set(Holder.objects.visible_to(request.actor).filter(balances__lot=lot).values_list("pk", flat=True))
    if not face.at_desk:
        balances = [(one, may) for one, may in balances if one.holder_id in seen]
    moves = queries.movements(lot)
    if not face.at_desk:
        moves = [one for one in moves if seen & {one.source_holder_id, one.target_holder_id}]
    files = list(LotFile.objects.filter(lot=lot).select_related("blob", "holder"))
    there = {one.kind for one in files}
    mine = [one for one, may in balances if may and one.quantity]
    context = {
        "lot": lot,
        "balances": balances,
        "left": sum((one.quantity for one, _may in balances), start=type(mine[0].quantity)(0) if mine else 0),
        "moves": moves,
        "files": files,
        "lacking": [Paper(kind).label for kind in lot.item.papers if kind not in there],
        "may": bool(mine),
        "may_paper": any(may for _one, may in balances),
        "kinds": [(kind, MovementKind(kind).label) for kind in KINDS if lot.recall_id is None or kind in RELEASED],
        "over": expired(lot, today_of(request)),
        "may_recall": face.at_desk and seat_to_recall(lot, request.actor) is not None,
        "own": seen,
        **face.around(request),
    }
    return render(request, "web/goods/lot.html", context)


KINDS = ("move", "sell", "use", "split", "join", "return", "destroy", "count")
"""What can be done to a lot that is here, the usual first."""


def do(request: Request, face: Face, lot_id: UUID, kind: str) -> HttpResponse:
    """Record what happens to a lot: one kind, one page."""
    if kind not in KINDS:
        raise NotFound(_("没有这个操作。"))
    lot = load_lot(lot_id, request.actor)
    refused: Refusal | None = None
    held = _recordable(lot, request)
    controls = _do_controls(request, face, lot, kind, held)
    if request.method == "POST":
        try:
            made = _done(request, face, lot, kind, held)
        except (Invalid, Refused, Stale) as refusal:
            refused = refusal
        else:
            return _after(request, face, lot, kind, made)
    label = MovementKind(kind).label
    context: dict[str, Any] = {"title": f"{label} · {lot.item} {lot.number}", "button": _("登记"), "lot": lot}
    return form(request, face, controls, refused, **context)


def _after(request: Request, face: Face, lot: Lot, kind: str, made: list[Movement]) -> HttpResponse:
    if not made:
        messages.success(request, _("账实相符，没有差异。"))
    elif kind in ("split", "join"):
        numbers = sorted({one.target.number for one in made if one.target})
        messages.success(request, _("已登记，新批次：%(numbers)s。") % {"numbers": _("、").join(numbers)})
    else:
        messages.success(request, _("已登记。"))
    if kind == "join" and made and made[0].target:
        return redirect(f"{face.prefix}goods-lot", made[0].target.pk)
    return redirect(f"{face.prefix}goods-lot", lot.pk)


def _recordable(lot: Lot, request: Request) -> list[Balance]:
    """Where the lot lies and one may record what happens. Raises NotFound where that is nowhere."""
    found = [one for one in queries.balances(lot) if may_record(one.holder, request.actor)]
    here = [one for one in found if one.quantity] or found
    if not here:
        raise NotFound(_("这个批次不在您这里。"))
    return here


def _do_controls(request: Request, face: Face, lot: Lot, kind: str, held: list[Balance]) -> list[Control]:
    unit = lot.item.measured_in
    options = [(f"{one.holder_id}", f"{one.holder}（{plain(one.quantity)} {unit}）") for one in held]
    amount = _("数量（%(unit)s）") % {"unit": unit}
    source = [Control("source", _("从哪里"), "select", options=options, value=options[0][0])]
    reason = Control("reason", _("原因"), most=200, width="")
    if kind == "split":
        parts = [
            Control(
                f"parts-{place}",
                _("新批次 %(number)d 的数量（%(unit)s）") % {"number": place + 1, "unit": unit},
                "number",
                width="short",
                optional=place > 0,
                most=20,
            )
            for place in range(MOST_PARTS)
        ]
        return source + parts + when_controls("at", _("拆分日期"))
    if kind == "join":
        return source + _join_controls(lot, held) + when_controls("at", _("合并日期"))
    if kind == "count":
        there = Control("there", _("实际有多少（%(unit)s）") % {"unit": unit}, "number", width="short", most=20)
        return [*source, there, Control("reason", _("有差异的原因"), optional=True, most=200, width="")]
    controls = [*source, Control("quantity", amount, "number", width="short", most=20)]
    if kind == "move":
        # Nothing is chosen beforehand: a firm with one store would have its goods go where they are.
        places = [("", _("请选择")), *(one for one in face.holders(request) if one[0])]
        controls += [Control("to", _("运到哪里"), "select", options=places, optional=True)]
        controls += _named_controls(request, face, "to", _("不在列表里的"))
        controls += [*handler_controls(), *when_controls("at", _("发出日期"))]
    elif kind == "sell":
        controls += [
            Control(
                "to-uscc",
                _("买方企业：统一社会信用代码"),
                help=_("本平台上的企业，卖出后由它接着登记。"),
                optional=True,
                most=18,
                place="to",
            ),
            Control("outside", _("其他买方的名称"), help=_("外地企业、个人；零售可以不填。"), optional=True),
            Control("outside_person", _("买方是个人"), "check", optional=True),
            *handler_controls(wanted=False),
            *when_controls("at", _("销售日期")),
        ]
    elif kind == "return":
        controls += [
            Control("to-uscc", _("退给本平台上的企业：统一社会信用代码"), optional=True, most=18, place="to"),
            Control("outside", _("退给其他供货方的名称"), optional=True),
            reason,
            *handler_controls(),
        ]
    elif kind == "use":
        controls += [
            Control("reason", _("用在哪里"), optional=True, most=200, width=""),
            *when_controls("at", _("使用日期")),
        ]
    else:
        controls += [reason, *handler_controls(wanted=False), *when_controls("at", _("销毁日期"))]
    return controls


def _join_controls(lot: Lot, held: list[Balance]) -> list[Control]:
    """This lot and the others of the item where one may record, each with how much of it goes in."""
    here = [one.holder_id for one in held]
    rows = Balance.objects.filter(holder__in=here, lot__item=lot.item_id, quantity__gt=0)
    found = sorted(rows.select_related("lot", "holder"), key=lambda one: (one.lot_id != lot.pk, one.lot.number))
    once: dict[UUID, Balance] = {}
    for one in found:
        once.setdefault(one.lot_id, one)
    words = _("%(number)s 并入多少（%(holder)s有 %(there)s）")
    return [
        Control(
            f"join-{one.lot_id}",
            words % {"number": one.lot.number, "holder": one.holder, "there": plain(one.quantity)},
            "number",
            width="short",
            optional=True,
            most=20,
            place=f"parts-{place}" if place else "parts",
        )
        for place, one in enumerate(once.values())
    ][:20]


def _done(request: Request, face: Face, lot: Lot, kind: str, held: list[Balance]) -> list[Movement]:
    key = uuid_from(typed(request, "source", most=36))
    source = next((one.holder for one in held if one.holder_id == key), held[0].holder)
    told: dict[str, Any] = {
        "carried": carried_from(request),
        "when": when_from(request, "at"),
        "stamp": stamp(request, face),
    }
    if kind == "split":
        parts = [part for part in (typed(request, f"parts-{n}", most=30) for n in range(MOST_PARTS)) if part]
        return actions.split(lot, parts or [""], holder=source, **told)
    if kind == "join":
        return actions.join(_joined(request), holder=source, **told)
    if kind == "count":
        return actions.count(lot, typed(request, "there", most=30), holder=source, **told)
    quantity = typed(request, "quantity", most=30)
    if kind == "use":
        return actions.use(lot, quantity, source=source, **told)
    if kind == "destroy":
        return actions.destroy(lot, quantity, source=source, **told)
    to = where_from(request, "to")
    if kind == "move":
        return actions.move(lot, quantity, source=source, to=to, **told)
    act = actions.sell if kind == "sell" else actions.give_back
    return act(lot, quantity, source=source, to=to, **told)


def _joined(request: Request) -> list[tuple[UUID, str]]:
    """The lots that are joined, as far as one may see them, each with how much of it."""
    found = []
    for name in request.POST:
        key = uuid_from(name.removeprefix("join-")) if name.startswith("join-") else None
        if key is not None and (quantity := typed(request, name, most=30)):
            found.append((load_lot(key, request.actor).pk, quantity))
    return found


def paper(request: Request, face: Face, lot_id: UUID, kind: str) -> HttpResponse:
    """Add a certificate to a lot, or a picture of its packaging being disinfected."""
    if kind not in ("certificate", "disinfection"):
        raise NotFound(_("没有这个操作。"))
    lot = load_lot(lot_id, request.actor)
    held = _recordable(lot, request)
    refused: Refusal | None = None
    files = attached(request) if request.method == "POST" else Attaching(PLACE)
    controls = _certificate_controls(lot) if kind == "certificate" else _disinfection_controls(held)
    if request.method == "POST":
        try:
            _bind(request, lot, kind, held, files)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("已保存。"))
            return redirect(f"{face.prefix}goods-lot", lot.pk)
    title = _("登记证明") if kind == "certificate" else _("登记外包装消毒")
    context: dict[str, Any] = {"title": f"{title} · {lot.item} {lot.number}", "button": _("保存"), "camera": True}
    context |= {"lot": lot}
    return form(request, face, controls, refused, files=files, **context)


def _certificate_controls(lot: Lot) -> list[Control]:
    kinds = sorted(Paper.choices, key=lambda one: one[0] not in lot.item.papers)
    return [
        Control("kind", _("哪种证明"), "select", options=[("", _("请选择")), *((v, str(w)) for v, w in kinds)]),
        Control("number", _("编号"), most=60),
        Control("issued_on", _("出具日期"), "date", width="short"),
        Control("lab", _("出具单位"), optional=True, most=80),
    ]


def _disinfection_controls(held: list[Balance]) -> list[Control]:
    options = [(f"{one.holder_id}", one.holder.name) for one in held]
    return [
        Control("source", _("在哪里"), "select", options=options, value=options[0][0]),
        Control("who", _("消毒人员"), most=60),
        *when_controls("done_at", _("消毒日期")),
    ]


def _bind(request: Request, lot: Lot, kind: str, held: list[Balance], files: Attaching) -> None:
    told: dict[str, Any] = {
        "key": uuid_from(typed(request, "key")) or new_id(),
        "by": request.actor,
        "at": request.now,
    }
    if kind == "certificate":
        said = Certificate(
            typed(request, "kind", most=12),
            typed(request, "number", most=60),
            day_from(request, "issued_on"),
            typed(request, "lab", most=80),
        )
        actions.certify(lot, said, files.handed(), **told)
        return
    key = uuid_from(typed(request, "source", most=36))
    holder = next((one.holder for one in held if one.holder_id == key), held[0].holder)
    who, when = typed(request, "who", most=60), when_from(request, "done_at")
    actions.disinfected(lot, files.handed(), holder=holder, who=who, done_at=when, **told)


def arrival(request: Request, face: Face, movement_id: UUID) -> HttpResponse:
    """Goods on their way to a holder: whoever receives them says what arrived."""
    movement = load_movement(movement_id, request.actor)
    if not movement.is_between or movement.target_holder is None or movement.source is None:
        raise NotFound(_("没有找到这笔记录。"))
    if not may_record(movement.target_holder, request.actor):
        raise NotFound(_("没有找到这笔记录。"))
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            actions.confirm(
                movement,
                typed(request, "quantity", most=30),
                arrived_at=when_from(request, "arrived_at"),
                note=typed(request, "note", most=200),
                by=request.actor,
                at=request.now,
            )
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("已确认收货。"))
            return redirect(f"{face.prefix}goods-lot", movement.source_id)
    unit = movement.source.item.measured_in
    controls = [
        Control(
            "quantity",
            _("实收数量（%(unit)s）") % {"unit": unit},
            "number",
            width="short",
            value=plain(movement.quantity),
        ),
        *when_controls("arrived_at", _("到货日期")),
        Control(
            "note", _("说明"), help=_("路上时间长、有破损等情况，写在这里。"), optional=True, width="", most=200
        ),
    ]
    context: dict[str, Any] = {
        "title": _("确认收货"),
        "button": _("确认收货"),
        "movement": movement,
        "lot": movement.source,
    }
    return form(request, face, controls, refused, **context)


__all__ = ["arrival", "do", "form", "index", "new", "paper", "show", "stamp"]

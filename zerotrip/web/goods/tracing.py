"""The trace of a lot: as a page with a picture, as a workbook, on paper. And recall."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from openpyxl import Workbook

from zerotrip import prevention
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.licences.printing import render as printed
from zerotrip.licences.queries import masked
from zerotrip.prevention.lots import actions, queries
from zerotrip.prevention.lots.access import load_lot, seat_to_recall
from zerotrip.prevention.lots.tracing import Lack, Trace, Way, trace
from zerotrip.web.goods.fields import Control
from zerotrip.web.goods.views import PAGE_SIZE, form
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import paper_language, typed
from zerotrip.web.templatetags.show import exactly, stamp
from zerotrip.web.workbooks import MOST_ROWS, workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.errors import Refusal
    from zerotrip.prevention.lots.tracing import Step
    from zerotrip.prevention.models import Holder, Lot
    from zerotrip.web.goods.face import Face
    from zerotrip.web.requests import Request

MOST_LINES = 400
"""Movements that are listed on the page; the workbook has all."""
MOST_BOXES = 60
"""Places a picture shows: beyond that nobody follows its lines."""


def show(request: Request, face: Face, lot_id: UUID) -> HttpResponse:
    """Where a lot came from and where it went, what is missing, as a picture and as a list.

    Names of people are hidden until somebody says what for; that is journalled.
    """
    lot = load_lot(lot_id, request.actor)
    refused: Refusal | None = None
    named = False
    if request.method == "POST":
        try:
            actions.reveal(lot, reason=typed(request, "reason", most=300), by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            named = True
    found = trace(lot, at=request.now)
    if request.GET.get("as") == "xlsx":
        return as_workbook(found)
    if request.GET.get("as") == "pdf":
        return on_paper(found, request)
    context = {
        "lot": lot,
        "trace": found,
        "picture": picture_of(found),
        "behind": [told(step, named=named) for step in found.on(Way.BEHIND)[:MOST_LINES]],
        "ahead": [told(step, named=named) for step in found.on(Way.AHEAD)[:MOST_LINES]],
        "more": max(len(found.on(way)) for way in Way) > MOST_LINES or found.cut,
        "lacks": lacks(found),
        "named": named,
        "reason": typed(request, "reason", most=300),
        "problems": refused.problems.get("reason", []) if isinstance(refused, Invalid) else [],
        **face.around(request),
    }
    return render(request, "web/goods/trace.html", context, status=refused.status if refused else 200)


@dataclass(frozen=True)
class Told:
    """A movement in words."""

    step: Step
    what: str
    where: str
    whom: str
    arrived: str

    @property
    def amount(self) -> str:
        """How much."""
        return f"{exactly(self.step.quantity)} {self.step.item.measured_in}"

    @property
    def lots(self) -> str:
        """Of which lot, and into which where that is another."""
        source, target = self.step.source, self.step.target
        if source is not None and target is not None and source.pk != target.pk:
            return f"{source.number} → {target.number}"
        lot = source or target
        return lot.number if lot else ""


def told(step: Step, *, named: bool) -> Told:
    """A movement in words; people with their first character alone, unless ``named``."""
    source, target = step.source_holder, step.target_holder
    outside = step.outside if named or not step.outside_person else masked(step.outside)
    if source is not None and target is not None:
        where = source.name if source.pk == target.pk else f"{source.name} → {target.name}"
    elif source is not None:
        where = f"{source.name} → {outside}" if outside else source.name
    else:
        there = target.name if target else ""
        where = f"{outside} → {there}" if outside else there
    people = [step.handler, step.handler_phone, step.plate] if named else [masked(step.handler)]
    whom = " ".join(part for part in people if part)
    arrived = ""
    if step.is_between:
        arrived = (
            _("没有确认收货") if step.arrived_at is None else _("%(at)s 收到") % {"at": stamp(step.arrived_at)}
        )
    return Told(step, str(step.kind.label), where, whom, arrived)


def lacks(found: Trace) -> list[tuple[str, list[Any]]]:
    """The gaps, by what is lacking."""
    names = {
        Lack.UNACCOUNTED: _("数量对不上"),
        Lack.ORDER: _("时间先后不对"),
        Lack.PAPER: _("缺证明"),
        Lack.UNCONFIRMED: _("没有确认收货"),
        Lack.HANDLER: _("没有经手人"),
        Lack.TIME: _("路上时间没有说明"),
    }
    by_lack: defaultdict[Lack, list[Any]] = defaultdict(list)
    for gap in found.gaps:
        by_lack[gap.lack].append(gap)
    return [(names[lack], by_lack[lack]) for lack in names if by_lack[lack]]


@dataclass(frozen=True)
class Box:
    """A lot at a holder, in the picture."""

    x: int
    y: int
    holder: str
    number: str
    own: bool


@dataclass(frozen=True)
class Picture:
    """A trace drawn from left to right: boxes, and lines from one to the other."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[tuple[int, int, int, int]]
    more: int
    """Places that are not drawn."""


BOX, HIGH, APART, BELOW = 168, 52, 44, 16


def picture_of(found: Trace) -> Picture:
    """Each place as far to the right as the longest way to it has steps."""
    nodes: dict[tuple[UUID, UUID], tuple[Lot, Holder]] = {}
    edges: list[tuple[tuple[UUID, UUID], tuple[UUID, UUID]]] = []
    depth: dict[tuple[UUID, UUID], int] = {}
    for step in found.steps:
        source = _node(step.source, step.source_holder, nodes)
        target = _node(step.target, step.target_holder, nodes)
        if source is not None:
            depth.setdefault(source, 0)
        if target is None:
            continue
        if source is None or source == target:
            depth.setdefault(target, 0)
        else:
            depth.setdefault(target, depth[source] + 1)
            edges.append((source, target))
    drawn = list(nodes)[:MOST_BOXES]
    placed: dict[tuple[UUID, UUID], tuple[int, int]] = {}
    filled: defaultdict[int, int] = defaultdict(int)
    for key in drawn:
        column = depth[key]
        placed[key] = (column * (BOX + APART), filled[column] * (HIGH + BELOW))
        filled[column] += 1
    boxes = [_box(key, nodes, placed, found.lot) for key in drawn]
    lines = [
        (placed[a][0] + BOX, placed[a][1] + HIGH // 2, placed[b][0], placed[b][1] + HIGH // 2)
        for a, b in dict.fromkeys(edges)
        if a in placed and b in placed
    ]
    columns = max(filled, default=0) + 1
    rows = max(filled.values(), default=1)
    width, height = columns * (BOX + APART) - APART, rows * (HIGH + BELOW) - BELOW
    return Picture(width + 2, height + 2, boxes, lines, len(nodes) - len(drawn))


def _node(
    lot: Lot | None, holder: Holder | None, nodes: dict[tuple[UUID, UUID], tuple[Lot, Holder]]
) -> tuple[UUID, UUID] | None:
    if lot is None or holder is None:
        return None
    key = (lot.pk, holder.pk)
    nodes.setdefault(key, (lot, holder))
    return key


def _box(
    key: tuple[UUID, UUID],
    nodes: dict[tuple[UUID, UUID], tuple[Lot, Holder]],
    placed: dict[tuple[UUID, UUID], tuple[int, int]],
    own: Lot,
) -> Box:
    lot, holder = nodes[key]
    name = holder.name if len(holder.name) <= 11 else f"{holder.name[:10]}…"
    return Box(placed[key][0] + 1, placed[key][1] + 1, name, lot.number, lot.pk == own.pk)


def _head() -> list[str]:
    return [_("方向"), _("时间"), _("经过"), _("批次"), _("地点"), _("数量"), _("经手人"), _("收货")]


def _lines(found: Trace, most: int) -> list[list[str]]:
    ways = {Way.BEHIND: _("来源"), Way.AHEAD: _("去向")}
    return [
        [
            ways[step.way],
            stamp(step.at),
            row.what,
            row.lots,
            row.where,
            row.amount,
            row.whom,
            row.arrived,
        ]
        for step in found.steps[:most]
        for row in (told(step, named=False),)
    ]


def _gap_lines(found: Trace) -> list[list[str]]:
    return [
        [name, gap.lot.number, gap.holder.name if gap.holder else "", gap.words]
        for name, gaps in lacks(found)
        for gap in gaps
    ]


def as_workbook(found: Trace) -> HttpResponse:
    """The trace as a workbook: its movements, and what is missing."""
    from zerotrip.enterprises.sheets.writing import defused

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("来龙去脉"))
    sheet.append(_head())
    for line in _lines(found, MOST_ROWS):
        sheet.append([defused(cell) for cell in line])
    gaps = book.create_sheet(_("缺口"))
    gaps.append([_("缺什么"), _("批次"), _("地点"), _("说明")])
    for line in _gap_lines(found)[:MOST_ROWS]:
        gaps.append([defused(cell) for cell in line])
    return workbook(_("追溯-%(number)s.xlsx") % {"number": found.lot.number}, book)


PAPER = "trace.typ"
ON_PAPER = 1000
"""Movements on paper."""


def on_paper(found: Trace, request: Request) -> HttpResponse:
    """The trace on paper, in the reader's language."""
    lot = found.lot
    data = {
        "language": paper_language(),
        "title": _("货物追溯报告"),
        "lot": f"{lot.item} {lot.number}",
        "as_of": _("%(name)s，%(at)s") % {"name": request.actor.name, "at": stamp(request.now)},
        "facts": [
            [_("报关单号"), lot.consignment or "—"],
            [_("原产地"), " ".join(part for part in (lot.country, lot.port) if part) or "—"],
            [_("生产批号"), lot.marks or "—"],
            [_("到货"), stamp(lot.arrived_at)],
            [_("经过的地方"), str(len(found.holders))],
        ],
        "gap_title": _("缺口"),
        "gaps": [f"{line[0]}：{line[1]} {line[2]} {line[3]}" for line in _gap_lines(found)],
        "no_gaps": _("没有缺口。"),
        "head": _head(),
        "rows": _lines(found, ON_PAPER),
    }
    answer = HttpResponse(
        printed({PAPER: _template()}, PAPER, data, at=request.now), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="trace-{lot.number}.pdf"'
    return answer


@cache
def _template() -> str:
    return (Path(prevention.__file__).parent / "templates" / PAPER).read_text(encoding="utf-8")


def recall(request: Request, face: Face, lot_id: UUID) -> HttpResponse:
    """Hold a lot and everything made of it; once it is held, who has answered, and letting it go."""
    lot = load_lot(lot_id, request.actor)
    if seat_to_recall(lot, request.actor) is None and lot.recall is None:
        raise NotAllowed(_("由货物所在地的部门负责人封存。"))
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            _act(request, lot)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            return redirect("desk-goods-recall" if lot.recall is None else "desk-goods-lot", lot.pk)
    if lot.recall is None:
        help = _("会写进给各存放点的通知。4 小时内要答复。")
        controls: Sequence[Control] = [Control("reason", _("为什么封存"), "long", help, width="", most=400)]
        title = _("封存 %(item)s %(number)s") % {"item": lot.item, "number": lot.number}
        return form(request, face, controls, refused, title=title, button=_("封存并通知"), lot=lot)
    context = {
        "lot": lot,
        "recall": lot.recall,
        "lots": list(lot.recall.lots.select_related("item").order_by("number")),
        "holdings": queries.recalled(lot.recall),
        "page": page_of(request, queries.sold_away(lot.recall), size=PAGE_SIZE),
        "may_lift": seat_to_recall(lot, request.actor) is not None,
        "problems": refused.problems.get("reason", []) if isinstance(refused, Invalid) else [],
        "reason": typed(request, "reason", most=400),
        **face.around(request),
    }
    return render(request, "web/goods/recall.html", context, status=refused.status if refused else 200)


def _act(request: Request, lot: Lot) -> None:
    reason = typed(request, "reason", most=500)
    if lot.recall is None:
        key = uuid_from(typed(request, "key")) or new_id()
        actions.recall(lot, reason=reason, key=key, by=request.actor, at=request.now)
        messages.success(request, _("已封存，各存放点会收到通知。"))
    else:
        actions.lift(lot.recall, reason=reason, by=request.actor, at=request.now)
        messages.success(request, _("已解除封存。"))

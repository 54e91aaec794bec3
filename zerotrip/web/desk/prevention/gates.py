"""The gate log at the desk: one screen to log a vehicle, the lists, whom no gate lets in, a day on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.files.models import Blob
from zerotrip.ids import new_id
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.exporting import right_of
from zerotrip.prevention.gates import actions, queries
from zerotrip.prevention.gates.plates import is_odd, normal
from zerotrip.prevention.gates.rules import blocks_of, may_log
from zerotrip.prevention.gates.spec import rules
from zerotrip.prevention.models import Block, HealthColour, Measure, Passage, Site
from zerotrip.prevention.picture.rows import passages
from zerotrip.web.attaching import attached
from zerotrip.web.cases.files import serve
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.counted import counted_in
from zerotrip.web.desk.prevention.exporting import asked_why
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, storable, today_of, typed
from zerotrip.web.workbooks import as_csv
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

STATES = ("inside", "overdue", "refused")
MOST_INSIDE = 30
"""Vehicles of the list beside the form."""
FILLED = ("origin", "goods", "goods_note")
"""What the last passage of a plate fills in. Its driver is shown hidden, to be confirmed or typed anew."""


@require_GET
@during(Measure.GATES)
def index(request: Request) -> HttpResponse:
    """The log of a day: counts, by gate, the rows that are searched for."""
    spec, search = rules(), _search(request)
    counted = counted_in(request)
    rows: QuerySet[Passage] = queries.passages(search, by=request.actor, at=request.now, spec=spec)
    if counted is not None:
        rows = passages(counted.asked).of(counted.part)
    whole = queries.passages(
        queries.Search(day=search.day, gate=search.gate), by=request.actor, at=request.now, spec=spec
    )
    overdue = Passage.objects.visible_to(request.actor).overdue(request.now, spec.stay_hours)
    gates = queries.gates_of(request.actor, on=today_of(request))
    goods = spec.named()
    page = page_of(request, rows.select_related("gate", "to"), size=50)
    context = {
        "page": page,
        "lines": [(row, goods.get(row.goods, row.goods)) for row in page.object_list],
        "totals": queries.counts(whole, at=request.now, spec=spec),
        "by_gate": queries.by_gate(whole),
        "overdue": overdue.count(),
        "hours": spec.stay_hours,
        "gates": gates,
        "search": search,
        "counted": counted,
        "query": counted.query if counted else _query(search),
        "sheet": _query(search),
        "exports": right_of(request.actor, on=today_of(request)) is not None,
        "logs": bool(gates) and any(may_log(request.actor, gate.area_path) for gate in gates),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/gates/index.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.GATES)
def export(request: Request) -> HttpResponseBase:
    """The rows of the list as CSV, telephone numbers hidden: for whoever was named, and says why."""
    if (page := asked_why(request, _("卡口登记"), back=reverse("desk-gates"))) is not None:
        return page
    spec, search = rules(), _search(request)
    rows = queries.passages(search, by=request.actor, at=request.now, spec=spec)
    name = _("卡口登记-%(day)s.csv") % {"day": f"{(search.day or today_of(request)):%Y%m%d}"}
    return as_csv(name, queries.lines(rows, spec, named=True))


@require_GET
@during(Measure.GATES)
def day(request: Request) -> HttpResponse:
    """A day of the log to be printed and signed; drivers with their names hidden."""
    spec, asked = rules(), _search(request)
    search = queries.Search(day=asked.day or today_of(request), gate=asked.gate)
    rows = queries.passages(search, by=request.actor, at=request.now, spec=spec)
    lines = queries.lines(rows.order_by("entered_at", "pk"), spec)
    context = {
        "day": search.day,
        "gate": Site.objects.filter(pk=search.gate).first() if search.gate else None,
        "heading": next(lines),
        "lines": [[cell.removeprefix(f"{search.day} ") for cell in line] for line in lines],
        "totals": queries.counts(rows, at=request.now, spec=spec),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/gates/day.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.GATES)
def log(request: Request, gate_id: UUID) -> HttpResponse:
    """One screen at the gate: the plate first, what is known of it filled in, and in it goes."""
    gates = queries.gates_of(request.actor, on=today_of(request))
    gate = next((one for one in gates if one.pk == gate_id), None)
    if gate is None:
        raise NotFound(_("没有这个卡口。"))
    refused: Invalid | None = None
    files = attached(request, photo=True)
    plate = normal(typed(request, "plate") or storable(request.GET.get("plate", ""))[:40])
    last = queries.last_of(plate, area_paths=[gate.area_path]) if plate else []
    same = last[0] if last and typed(request, "same") == str(last[0].pk) else None
    if request.method == "POST":
        try:
            handed = files.handed()
            passage = actions.log_in(
                uuid_from(typed(request, "id")) or new_id(),
                _typed(request, same),
                gate=gate.pk,
                by=request.actor,
                at=request.now,
                device_at=_moment(typed(request, "device_at", most=40)),
                device_now=_moment(typed(request, "device_now", most=40)),
                picture=handed[0] if handed else None,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            words = {"plate": passage.plate}
            told = _("%(plate)s 没有放行，已登记。") if passage.refused else _("%(plate)s 已登记，放行。")
            messages.success(request, told % words)
            return redirect("desk-gate", gate.pk)
    inside = Passage.objects.inside().filter(gate=gate).select_related("to")
    spec = rules()
    context = {
        "gate": gate,
        "gates": gates,
        "plate": plate,
        "odd": bool(plate) and is_odd(plate),
        "blocks": blocks_of(plate, "", area_path=gate.area_path, at=request.now) if plate else [],
        "last": last,
        "same": same,
        "still": next((one for one in last if one.left_at is None and not one.refused), None),
        "values": request.POST if refused else _filled(last),
        "goods": [(one.id, str(one.name)) for one in spec.goods],
        "colours": HealthColour.choices,
        "inside": inside[:MOST_INSIDE],
        "inside_count": inside.count(),
        "late": request.now - timedelta(hours=spec.stay_hours),
        "files": files,
        "id": new_id(),
        "logs": may_log(request.actor, gate.area_path),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/gates/log.html", context, status=refused.status if refused else 200)


@require_POST
@during(Measure.GATES)
def leave(request: Request, passage_id: UUID) -> HttpResponse:
    """Log that a vehicle left."""
    passage = get_object_or_404(Passage.objects.visible_to(request.actor), pk=passage_id)
    actions.log_out(
        passage.pk,
        by=request.actor,
        at=request.now,
        out_id=uuid_from(typed(request, "id")),
        device_at=_moment(typed(request, "device_at", most=40)),
        device_now=_moment(typed(request, "device_now", most=40)),
    )
    messages.success(request, _("%(plate)s 已登记离开。") % {"plate": passage.plate})
    gate = uuid_from(typed(request, "gate"))
    return redirect("desk-gate", gate) if gate else redirect("desk-gates")


@never_cache
@require_http_methods(["GET", "POST"])
@during(Measure.GATES)
def driver(request: Request, passage_id: UUID) -> HttpResponse:
    """The driver of a passage in full, once, for a reason that is kept."""
    passage = get_object_or_404(Passage.objects.visible_to(request.actor).select_related("gate"), pk=passage_id)
    refused: Invalid | None = None
    told = False
    if request.method == "POST":
        try:
            actions.reveal(passage.pk, reason=typed(request, "reason", most=500), by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            told = True
    context = {
        "passage": passage,
        "told": told,
        "reason": typed(request, "reason", most=500),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/gates/driver.html", context, status=refused.status if refused else 200)


@require_GET
@during(Measure.GATES)
def picture(request: Request, passage_id: UUID) -> HttpResponseBase:
    """The picture that was taken of a vehicle."""
    passage = get_object_or_404(Passage.objects.visible_to(request.actor), pk=passage_id)
    blob = Blob.objects.filter(pk=passage.picture_id).first()
    if blob is None:
        raise NotFound(_("没有找到这个文件。"))
    return serve(blob, passage.plate)


@require_http_methods(["GET", "POST"])
@during(Measure.GATES)
def blocks(request: Request) -> HttpResponse:
    """Whom no gate lets in; a POST puts one on the list."""
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            actions.block(
                plate=typed(request, "plate", most=40),
                phone=typed(request, "phone", most=20),
                reason=typed(request, "reason", most=200),
                until=day_or_none(request, "until"),
                area_path=area_path_of(typed(request, "area", most=15)),
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已列入，各卡口不再放行。"))
            return redirect("desk-gate-blocks")
    context = {
        "rows": Block.objects.visible_to(request.actor).in_force(request.now),
        "areas": areas_of(request.actor),
        "values": request.POST,
        "key": new_id(),
        "logs": any(may_log(request.actor, seat.area_path) for seat in request.actor.seats),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/gates/blocks.html", context, status=refused.status if refused else 200)


@require_POST
@during(Measure.GATES)
def lift(request: Request, block_id: UUID) -> HttpResponse:
    """Let in again whom a block kept out."""
    actions.lift(block_id, reason=typed(request, "reason", most=200), by=request.actor, at=request.now)
    messages.success(request, _("已移出名单。"))
    return redirect("desk-gate-blocks")


def _typed(request: Request, same: Passage | None) -> actions.Logged:
    """What was typed; of the driver what is left out is as of the last passage, where that was confirmed."""
    driver, phone = typed(request, "driver", most=200), typed(request, "phone", most=30)
    if same is not None and not driver:
        driver, phone = same.driver, phone or same.phone
    return actions.Logged(
        plate=typed(request, "plate", most=60),
        driver=driver,
        phone=phone,
        origin=typed(request, "origin", most=200),
        goods=typed(request, "goods", most=60),
        goods_note=typed(request, "goods_note", most=120),
        to_name=typed(request, "to_name", most=200),
        temperature=_degrees(typed(request, "temperature", most=6)),
        colour=typed(request, "colour", most=8),
        disinfected=typed(request, "disinfected") == "1",
        refused=typed(request, "refused", most=200),
    )


def _degrees(text: str) -> Decimal | None:
    try:
        degrees = Decimal(text)
    except InvalidOperation:
        return None
    return degrees.quantize(Decimal("0.1")) if degrees.is_finite() and abs(degrees) < 1000 else None


def _filled(last: list[Passage]) -> Mapping[str, Any]:
    known = last[0] if last else None
    values: dict[str, Any] = {"colour": HealthColour.GREEN.value, "goods": "none"}
    if known is not None:
        values |= {name: getattr(known, name) for name in FILLED}
        values["to_name"] = known.to.name if known.to else known.to_name
    return values


def _search(request: Request) -> queries.Search:
    given = request.GET
    state = given.get("state", "")
    try:
        asked: date | None = date.fromisoformat(given.get("day", "")[:10])
    except ValueError:
        asked = today_of(request) if "day" not in given and state != "overdue" else None
    text = storable(given.get("q", "")).strip()[:40]
    return queries.Search(
        day=asked, gate=uuid_from(given.get("gate", "")), text=text, state=state if state in STATES else ""
    )


def _query(search: queries.Search) -> str:
    asked = {"day": search.day.isoformat() if search.day else "", "gate": search.gate or "", "q": search.text}
    return urlencode(
        {name: value for name, value in (asked | {"state": search.state}).items() if value or name == "day"}
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)

"""Sealed areas at the desk: sealing, prolonging, opening again; what is owed there today, done and missed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.standing.declared import spec_of
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import DoorRequest, Measure, SealedArea, Site, SupplyRequest, Wanted
from zerotrip.prevention.sealed import actions, queries, spec
from zerotrip.prevention.sealed.codes import door_token
from zerotrip.prevention.sealed.doors import doors as doors_behind
from zerotrip.prevention.sealed.doors import names_of, wheres
from zerotrip.prevention.sealed.rules import may_seal, may_serve
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.web.sealed.sheet import ASKED, asking_of, on_paper, run_of, sheet
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

TYPED = (
    "name",
    "level",
    "area",
    "basis",
    "decided_by",
    "from_day",
    "from_hour",
    "to_day",
    "to_hour",
    "doors",
    "carrier",
)
MOST_DOORS = 400
"""Doors whose links are on a page."""
sealing = during(Measure.SUPPLIES)


@require_GET
@sealing
def index(request: Request) -> HttpResponse:
    """The areas that are sealed, then those that were."""
    found = list(SealedArea.objects.visible_to(request.actor).select_related("carrier")[:200])
    names = area_names({code_of(row.area_path) for row in found})
    levels = spec.rules().named()
    rows = [
        {
            "sealed": row,
            "area": names.get(code_of(row.area_path), ""),
            "level": levels.get(row.level, row.level),
            "state": _state(row, request.now),
        }
        for row in found
    ]
    rows.sort(key=lambda row: row["state"][2])  # type: ignore[index]
    context = {"rows": rows, "seals": _seals(request), **rail(request, "prevention")}
    return render(request, "desk/prevention/sealed/index.html", context)


def _state(sealed: SealedArea, at: datetime) -> tuple[str, str, int]:
    """Where it stands, in a word, the tone of its tag, and its place in lists."""
    if sealed.is_in_force(at):
        return _("封控中"), "warn", 0
    if sealed.lifted_at is not None:
        return _("已提前解封"), "", 2
    return (_("未开始"), "", 1) if sealed.starts_at > at else (_("已解封"), "", 2)


def _seals(request: Request) -> bool:
    return any(may_seal(request.actor, seat.area_path) for seat in request.actor.seats)


@require_http_methods(["GET", "POST"])
@sealing
def new(request: Request) -> HttpResponse:
    """Seal an area."""
    refused: Invalid | None = None
    if request.method == "POST":
        key = uuid_from(typed(request, "key")) or new_id()
        try:
            area = typed(request, "area", most=15)
            sealed = actions.seal(_told(request), area=area, key=key, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已封控，要做的送餐、清运、送药正在列出。"))
            return redirect("desk-sealed-area", sealed.pk)
    sites = Site.objects.visible_to(request.actor).open_on(today_of(request)).order_by("name", "pk")
    chosen = {name: request.POST.getlist(name) for name in ("points", "sites")}
    context = {
        "values": {name: typed(request, name, most=20_000) for name in TYPED} | _begun(request),
        "chosen": chosen,
        "transfer": typed(request, "transfer", most=40),
        "levels": spec.rules().levels,
        "areas": areas_of(request.actor),
        "points": list(sites.filter(kind="collection-point")[:200]),
        "buildings": list(sites.filter(kind__in=("building", "dormitory", "household", "building-site"))[:200]),
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/sealed/new.html", context, status=refused.status if refused else 200)


def _begun(request: Request) -> dict[str, str]:
    if request.method == "POST":
        return {}
    now = request.now.astimezone(CHINA)
    return {"from_day": now.date().isoformat(), "from_hour": f"{now:%H:%M}", "to_hour": f"{now:%H:%M}"}


def _told(request: Request) -> actions.Described:
    def keys(name: str) -> list[UUID]:
        return [key for text in request.POST.getlist(name) if (key := uuid_from(text)) is not None]

    return actions.Described(
        name=typed(request, "name", most=200),
        level=typed(request, "level", most=60),
        basis=typed(request, "basis", most=400),
        decided_by=typed(request, "decided_by", most=200),
        starts_at=moment_of(typed(request, "from_day"), typed(request, "from_hour")),
        ends_at=moment_of(typed(request, "to_day"), typed(request, "to_hour")),
        sites=keys("sites"),
        doors=typed(request, "doors", most=200_000).splitlines(),
        points=keys("points"),
        carrier=typed(request, "carrier", most=30),
        transfer=uuid_from(typed(request, "transfer")),
    )


@require_GET
@sealing
def show(request: Request, sealed_id: UUID) -> HttpResponse:
    """One sealed area: today's runs with the missed by name, what doors wait for, goods, and how it went."""
    return _page(request, _found(request, sealed_id))


def _found(request: Request, sealed_id: UUID) -> SealedArea:
    rows = SealedArea.objects.visible_to(request.actor).select_related("carrier", "transfer")
    found = rows.prefetch_related("places__site").filter(pk=sealed_id).first()
    if found is None:
        raise NotFound(_("没有这个封控区。"))
    return found


def _page(request: Request, sealed: SealedArea, step: str = "", refused: Invalid | None = None) -> HttpResponse:
    code, serves = code_of(sealed.area_path), may_serve(request.actor, sealed.area_path)
    runs = queries.runs(sealed, at=request.now)
    points = [stop.site.pk for run in runs for stop in run.stops]
    wanted = SupplyRequest.objects.visible_to(request.actor).open().filter(holder__site__in=points)
    context = {
        "sealed": sealed,
        "area": area_names({code}).get(code, ""),
        "level": spec.rules().named().get(sealed.level, sealed.level),
        "state": _state(sealed, request.now),
        "behind": queries.behind(sealed, request.now),
        "runs": [{"run": run, "name": str(spec_of(run.window.requirement).name)} for run in runs],
        "asked": queries.asked(sealed),
        "wanted": list(wanted.select_related("item", "holder")[:50]),
        "history": history(sealed.pk).order_by("-seq")[:40],
        "is_open": not sealed.is_in_force(request.now) and sealed.starts_at <= request.now,
        "seals": may_seal(request.actor, sealed.area_path),
        "serves": serves,
        "step": step,
        "values": {name: typed(request, name, most=400) for name in (*ASKED, "reason", "to_day", "to_hour")},
        "kinds": Wanted.choices,
        "wheres": _wheres(sealed, request) if serves else [],
        "key": new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/sealed/show.html", context, status=refused.status if refused else 200)


def _wheres(sealed: SealedArea, request: Request) -> list[tuple[str, str]]:
    """The grids and buildings of which a door is in one, to choose from; none where there is but one."""
    found = wheres(sealed, on=today_of(request))
    names = names_of(found) if len(found) > 1 else {}
    return [(where.key, words) for where, words in names.items()]


@require_POST
@sealing
def act(request: Request, sealed_id: UUID, step: str) -> HttpResponse:
    """Prolong it, open it again, or note what a door asks for."""
    sealed = _found(request, sealed_id)
    reason = typed(request, "reason", most=400)
    try:
        if step == "prolong":
            until = moment_of(typed(request, "to_day"), typed(request, "to_hour"))
            actions.prolong(sealed.pk, until=until, reason=reason, by=request.actor, at=request.now)
            messages.success(request, _("已延长。"))
        elif step == "lift":
            actions.lift(sealed.pk, reason=reason, by=request.actor, at=request.now)
            messages.success(request, _("已解封，正在取消还没做的送餐、清运、送药。"))
        elif step == "ask":
            key = uuid_from(typed(request, "key")) or new_id()
            asking = asking_of(request, among=wheres(sealed, on=today_of(request)))
            actions.ask(sealed.pk, asking, key=key, by=request.actor, at=request.now)
            messages.success(request, _("已记下，会出现在下一张任务单上。"))
        else:
            raise NotFound(_("没有这个页面。"))
    except Invalid as refused:
        return _page(request, sealed, step, refused)
    return redirect("desk-sealed-area", sealed.pk)


@require_POST
@sealing
def settle(request: Request, request_id: UUID) -> HttpResponse:
    """What a door asked for was brought."""
    found = DoorRequest.objects.visible_to(request.actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("没有这条需求。"))
    actions.settle(found.pk, by=request.actor, at=request.now)
    messages.success(request, _("已送到。"))
    return redirect("desk-sealed-area", found.sealed_id)


@require_GET
@sealing
def run(request: Request, sealed_id: UUID, window_id: int) -> HttpResponse:
    """The sheet of a run; with ``paper``, as PDF."""
    sealed = _found(request, sealed_id)
    found = run_of(sealed, window_id, request)
    receipt = spec_of(found.window.requirement).receipt
    held = sheet(sealed, found, request, with_codes=receipt)
    title = str(spec_of(found.window.requirement).name)
    if "paper" in request.GET:
        return on_paper(held, title, request)
    context = {
        **held,
        "title": title,
        "receipt": receipt,
        "serves": may_serve(request.actor, sealed.area_path),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/sealed/run.html", context)


@require_GET
@sealing
def doors(request: Request, sealed_id: UUID) -> HttpResponse:
    """The links of the doors, as codes to be printed and put up: over each a household asks for what it needs."""
    import segno  # slow to load, seldom drawn

    sealed = _found(request, sealed_id)
    every = doors_behind(sealed, on=today_of(request))
    names = names_of({door.where for door in every})
    every.sort(key=lambda door: (door.where.area_path, names[door.where], door.name))
    page = Paginator(every, MOST_DOORS).get_page(request.GET.get("page"))
    found = []
    for door in page:
        address = settings.SITE_URL + reverse("household", args=[door_token(sealed, door)])
        code = segno.make(address, error="m").svg_inline(scale=3, border=2)
        found.append((names[door.where], door.name, code, address))
    context = {"sealed": sealed, "doors": found, "page": page, **rail(request, "prevention")}
    return render(request, "desk/prevention/sealed/doors.html", context)

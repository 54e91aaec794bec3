"""Sampling points at the desk: what each has, how long its queue is, and which grid comes where and when."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import GridSlot, Measure, Point, PointPlan, Site
from zerotrip.prevention.rounds import points, queries
from zerotrip.prevention.rounds.planning import is_away, needs
from zerotrip.prevention.rounds.rules import may_follow, may_lead
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import number, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rounds import title_of, window_of
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.web.shifts import weekdays
from zerotrip.web.workbooks import workbook
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zerotrip.duties.models import Window

QUEUES = (0, 10, 30, 60, 100, 150, 200)
"""How many are waiting, by one tap."""
MOST = 300
PAGE_SIZE = 50
"""Grids of a plan; the workbook has them all."""


@require_GET
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """The points of one's area: queue, windows, who is there."""
    rows = Site.objects.visible_to(request.actor).open_on(today_of(request)).filter(kind=points.KIND)
    found = list(rows.select_related("point").order_by("area_path", "name")[:MOST])
    names = area_names({code_of(site.area_path) for site in found})
    team, spec = queries.team_at([site.pk for site in found], at=request.now), rules().planning
    context = {
        "rows": [
            {
                "site": site,
                "point": (point := getattr(site, "point", None)),
                "area": names.get(code_of(site.area_path), ""),
                "word": points.queue_word(point, spec, at=request.now) if point else "",
                "team": team.get(site.pk, []),
            }
            for site in found
        ],
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/points.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def show(request: Request, site_id: UUID) -> HttpResponse:
    """One point: how many are waiting by one tap; hours, windows and team below."""
    site = _site(request, site_id)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            points.describe(site.pk, _described(request), by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已保存。"))
            return redirect("desk-point", site.pk)
    point = getattr(site, "point", None)
    spec = rules().planning
    context = {
        "site": site,
        "point": point,
        "area": area_names({code_of(site.area_path)}).get(code_of(site.area_path), ""),
        "word": points.queue_word(point, spec, at=request.now) if point else "",
        "queues": QUEUES,
        "follows": may_follow(request.actor, site.area_path),
        "team": queries.team_at([site.pk], at=request.now).get(site.pk, []),
        "days": _days(request, point, refused),
        "values": _values(request, point, refused),
        "numbers": _NUMBERS,
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/point.html", context, status=refused.status if refused else 200)


_NUMBERS = {"per_hour": 100, "windows": 1, "samplers": 0, "registrars": 0, "keepers": 0}


def _values(request: Request, point: Point | None, refused: Invalid | None) -> dict[str, Any]:
    if refused:
        return {name: typed(request, name, most=4) for name in _NUMBERS}
    return {name: getattr(point, name) if point else usual for name, usual in _NUMBERS.items()}


def _days(request: Request, point: Point | None, refused: Invalid | None) -> list[dict[str, Any]]:
    held = {row.weekday: row for row in point.openings.all()} if point else {}
    found = []
    for day, name in weekdays():
        row = held.get(day)
        hours = (f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") if row else ("", "") if point else ("08:00", "18:00")
        if refused:
            hours = typed(request, f"opens_{day}", most=5), typed(request, f"closes_{day}", most=5)
        problem = refused.problems.get(f"opens_{day}", []) if refused else []
        found.append({"day": day, "name": name, "opens": hours[0], "closes": hours[1], "problem": problem})
    return found


def _described(request: Request) -> points.Described:
    hours: dict[int, points.Hours | None] = {}
    for day in range(7):
        opens, closes = _clock(typed(request, f"opens_{day}")), _clock(typed(request, f"closes_{day}"))
        hours[day] = (opens, closes) if opens is not None and closes is not None else None
    return points.Described(hours=hours, **{name: number(request, name) for name in _NUMBERS})


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


@require_POST
@during(Measure.SCREENING)
def queue(request: Request, site_id: UUID) -> HttpResponse:
    """How many are waiting now."""
    try:
        points.tell_queue(site_id, number(request, "queue"), by=request.actor, at=request.now)
    except Invalid as invalid:
        messages.error(request, invalid.message)
    else:
        messages.success(request, _("已更新，群众看到的也一样。"))
    return redirect("desk-point", site_id)


def _site(request: Request, site_id: UUID) -> Site:
    rows = Site.objects.visible_to(request.actor).filter(kind=points.KIND).select_related("point")
    return get_object_or_404(rows, pk=site_id)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def plan(request: Request, window_id: int) -> HttpResponse:
    """Which grid of a round comes to which point when: proposed, put right, confirmed, printed."""
    window = window_of(request, window_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            _plan(request, window)
            return redirect(request.get_full_path())
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
    held = PointPlan.objects.filter(window=window).select_related("confirmed_by__person", "window").first()
    slots, stands, spec = _slots(request, held), _stands(window), rules().planning
    page, loads = page_of(request, slots, size=PAGE_SIZE), _loads(held, slots)
    whole = needs(sum(each["needs"].people for each in loads), spec)
    invalid = refused if isinstance(refused, Invalid) else None
    context = {
        "window": window,
        "title": title_of(window),
        "plan": held,
        "page": page,
        "query": "",
        "slots": _lines(page.object_list),
        "edited": typed(request, "slot", most=18) if refused else "",
        "loads": loads,
        "lacks": any(each["load"].lacking for each in loads),
        "most": spec.people_per_point,
        "whole": whole,
        "points_short": max(0, whole.points - len(stands)) if loads else 0,
        "spec": spec,
        "stands": stands,
        "leads": may_lead(request.actor, window.area_path),
        "opens": typed(request, "opens", most=5) or _hour(held.opens if held else None, "08:00"),
        "closes": typed(request, "closes", most=5) or _hour(held.closes if held else None, "20:00"),
        **refused_with(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/plan.html", context, status=refused.status if refused else 200)


def _plan(request: Request, window: Window) -> None:
    step = typed(request, "step", most=10)
    more: dict[str, Any] = {"by": request.actor, "at": request.now}
    if step == "propose":
        points.plan(window.pk, _clock(typed(request, "opens")), _clock(typed(request, "closes")), **more)
        messages.success(request, _("已按名册排好，请核对后确认。"))
    elif step == "slot":
        slot, day = typed(request, "slot", most=18), typed(request, "day", most=10)
        points.put_right(
            int(slot) if slot.isascii() and slot.isdigit() else 0,
            point=uuid_from(typed(request, "point")),
            starts=moment_of(day, typed(request, "starts", most=5)),
            ends=moment_of(day, typed(request, "ends", most=5)),
            **more,
        )
        messages.success(request, _("已保存。"))
    elif step in ("confirm", "withdraw"):
        points.confirm(window.pk, confirmed=step == "confirm", **more)
        told = _("已确认，群众能查到自己网格去哪里、几点去。") if step == "confirm" else _("已撤回确认，可以再改。")
        messages.success(request, told)
    else:
        raise NotFound(_("没有这个操作。"))


def _stands(window: Window) -> list[Site]:
    rows = Site.objects.filter(kind=points.KIND, closed_on=None, area_path__startswith=window.area_path)
    return list(rows.order_by("name"))


def _hour(at: time | None, usual: str) -> str:
    return f"{at:%H:%M}" if at else usual


def _slots(request: Request, held: PointPlan | None) -> QuerySet[GridSlot]:
    """The grids of a plan one may see, point by point."""
    if held is None:
        return GridSlot.objects.none()
    seen = Q(pk__in=[])
    for seat in request.actor.seats:
        seen |= Q(area_path__startswith=seat.area_path)
    return held.slots.filter(seen).select_related("point").order_by("point__name", "starts", "area_path")


def _lines(slots: Iterable[GridSlot]) -> list[dict[str, Any]]:
    """Grids by name, with the doors that come at each step."""
    rows = list(slots)
    names = area_names({code_of(row.area_path) for row in rows})
    return [
        {
            "slot": row,
            "area": names.get(code_of(row.area_path), ""),
            "steps": points.steps_of(row),
            "away": is_away(row.area_path, row.point.area_path),
        }
        for row in rows
    ]


def _loads(held: PointPlan | None, slots: QuerySet[GridSlot]) -> list[dict[str, Any]]:
    """What each point takes, and what of it is lacking; those that lack something, first."""
    if held is None:
        return []
    loads = points.loads_of(held, slots)
    sites = Site.objects.in_bulk(list(loads))
    known, spec = Point.objects.in_bulk(list(loads)), rules().planning
    found = [
        {"site": sites[site], "point": known.get(site), "needs": needs(load.people, spec), "load": load}
        for site, load in loads.items()
    ]
    return sorted(found, key=lambda each: (not each["load"].lacking, each["site"].name))


@require_GET
@during(Measure.SCREENING)
def plan_file(request: Request, window_id: int) -> HttpResponse:
    """A plan as a workbook."""
    from openpyxl import Workbook

    window = window_of(request, window_id)
    slots = _lines(_slots(request, PointPlan.objects.filter(window=window).first()))
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("采样点安排")
    sheet.append([_("采样点"), _("地址"), _("网格"), _("人数"), _("从"), _("到")])
    steps = book.create_sheet(_("分时段"))
    steps.append([_("采样点"), _("网格"), _("几点到"), _("从哪户"), _("到哪户"), _("单位"), _("人数")])
    for each in slots:
        row: GridSlot = each["slot"]
        where, area = defused(row.point.name), defused(each["area"])
        sheet.append(
            [where, defused(row.point.address), area, row.people, _clocked(row.starts), _clocked(row.ends)]
        )
        for step in each["steps"]:
            doors = defused(step.first), defused(step.last), defused(_("、").join(filter(None, step.named)))
            steps.append([where, area, _clocked(step.starts), *doors, step.people])
    return workbook(_("采样点安排.xlsx"), book)


def _clocked(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"

"""Sampling points at the desk: what each has, how long its queue is, and which grid comes where and when."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
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
from zerotrip.prevention.rounds.planning import needs
from zerotrip.prevention.rounds.rules import may_follow, may_lead
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import number, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rounds import title_of, window_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, today_of, typed
from zerotrip.web.shifts import weekdays
from zerotrip.web.workbooks import workbook
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zerotrip.duties.models import Window

QUEUES = (0, 10, 30, 60, 100, 150, 200)
"""How many are waiting, by one tap."""
MOST = 300


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
            return redirect("desk-testing-plan", window.pk)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
    held = PointPlan.objects.filter(window=window).select_related("confirmed_by__person").first()
    slots = _slots(request, held)
    invalid = refused if isinstance(refused, Invalid) else None
    context = {
        "window": window,
        "title": title_of(window),
        "plan": held,
        "slots": slots,
        "edited": typed(request, "slot", most=18) if refused else "",
        "needs": _needs(window, slots),
        "whole": needs(sum(slot["slot"].people for slot in slots), _hours(slots), rules().planning),
        "spec": rules().planning,
        "stands": Site.objects.filter(
            kind=points.KIND, closed_on=None, area_path__startswith=window.area_path
        ).order_by("name"),
        "leads": may_lead(request.actor, window.area_path),
        "opens": typed(request, "opens", most=5) or "08:00",
        "closes": typed(request, "closes", most=5) or "20:00",
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


def _slots(request: Request, held: PointPlan | None) -> list[dict[str, Any]]:
    """The grids of a plan one may see, by name."""
    if held is None:
        return []
    rows = [
        row
        for row in held.slots.select_related("point").order_by("point__name", "starts", "area_path")
        if any(row.area_path.startswith(seat.area_path) for seat in request.actor.seats)
    ]
    names = area_names({code_of(row.area_path) for row in rows})
    return [{"slot": row, "area": names.get(code_of(row.area_path), "")} for row in rows]


def _hours(slots: Sequence[dict[str, Any]]) -> float:
    """From the first that come to the last that go, on the day that takes longest."""
    days: dict[Any, list[datetime]] = {}
    for each in slots:
        row: GridSlot = each["slot"]
        days.setdefault(row.starts.astimezone(CHINA).date(), []).extend((row.starts, row.ends))
    return sum((max(moments) - min(moments)).total_seconds() for moments in days.values()) / 3600


def _needs(window: Window, slots: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each point takes beside what it has."""
    by_point: dict[UUID, list[dict[str, Any]]] = {}
    for each in slots:
        by_point.setdefault(each["slot"].point_id, []).append(each)
    held = Point.objects.in_bulk(list(by_point))
    spec = rules().planning
    return [
        {
            "site": rows[0]["slot"].point,
            "point": held.get(site),
            "needs": needs(sum(row["slot"].people for row in rows), _hours(rows), spec),
            "late": any(row["slot"].ends > window.ends for row in rows),
        }
        for site, rows in by_point.items()
    ]


@require_GET
@during(Measure.SCREENING)
def plan_file(request: Request, window_id: int) -> HttpResponse:
    """A plan as a workbook."""
    from openpyxl import Workbook

    window = window_of(request, window_id)
    slots = _slots(request, PointPlan.objects.filter(window=window).first())
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("采样点安排")
    sheet.append([_("采样点"), _("地址"), _("网格"), _("人数"), _("从"), _("到")])
    for each in slots:
        row: GridSlot = each["slot"]
        times = [f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" for at in (row.starts, row.ends)]
        sheet.append(
            [defused(row.point.name), defused(row.point.address), defused(each["area"]), row.people, *times]
        )
    return workbook(_("采样点安排.xlsx"), book)

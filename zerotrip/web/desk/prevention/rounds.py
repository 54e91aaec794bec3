"""Rounds of screening at the desk: opened, seen running, the missing named, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.models import Filling, Window
from zerotrip.duties.standing import queries as standing
from zerotrip.duties.standing.queries import Coverage
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names
from zerotrip.prevention.models import Measure
from zerotrip.prevention.models.rounds import AFTER
from zerotrip.prevention.rounds import actions, calling, queries
from zerotrip.prevention.rounds.rules import is_followed, is_screening, may_follow, may_lead, rounds
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, moment_of, storable, typed
from zerotrip.workdays.calendar import CHINA

PAGE_SIZE = 50
MOST = 100
"""Callers chosen at once."""
_NOBODY = Coverage("", 0, 0, 0, 0)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """What is under way, how far each has come; whoever leads opens a round here."""
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            made = actions.open_round(
                _asked(request), key=uuid_from(typed(request, "key")) or new_id(), by=request.actor, at=request.now
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("这一轮正在打开，正在生成应检名单。"))
            return redirect("desk-testing-round", made.window_id)
    found = list(queries.windows(request.actor, at=request.now)[: queries.MOST])
    covered = standing.of_windows(found, request.actor, at=request.now) if found else {}
    names = area_names({code_of(window.area_path) for window in found})
    today = request.now.astimezone(CHINA)
    kinds = [(str(row.pk), row.title) for row in rounds()]
    context = {
        "rows": [
            {"title": title_of(window), "area": names.get(code_of(window.area_path), ""), **_row(window, row)}
            for window in found
            if (row := covered.get(window.pk, _NOBODY if filling_of(window) else None)) is not None
        ],
        "to_call": queries.to_call(request.actor, at=request.now).count(),
        "opens": bool(kinds) and any(may_lead(request.actor, seat.area_path) for seat in request.actor.seats),
        "kinds": kinds,
        "areas": areas_of(request.actor),
        "values": {name: typed(request, name, most=60) for name in FIELDS}
        if refused
        else {
            "first_day": f"{today:%Y-%m-%d}",
            "last_day": f"{today:%Y-%m-%d}",
            "opens": "06:00",
            "closes": "22:00",
        },
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/index.html", context, status=refused.status if refused else 200)


FIELDS = ("name", "area", "requirement", "first_day", "last_day", "opens", "closes")


def _asked(request: Request) -> actions.Asked:
    return actions.Asked(
        name=typed(request, "name", most=200),
        area=typed(request, "area", most=15),
        requirement=uuid_from(typed(request, "requirement")),
        starts=moment_of(typed(request, "first_day"), typed(request, "opens")),
        ends=moment_of(typed(request, "last_day"), typed(request, "closes")),
    )


def title_of(window: Window) -> str:
    """What a window is called: its own name, or that of its requirement."""
    return window.round.name if hasattr(window, "round") else window.requirement.title


def _row(window: Window, row: Coverage) -> dict[str, Any]:
    return {"window": window, "coverage": row, "filling": filling_of(window)}


def filling_of(window: Window) -> Filling | None:
    """How far a window is that is being opened; None for one that is whole."""
    return getattr(window, "filling", None)


def window_of(request: Request, window_id: int) -> Window:
    """A window of screening one may see. Raises Http404."""
    rows = Window.objects.visible_to(request.actor).select_related(
        "requirement", "round", "filling", "closed_by__person"
    )
    window = get_object_or_404(rows, pk=window_id)
    if not is_screening(window):
        raise NotFound(_("没有这一轮。"))
    return window


def area_in(request: Request, window: Window) -> str:
    """The area that is asked of, inside that of the window."""
    asked = storable(request.GET.get("area", "") or typed(request, "area", most=120))[:120]
    inside = asked.startswith(window.area_path) and Area.objects.filter(path=asked).exists()
    return asked if inside else window.area_path


@require_GET
@during(Measure.SCREENING)
def show(request: Request, window_id: int) -> HttpResponse:
    """One round: how far it has come, area by area, by place; what keeps it from being closed."""
    return _show(request, window_of(request, window_id))


def _show(request: Request, window: Window, refused: Refusal | None = None) -> HttpResponse:
    area, at = area_in(request, window), min(request.now, window.ends)
    total = standing.total(window, request.actor, at=request.now, area_path=area)
    below = standing.coverage(window, request.actor, at=request.now, area_path=area)
    places = standing.by_place(window, request.actor, at=request.now, area_path=area)
    names = queries.place_names({row.key for row in places})
    own = own_area_names([row.key for row in below])
    free = queries.missing(window, request.actor, at=request.now, area_path=area, whose="nobody").count()
    invalid = refused if isinstance(refused, Invalid) else None
    context = {
        "window": window,
        "title": title_of(window),
        "at": at,
        "area": area,
        "area_name": area_names({code_of(area)}).get(code_of(area), ""),
        "up": area[: area.rstrip("/").rindex("/") + 1] if area != window.area_path else "",
        "row": _row(window, total),
        "below": [{"name": own.get(row.key, ""), **_row(window, row)} for row in below if row.key != area],
        "places": [{"name": names.get(row.key, "—"), **_row(window, row)} for row in places],
        "left": max(window.ends - request.now, timedelta()),
        "filling": filling_of(window),
        "runs": window.starts <= request.now < window.ends and window.closed_at is None,
        "over": window.ends <= request.now,
        "leads": may_lead(request.actor, window.area_path),
        "follows": may_follow(request.actor, area),
        "free": free,
        "called": is_followed(window, at=request.now),
        "after": AFTER.days,
        "is_round": hasattr(window, "round"),
        "step": typed(request, "step", most=10),
        "values": {name: typed(request, name, most=400) for name in ("reason", "last_day", "closes")},
        **refused_with(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/show.html", context, status=refused.status if refused else 200)


@require_POST
@during(Measure.SCREENING)
def act(request: Request, window_id: int) -> HttpResponse:
    """Close a round, open it again, let it end later."""
    window, step = window_of(request, window_id), typed(request, "step", most=10)
    more: dict[str, Any] = {"by": request.actor, "at": request.now}
    reason = typed(request, "reason", most=500)
    try:
        if step == "close":
            actions.close(window.pk, **more)
            messages.success(request, _("这一轮已结束：应检的都检了，或者登记了原因。"))
        elif step == "reopen":
            actions.reopen(window.pk, reason=reason, **more)
            messages.success(request, _("已重新打开。"))
        elif step == "prolong":
            ends = moment_of(typed(request, "last_day"), typed(request, "closes"))
            actions.prolong(window.pk, ends, reason=reason, **more)
            messages.success(request, _("结束时间已延后。"))
        else:
            raise NotFound(_("没有这个操作。"))
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _show(request, window, refusal)
    return redirect("desk-testing-round", window.pk)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def missing(request: Request, window_id: int) -> HttpResponse:
    """Who is missing, masked, and who calls them; all of an area can be given to somebody at once."""
    window = window_of(request, window_id)
    area = area_in(request, window)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return _give(request, window, area)
        except Refusal as refusal:
            if refusal.status not in (404, 409, 422):
                raise
            refused = refusal
    place, whose = uuid_from(storable(request.GET.get("place", ""))[:36]), request.GET.get("whose", "")
    whose = whose if whose in ("nobody", "somebody") else ""
    rows = queries.missing(window, request.actor, at=request.now, area_path=area, place=place, whose=whose)
    page = page_of(request, rows, size=PAGE_SIZE)
    called = is_followed(window, at=request.now)
    follows = may_follow(request.actor, area) and called
    invalid = refused if isinstance(refused, Invalid) else None
    areas = area_names({code_of(area)})
    context = {
        "window": window,
        "title": title_of(window),
        "area": area,
        "area_name": areas.get(code_of(area), ""),
        "areas": [(row.key, name) for row, name in _areas_below(request, window)],
        "place": place,
        "place_name": queries.place_names({place}).get(place, "") if place else "",
        "whose": whose,
        "page": page,
        "people": queries.named(window, list(page), at=request.now),
        "callers": calling.callers_for(area, at=request.now) if follows else [],
        "follows": follows,
        "called": called,
        "after": AFTER.days,
        "over": window.ends <= request.now,
        "chosen": _chosen(request),
        "outcomes": _outcomes(),
        "query": urlencode({"area": area, "whose": whose} | ({"place": place} if place else {})),
        **refused_with(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    return render(
        request, "desk/prevention/rounds/missing.html", context, status=refused.status if refused else 200
    )


def _areas_below(request: Request, window: Window) -> list[tuple[Coverage, str]]:
    """The grids in which somebody is missing, by name."""
    found = standing.coverage(window, request.actor, at=request.now, below=False)
    rows = [row for row in found if row.missing]
    names = area_names({code_of(row.key) for row in rows})
    return [(row, names.get(code_of(row.key), "")) for row in rows][:300]


def _outcomes() -> dict[str, str]:
    return {one.id: str(one.name) for one in rules().outcomes}


def _chosen(request: Request) -> list[UUID]:
    """To whom the missing are to be given, as ticked."""
    return [one for text in request.POST.getlist("caller")[:MOST] if (one := uuid_from(storable(text)[:36]))]


def _give(request: Request, window: Window, area: str) -> HttpResponse:
    """Give somebody who is missing to a caller, or share those of an area out evenly; or take the next oneself."""
    step = typed(request, "step", most=10)
    more: dict[str, Any] = {"by": request.actor, "at": request.now}
    if step == "take":
        taken = calling.take(window.pk, area_path=area, **more)
        if taken is not None:
            return redirect("desk-testing-call", taken.pk)
        messages.info(request, _("这个区域没来的人都有人联系了。"))
    elif (person := uuid_from(typed(request, "person"))) is not None:
        caller = uuid_from(typed(request, "caller"))
        if caller is None:
            raise Invalid(_("还没有分配。"), {"caller": [_("请选择在这个区域工作的人员。")]})
        calling.hand(window.pk, person, caller=caller, **more)
        messages.success(request, _("已分配。"))
    else:
        if step == "near":
            count = calling.share_out(window.pk, area_path=area, named=False, **more)
        else:
            count = calling.give(window.pk, callers=_chosen(request), area_path=area, **more)
        told = ngettext("已分配 %(count)s 人。", "已分配 %(count)s 人。", count) % {"count": count}
        messages.success(request, told if count else _("没有可分配的人：都有人联系了，或者没有合适的人。"))
    return redirect(f"{reverse('desk-testing-missing', args=[window.pk])}?{urlencode({'area': area})}")

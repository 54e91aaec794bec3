"""Surveys at the desk: what is opened by hand, with how far each has come; who goes to which firm."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Subject, Window
from zerotrip.duties.standing import asking, queries
from zerotrip.duties.standing.declared import spec_of
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names
from zerotrip.prevention.models import Measure
from zerotrip.prevention.rounds import calling
from zerotrip.prevention.rounds.rules import has_callers, may_follow
from zerotrip.prevention.surveys import queries as surveys
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.duties import area_within
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed

MOST = 60
PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
@during(None)
def index(request: Request) -> HttpResponse:
    """Those under way and past, each with its coverage; another is begun here."""
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            window = asking.ask(
                typed(request, "duty", most=200),
                area=typed(request, "area", most=15),
                until=day_or_none(request, "until"),
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已发起。谁没有报，随时看得到。"))
            return redirect("desk-duty", window.pk)
    duties = asking.askable()
    context = {
        "duties": [(row.slug, str(spec_of(row).name)) for row in duties],
        "rows": _rows(request, [row.pk for row in duties]),
        "mine": surveys.to_visit(request.actor, at=request.now).count(),
        "asks": any(asking.may_ask(request.actor, seat.area_path) for seat in request.actor.seats),
        "areas": areas_of(request.actor),
        "values": {name: typed(request, name, most=200) for name in ("duty", "area", "until")},
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/surveys.html", context, status=refused.status if refused else 200)


def _rows(request: Request, duties: list[Any]) -> list[dict[str, Any]]:
    windows = list(
        Window.objects.visible_to(request.actor)
        .filter(requirement__in=duties)
        .select_related("requirement")
        .order_by("-ends", "pk")[:MOST]
    )
    found = queries.of_windows(windows, request.actor, at=request.now) if windows else {}
    names = area_names({code_of(window.area_path) for window in windows})
    return [
        {
            "window": window,
            "area": names.get(code_of(window.area_path), ""),
            "coverage": found.get(window.pk),
            "over": window.ends <= request.now,
        }
        for window in windows
    ]


@require_http_methods(["GET", "POST"])
@during(Measure.CHECKS)
def visitors(request: Request, window_id: int) -> HttpResponse:
    """Who goes to which firm of a survey: shared out, firm by firm changed, with how far each is."""
    window = _survey(request, window_id)
    area = area_within(request, window)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return _name(request, window, area)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
    invalid = refused if isinstance(refused, Invalid) else None
    follows = may_follow(request.actor, area) and window.closed_at is None and window.ends > request.now
    rows = queries.missing(window, request.actor, at=request.now, area_path=area)
    nobody = request.GET.get("whose") == "nobody"
    free = calling.without_caller(window, area, at=request.now)
    page = page_of(request, (free if nobody else rows).select_related("window__requirement"), size=PAGE_SIZE)
    below = [
        row for row in queries.coverage(window, request.actor, at=request.now, area_path=area) if row.key != area
    ]
    names = own_area_names([row.key for row in below])
    context = {
        "window": window,
        "area": area,
        "area_name": area_names({code_of(area)}).get(code_of(area), ""),
        "up": area[: area.rstrip("/").rindex("/") + 1] if area != window.area_path else "",
        "below": [{"row": row, "name": names.get(row.key, row.key)} for row in below],
        "total": queries.total(window, request.actor, at=request.now, area_path=area),
        "free": free.count(),
        "visitors": surveys.visitors(window, area),
        "page": page,
        "firms": surveys.firms(list(page), at=request.now),
        "nobody": nobody,
        "hands": calling.callers_for(area, at=request.now) if follows else [],
        "follows": follows,
        "query": urlencode({"area": area, **({"whose": "nobody"} if nobody else {})}),
        **refused_with(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/visitors.html", context, status=refused.status if refused else 200)


def _name(request: Request, window: Window, area: str) -> HttpResponse:
    """Give a firm, or those of an area nobody goes to, to whom they belong or to somebody."""
    way = typed(request, "way", most=10)
    more: dict[str, Any] = {"by": request.actor, "at": request.now}
    if way in ("named", "evenly"):
        count = calling.share_out(window.pk, area_path=area, named=way == "named", **more)
    else:
        caller, firm = uuid_from(typed(request, "caller")), uuid_from(typed(request, "firm"))
        if caller is None:
            raise Invalid(_("还没有分配。"), {"caller": [_("请选择在这个区域工作的人员。")]})
        if firm is not None:
            calling.hand(window.pk, firm, caller=caller, **more)
            count = 1
        else:
            count = calling.give(window.pk, callers=[caller], area_path=area, **more)
    told = ngettext("已分配 %(count)s 家。", "已分配 %(count)s 家。", count) % {"count": count}
    messages.success(request, told if count else _("没有可分配的企业：都有人去了，或者没有合适的人。"))
    asked = {"area": area, **({"whose": "nobody"} if request.GET.get("whose") == "nobody" else {})}
    return redirect(f"{reverse('desk-survey-visitors', args=[window.pk])}?{urlencode(asked)}")


@require_GET
@during(Measure.CHECKS)
def mine(request: Request) -> HttpResponse:
    """The firms I still have to go to, with how to reach them and the form to fill in there."""
    page = page_of(request, surveys.to_visit(request.actor, at=request.now), size=PAGE_SIZE)
    context = {"page": page, "firms": surveys.firms(list(page), at=request.now), **rail(request, "prevention")}
    return render(request, "desk/prevention/visits.html", context)


def _survey(request: Request, window_id: int) -> Window:
    rows = Window.objects.visible_to(request.actor).filter(subject=Subject.ENTERPRISE)
    window = get_object_or_404(rows.select_related("requirement"), pk=window_id)
    if not has_callers(window):
        raise NotFound(_("没有这一次。"))
    return window

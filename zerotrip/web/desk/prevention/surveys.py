"""Surveys and receipts at the desk: what is opened by hand, begun here, with how far each has come."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.duties.models import Window
from zerotrip.duties.standing import asking, queries
from zerotrip.duties.standing.declared import spec_of
from zerotrip.errors import Invalid
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.requests import Request, day_or_none, typed

MOST = 60


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

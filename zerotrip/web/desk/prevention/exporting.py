"""Lists of people leave by named hands, for a reason: who they are, and the page that asks why."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zerotrip.errors import Invalid, NotAllowed
from zerotrip.prevention.events import exporting
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention import events
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.requests import Request, day_or_none, today_of, typed


def asked_why(request: Request, what: str, *, back: str, area_path: str = "") -> HttpResponse | None:
    """The page that asks what a list is taken out for; None once that was said and noted: then it goes out.

    Raises NotAllowed for whoever was not named.
    """
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            why = typed(request, "why", most=400)
            exporting.note(what, why, by=request.actor, at=request.now, area_path=area_path)
        except Invalid as invalid:
            refused = invalid
        else:
            return None
    elif exporting.right_of(request.actor, on=today_of(request), area_path=area_path) is None:
        raise NotAllowed(_("名单由防控负责人指定的人员导出。由谁办理，见防控页面。"))
    context = {"what": what, "why": typed(request, "why"), "back": back}
    context |= {**refused_with(refused), **rail(request, "prevention")}
    return render(request, "desk/prevention/export.html", context, status=refused.status if refused else 200)


@require_POST
@staff_only
def name(request: Request, event_id: UUID) -> HttpResponse:
    """Name somebody who may export."""
    try:
        row = exporting.name(
            event_id,
            email=typed(request, "email", most=254),
            until=day_or_none(request, "until"),
            by=request.actor,
            at=request.now,
        )
    except Invalid as invalid:
        return events.page_of_event(request, event_id, naming=invalid)
    messages.success(request, _("%(name)s 可以导出名单了。") % {"name": row.user.person.name})
    return redirect("desk-event", event_id)


@require_POST
@staff_only
def end(request: Request, exporter_id: UUID) -> HttpResponse:
    """Take it back."""
    row = exporting.end(exporter_id, by=request.actor, at=request.now)
    messages.success(request, _("已收回导出权限。"))
    return redirect("desk-event", row.event_id)

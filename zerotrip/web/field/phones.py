"""Phones in the field: which there are, what they were given along, and the button for one that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zerotrip.errors import NotFound
from zerotrip.parties.queries import own_area_names
from zerotrip.prevention.field import actions, queries
from zerotrip.prevention.models import Phone, Taking, Task
from zerotrip.web.accounts.access import signed_in

if TYPE_CHECKING:
    from zerotrip.ledger.models import Entry
    from zerotrip.web.requests import Request

MOST = 200
TASKS = {
    "passage": Task.GATE,
    "leaving": Task.GATE,
    "report": Task.REPORT,
    "sample": Task.SAMPLING,
    "seal": Task.SAMPLING,
    "door": Task.DOOR,
    "finding": Task.INSPECTION,
    "receipt": Task.LEAFLET,
}
"""For what a kind of record was made."""
STEPS = {"revoke": actions.revoke, "restore": actions.restore}


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """One's own phones, and those that were given something of the area one leads."""
    phones = list(Phone.objects.visible_to(request.actor).select_related("user__person")[:MOST])
    open_now = Taking.objects.open(request.now).filter(phone__in=phones).order_by("at")
    along = {taking.phone_id: taking for taking in open_now}
    areas = own_area_names({taking.area_path for taking in along.values() if taking.area_path})
    aside = queries.given_up([phone.pk for phone in phones])
    rows = [
        {
            "phone": phone,
            "aside": (given := aside.get(phone.pk)),
            "latest": [(_task(entry), entry) for entry in given.latest] if given else [],
            "mine": phone.user_id == request.actor.user_id,
            "taking": (taking := along.get(phone.pk)),
            "tasks": [str(Task(task).label) for task in taking.tasks] if taking else [],
            "area": areas.get(taking.area_path, "") if taking else "",
        }
        for phone in phones
    ]
    return render(request, "web/field/phones.html", {"rows": rows, "section": "cases"})


def _task(entry: Entry) -> str:
    task = TASKS.get(entry.details["kind"])
    return str(task.label) if task else ""


@require_POST
@signed_in
def act(request: Request, phone_id: UUID, step: str) -> HttpResponse:
    """Revoke a phone, or let one that was found again go on."""
    if step not in STEPS:
        raise NotFound(_("没有这一步。"))
    STEPS[step](phone_id, by=request.actor, at=request.now)
    revoked = step == "revoke"
    told = _("已停用。它下次联网时，带着的资料会删除。") if revoked else _("已恢复，没交的记录可以交上来了。")
    messages.success(request, told)
    return redirect("field-phones")

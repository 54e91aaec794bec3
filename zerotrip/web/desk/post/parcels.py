"""The lists of the post room, and one parcel: its labels, what was told of it, what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.ledger.queries import history
from zerotrip.licences.post import actions, queries
from zerotrip.licences.post.access import HANDS, load_shipment, may_handle
from zerotrip.licences.post.rules import may
from zerotrip.licences.post.states import EventKind, Step
from zerotrip.licences.queries import masked
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.story import Line
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise

    from zerotrip.ledger.models import Entry
    from zerotrip.licences.post.models import Shipment

PAGE_SIZE = 50
TABS: dict[str, StrOrPromise] = {
    "post": gettext_lazy("待寄出"),
    "batched": gettext_lazy("待交寄"),
    "counter": gettext_lazy("待领取"),
    "sent": gettext_lazy("在路上"),
    "undelivered": gettext_lazy("未送达"),
    "done": gettext_lazy("已结束"),
}
"""The lists by the word in their address."""
TONES = {"delivered": "ok", "undelivered": "late", "cancelled": "", "waiting": "warn"}
"""The colour of a parcel's tag; never the only sign."""


def frame(request: Request) -> dict[str, Any]:
    """What every page of the post room has around it."""
    counted = queries.counts(request.actor)
    tabs = [(tab, name, counted.get(tab)) for tab, name in TABS.items()]
    return {"tabs": tabs, "tab": "", **rail(request, "post")}


@require_GET
@staff_only
def queue(request: Request) -> HttpResponse:
    """One list: what is to be posted, unless another is asked for."""
    asked = request.GET.get("show", "")
    tab = asked if asked in TABS else "post"
    page = page_of(request, queries.listed(request.actor, tab), size=PAGE_SIZE)
    context = {
        **frame(request),
        "tab": tab,
        "page": page,
        "rows": [row(shipment, request) for shipment in page.object_list],
        "hands": bool(request.actor.seats_as(*HANDS)),
        "query": urlencode({"show": tab}),
    }
    return render(request, "desk/post/queue.html", context)


def row(shipment: Shipment, request: Request) -> dict[str, Any]:
    """A parcel as a list shows it. The whole address is for those who post it, the phone is on the label alone."""
    to, handles = getattr(shipment.case, "delivery", None), may_handle(shipment, request.actor)
    labels = getattr(shipment, "present", [])
    due = shipment.case.due_at
    return {
        "shipment": shipment,
        "case": shipment.case,
        "recipient": (to.recipient if handles else masked(to.recipient)) if to else "",
        "phone": to.masked_phone if to else "",
        "address": to.address if to and handles else "",
        "label": labels[0] if labels else None,
        "late": due is not None and due < request.now,
        "can_post": may(Step.LABEL, shipment, request.actor) or (handles and bool(labels)),
        "tone": TONES.get(shipment.status, "water"),
    }


@require_GET
@staff_only
def show(request: Request, shipment_id: UUID) -> HttpResponse:
    """One parcel."""
    return _page(request, load_shipment(shipment_id, request.actor))


def _page(request: Request, shipment: Shipment, *, refused: Invalid | None = None, step: str = "") -> HttpResponse:
    journey = queries.journey_of(shipment.case_id)
    context = {
        **frame(request),
        **row(shipment, request),
        "journey": journey,
        "courier": settings.COURIER_NAME or _("快递"),
        "history": [_line(entry) for entry in reversed(history(shipment.pk))],
        "can": {name: may(taken, shipment, request.actor) for name, taken in OFFERED.items()},
        "refused": refused,
        "refused_step": step,
        "typed": request.POST,
        "key": uuid4(),
    }
    return render(request, "desk/post/parcel.html", context, status=422 if refused else 200)


OFFERED = {"collect": Step.COLLECT, "again": Step.AGAIN, "delivered": Step.DELIVER, "undelivered": Step.FAIL}
"""The steps of the page by the word in their address."""
SAID: dict[str, StrOrPromise] = {
    "open": gettext_lazy("开始寄送"),
    "change": gettext_lazy("申请人改了领取方式"),
    **{step.value: step.label for step in Step},
}
"""What the journal of a parcel says, in words."""


def _line(entry: Entry) -> Line:
    who = entry.actor_name if entry.actor else _("系统")
    return Line(str(SAID.get(entry.action, entry.action)), who, entry.at, entry.reason)


ACTIONS: dict[str, Callable[[Request, Shipment], Shipment]] = {
    "collect": lambda r, s: actions.collect(s, taken_by=typed(r, "taken_by"), by=r.actor, at=r.now),
    "again": lambda r, s: actions.send_again(s, note=typed(r, "note", most=500), by=r.actor, at=r.now),
    "delivered": lambda r, s: _record(r, s, EventKind.DELIVERED),
    "undelivered": lambda r, s: _record(r, s, EventKind.UNDELIVERED),
}


def _record(request: Request, shipment: Shipment, kind: EventKind) -> Shipment:
    key = typed(request, "key", most=40)
    return actions.record(shipment, kind, said=typed(request, "said"), key=key, by=request.actor, at=request.now)


@require_POST
@staff_only
def act(request: Request, shipment_id: UUID, step: str) -> HttpResponse:
    """Take one step. What is missing is named on the page, with what was typed."""
    shipment = load_shipment(shipment_id, request.actor)
    action = ACTIONS.get(step)
    if action is None:
        raise NotFound(_("没有这个操作。"))
    try:
        action(request, shipment)
    except Invalid as refused:
        return _page(request, shipment, refused=refused, step=step)
    said = {"number": shipment.case.number, "step": OFFERED[step].label}
    messages.success(request, _("%(number)s：%(step)s，已记录。") % said)
    return redirect("desk-post-parcel", shipment.pk)

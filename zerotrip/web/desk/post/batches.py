"""Batches: made from the list, printed, handed over by scanning, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, Refusal
from zerotrip.licences.post import actions, queries
from zerotrip.licences.post import labels as papers
from zerotrip.licences.post.access import load_batch, may_handle, require_may_handle
from zerotrip.licences.queries import masked
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.files import pdf
from zerotrip.web.desk.post.parcels import frame
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import number_from, uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from zerotrip.licences.post.models import Batch, Label

PAGE_SIZE = 30


@require_POST
@staff_only
def make(request: Request) -> HttpResponse:
    """Label what was picked, and put it into a new batch."""
    picked = [pk for pk in map(uuid_from, request.POST.getlist("parcel")) if pk is not None]
    try:
        batch = actions.make_batch(picked, by=request.actor, at=request.now)
    except Invalid as refused:
        messages.error(request, refused.message)
        return redirect("desk-post")
    return redirect("desk-post-batch", batch.number)


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The batches of my office."""
    page = page_of(request, queries.batches(request.actor), size=PAGE_SIZE)
    return render(request, "desk/post/batches.html", {**frame(request), "tab": "batches", "page": page})


@require_GET
@staff_only
def show(request: Request, number: str) -> HttpResponse:
    """A batch: what is in it, what is out, its papers."""
    return render(request, "desk/post/batch.html", _context(request, load_batch(number, request.actor)))


def _context(request: Request, batch: Batch) -> dict[str, Any]:
    handles = may_handle(batch, request.actor)
    rows = [_row(label, handles) for label in queries.labels_of(batch)]
    left = [one["label"].tracking for one in rows if one["label"].handed_over_at is None]
    return {
        **frame(request),
        "tab": "batches",
        "batch": batch,
        "rows": rows,
        "left": left,
        "out": len(rows) - len(left),
        "hands": handles and batch.closed_at is None,
        "prints": handles,
        "courier": settings.COURIER_NAME or _("快递"),
        "key": uuid4(),
    }


def _row(label: Label, handles: bool) -> dict[str, Any]:
    case = label.shipment.case
    recipient = case.delivery.recipient
    return {"label": label, "case": case, "recipient": recipient if handles else masked(recipient)}


@require_GET
@staff_only
def labels(request: Request, number: str) -> HttpResponse:
    """The labels as PDF: they carry whole addresses and are for those who stick them on."""
    batch = load_batch(number, request.actor)
    require_may_handle(batch, request.actor)
    return pdf(papers.draw_labels(batch, at=request.now), _("面单-%(number)s.pdf") % {"number": batch.number})


@require_GET
@staff_only
def sheet(request: Request, number: str) -> HttpResponse:
    """The sheet of the batch as PDF."""
    batch = load_batch(number, request.actor)
    require_may_handle(batch, request.actor)
    return pdf(papers.draw_sheet(batch, at=request.now), _("交接单-%(number)s.pdf") % {"number": batch.number})


@require_http_methods(["GET", "POST"])
@staff_only
def scan(request: Request, number: str) -> HttpResponse:
    """The hand-over: a scanner types a code and Enter, and the page says what became of it."""
    batch = load_batch(number, request.actor)
    require_may_handle(batch, request.actor)
    if request.method == "GET":
        return _scan_page(request, batch)
    try:
        label = actions.hand_over(batch, typed(request, "code", most=80), by=request.actor, at=request.now)
    except Refusal as refusal:
        if batch.closed_at is not None or refusal.status not in (409, 422):
            raise
        return _scan_page(request, batch, problem=refusal.message, status=refusal.status)
    messages.success(request, _("%(code)s 已交寄。") % {"code": label.tracking})
    return redirect("desk-post-scan", batch.number)


def _scan_page(request: Request, batch: Batch, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {**_context(request, batch), "problem": problem}
    return render(request, "desk/post/scan.html", context, status=status)


@require_POST
@staff_only
def close(request: Request, number: str) -> HttpResponse:
    """End the hand-over, with what is missing named."""
    batch = load_batch(number, request.actor)
    missing = number_from(request.POST.get("missing"))
    batch = actions.close_batch(batch, missing=missing, by=request.actor, at=request.now)
    if batch.missing:
        count = len(batch.missing)
        text = ngettext(
            "交接完毕，%(count)d 件没有交寄，已回到待寄出。",
            "交接完毕，%(count)d 件没有交寄，已回到待寄出。",
            count,
        )
        messages.warning(request, text % {"count": count})
    else:
        messages.success(request, _("交接完毕，全部交寄。"))
    return redirect("desk-post-batch", batch.number)

"""What offices ask of one's enterprises: notices to sign and reports to file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Due, Kind, Status
from zerotrip.duties.queries import asked_of_firms, form_of, last_answers, with_files
from zerotrip.duties.rules import may_answer
from zerotrip.duties.standing.queries import under_way
from zerotrip.errors import NotFound, Refusal
from zerotrip.prevention.events.rules import is_in_force_anywhere
from zerotrip.prevention.models import Measure
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.duties.answering import AnswerPage
from zerotrip.web.duties.showing import last_of, line_of, pairs_of, returned_of
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request, today_of

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation

PAGE_SIZE = 20
SECTION = {"section": "cases"}


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """What was asked: what waits first, what is due first among it."""
    waits = Case(When(status=Status.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    owed = asked_of_firms(request.actor).exclude(status=Status.DROPPED).select_related("owner", "watcher")
    page = page_of(request, owed.order_by(waits, "due_at", "pk"), size=PAGE_SIZE)
    lines = [line_of(row, at=request.now, form=None) for row in page.object_list]
    context = {
        "page": page,
        "lines": lines,
        "several": len(request.actor.represents) > 1,
        "posts": is_in_force_anywhere(Measure.POSTS, on=today_of(request)),
        "checks": under_way(Due.objects.of(request.actor.acts_for), at=request.now).filter(kept_at=None).count(),
    }
    return render(request, "portal/asked/index.html", context | SECTION)


def _owed(request: Request, owed_id: UUID) -> Obligation:
    found = asked_of_firms(request.actor).select_related("requirement__issuer", "owner", "watcher")
    owed = found.filter(pk=owed_id).first()
    if owed is None:
        raise NotFound(_("没有找到这条通知或填报。"))
    return owed


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: Request, owed_id: UUID) -> HttpResponse:
    """The notice or the form; a POST signs or files it."""
    owed = _owed(request, owed_id)
    if request.method != "POST":
        return _page(request, owed, AnswerPage.begun(owed, last_answers([owed.pk]).get(owed.pk)))
    if (again := AnswerPage.filed(request, owed, partial(_page, request, owed))) is not None:
        return again
    messages.success(request, _("已签收，谢谢。") if owed.kind == Kind.RECEIPT else _("已提交，谢谢。"))
    return redirect("asked-one", owed.pk)


def _page(
    request: Request, owed: Obligation, page: AnswerPage, *, status: int = 200, refused: Refusal | None = None
) -> HttpResponse:
    records = list(owed.records.select_related("by__person").prefetch_related(with_files()))
    last = last_of(records)
    form = form_of(owed.requirement)
    answering = may_answer(owed, request.actor) and (owed.kind != Kind.RECEIPT or owed.status == Status.OPEN)
    context = {
        "owed": owed,
        "line": line_of(owed, at=request.now, form=form, answer=last),
        "returned": returned_of(owed, records),
        "pairs": pairs_of(form, last.answers if last else None),
        "handed": [one for record in records for one in record.files.all()],
        "page": page if answering or refused else None,
        "refused": refused,
        "signs": owed.kind == Kind.RECEIPT,
    }
    return render(
        request, "portal/asked/show.html", context | SECTION, status=refused.status if refused else status
    )

"""Figures by file: a template down, a workbook up, what is in it, and the yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal
from zerotrip.indicators import actions, queries
from zerotrip.indicators.access import Entering, entering
from zerotrip.indicators.models import UNDER_WAY, Door, FilingState
from zerotrip.indicators.periods import Frequency, latest_over, period_of
from zerotrip.indicators.sheets import MOST_ROWS, template
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed
from zerotrip.web.workbooks import workbook

if TYPE_CHECKING:
    from zerotrip.indicators.models import Filing
    from zerotrip.indicators.spec import IndicatorSpec


def _mine(request: Request) -> tuple[Entering, list[IndicatorSpec]]:
    """What somebody enters. Raises NotAllowed for whoever enters nothing."""
    may = entering(request.actor)
    specs = may.entered(queries.specs(request.actor).values())
    if not specs:
        raise NotAllowed(_("您不填报指标。要填报，请联系统计部门登记岗位。"))
    return may, specs


@require_http_methods(["GET", "POST"])
@staff_only
def files(request: Request) -> HttpResponse:
    """Down with the template, up with the workbook."""
    _may, specs = _mine(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            return redirect("desk-indicators-file", filing_id=_handed_in(request).pk)
        except Refusal as refusal:
            if refusal.status not in (409, 413, 422):
                raise
            problem, status = refusal.message, refusal.status
    context = {
        "specs": specs,
        "problem": problem,
        "key": uuid4(),
        "most": f"{MOST_ROWS:,}",
        "filings": queries.filings(request.actor),
        **rail(request, "indicators"),
    }
    return render(request, "desk/indicators/files.html", context, status=status)


def _handed_in(request: Request) -> Filing:
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid(_("请选择要上传的 Excel 文件。"))
    return actions.hand_in(
        sent,
        name=sent.name or "",
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        filing_id=uuid_from(typed(request, "key")) or uuid4(),
    )


@require_GET
@staff_only
def blank(request: Request) -> HttpResponse:
    """The template for the last period that is over, or the one asked for, with what is recorded of it."""
    may, specs = _mine(request)
    today = today_of(request)
    periods = {
        one: period_of(request.GET.get("period", "")[:9], one) or latest_over(today, one) for one in Frequency
    }
    by_id = {spec.id: spec for spec in specs}
    root = min((path for spec in specs for path in may.paths(spec)), key=len)
    book = queries.book(
        request.actor, by_id, path=root, periods=list(periods.values()), industries=True, targets=False
    )
    paths = {
        spec.id: [
            path for path, place in book.places.items() if place.level in spec.levels and may.may_enter(spec, path)
        ]
        for spec in specs
    }
    name = _("指标填报-%(area)s.xlsx") % {"area": book.places[root].name}
    return workbook(name, template(book, specs, periods, paths))


@require_http_methods(["GET", "POST"])
@staff_only
def file(request: Request, filing_id: UUID) -> HttpResponse:
    """How far a workbook is, what it would change and what is wrong with it; a POST takes or drops it."""
    filing = queries.filing(request.actor, filing_id)
    if filing is None or filing.door != Door.FILE:
        raise NotFound(_("没有这个文件。"))
    refused: Invalid | None = None
    if request.method == "POST":
        if typed(request, "act") == "drop":
            actions.drop(filing.pk, by=request.actor, at=request.now)
            messages.success(request, _("已放弃，没有入库。"))
            return redirect("desk-indicators-files")
        try:
            actions.confirm(
                filing.pk,
                reason=typed(request, "reason", most=300),
                sure=typed(request, "sure") == "1",
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("desk-indicators-file", filing_id=filing.pk)
    problems = refused.problems if refused else {}
    found = filing.found
    context = {
        "filing": filing,
        "found": found,
        "under_way": filing.state in UNDER_WAY,
        "waits": filing.state == FilingState.CHECKED,
        "same": found.get("figures", 0) - found.get("new", 0) - found.get("revised", 0),
        "more_faults": found.get("wrong", 0) - len(found.get("faults", [])),
        "more_doubts": found.get("doubtful", 0) - len(found.get("doubts", [])),
        "problems": problems,
        "summary": [{"text": text, "url": f"#{name}"} for name, texts in problems.items() for text in texts],
        "reason": typed(request, "reason", most=300) or filing.reason,
        **rail(request, "indicators"),
    }
    name = "desk/indicators/filing.html" if request.htmx else "desk/indicators/file.html"
    return render(request, name, context, status=422 if refused else 200)

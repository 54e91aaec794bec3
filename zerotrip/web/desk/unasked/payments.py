"""Payment lists: approved or sent back, taken out as files, settled by what the bank answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases.models import ExportForm
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.access import load_run
from zerotrip.policies.unasked.models import BankAnswer, PaymentList
from zerotrip.policies.unasked.sheets import file_of, rows_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.unasked.runs import AT_ONCE, page_of_run
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.workbooks import MOST_ROWS, XLSX, as_csv, as_file

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase


@require_POST
@staff_only
def act(request: Request, payment_id: UUID, step: str) -> HttpResponseBase:
    """Take one step with a list. What is missing is named on the page of its run, with what was typed."""
    payment = PaymentList.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound(_("没有找到这份清单。"))
    payment.run = run = load_run(payment.run_id, request.actor)
    if step in ("csv", "xlsx"):
        return _file(request, payment, step)
    taken = _STEPS.get(step)
    if taken is None:
        raise NotFound(_("没有这个操作。"))
    try:
        if said := taken(request, payment):
            messages.success(request, said)
    except Invalid as invalid:
        return page_of_run(request, run, tab="payment", refused=invalid, step=step, about=str(payment.pk))
    return redirect(f"/desk/unasked/{run.pk}/?show=payment")


def _file(request: Request, payment: PaymentList, form: str) -> HttpResponseBase:
    """The file for the bank; taking it out is journalled. Raises Refused for a workbook of too many rows."""
    if form == ExportForm.XLSX and payment.count > MOST_ROWS:
        raise Refused(_("超过 %(most)d 行，请导出 CSV。") % {"most": MOST_ROWS})
    payment = actions.fetch(payment.pk, by=request.actor, at=request.now, form=form)
    if form == ExportForm.CSV:
        return as_csv(f"{payment.number}.csv", rows_of(payment))
    return as_file(FileResponse(file_of(payment), content_type=XLSX), f"{payment.number}.xlsx")


def _approve(request: Request, payment: PaymentList) -> str:
    actions.approve(payment.pk, by=request.actor, at=request.now)
    return _("清单 %(number)s 已审批，可以导出交银行。") % {"number": payment.number}


def _send_back(request: Request, payment: PaymentList) -> str:
    actions.send_back(payment.pk, reason=typed(request, "reason", most=500), by=request.actor, at=request.now)
    return _("清单 %(number)s 已退回，企业等待下一份清单。") % {"number": payment.number}


def _results(request: Request, payment: PaymentList) -> str:
    """Keep the file for the worker; a short list is recorded while one waits."""
    sent = request.FILES.get("file")
    if sent is None:
        text = _("请选择银行的结果文件。")
        raise Invalid(text, {"file": [text]})
    answer = actions.hand_in(
        sent,
        payment.pk,
        name=sent.name or "",
        language=get_language() or "zh-hans",
        by=request.actor,
        at=request.now,
        answer_id=uuid_from(typed(request, "key")) or uuid4(),
    )
    if payment.count <= AT_ONCE:
        actions.take_answer(answer.pk, at=request.now)
    return ""


_STEPS: dict[str, Callable[[Request, PaymentList], str]] = {
    "approve": _approve,
    "send-back": _send_back,
    "results": _results,
}


@require_http_methods(["GET", "POST"])
@staff_only
def answer(request: Request, answer_id: UUID) -> HttpResponseBase:
    """All that is wrong in a file of the bank, as a list; a POST gives the file up."""
    if request.method == "POST":
        held = BankAnswer.objects.visible_to(request.actor).select_related("payment").filter(pk=answer_id).first()
        if held is None:
            raise NotFound(_("没有找到这个文件。"))
        actions.drop(held.pk, by=request.actor, at=request.now)
        messages.success(request, _("已放弃这个文件。"))
        return redirect(f"/desk/unasked/{held.payment.run_id}/?show=payment")
    held, file = actions.fetch_faults(answer_id, by=request.actor)
    name = _("问题清单-%(name)s.csv") % {"name": held.name.rpartition(".")[0] or held.name}
    return as_file(FileResponse(file, content_type="text/csv; charset=utf-8"), name)

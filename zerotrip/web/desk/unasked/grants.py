"""One grant with all it rests on: the rule's version, each clause, each fact, the amount line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.queries import vocabulary
from zerotrip.ledger.queries import first_break, history
from zerotrip.policies.unasked import actions, queries
from zerotrip.policies.unasked.access import load_grant, may_work
from zerotrip.policies.unasked.models import GrantStatus
from zerotrip.policies.unasked.periods import period_words
from zerotrip.policies.unasked.reckoning import lines
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.story import Line
from zerotrip.web.desk.frame import rail
from zerotrip.web.requests import Request, day_typed, typed
from zerotrip.web.subsidies import GRANT_TONES, facts_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from zerotrip.ledger.models import Entry
    from zerotrip.policies.unasked.models import Grant

SAID: dict[str, StrOrPromise] = {
    "withhold": gettext_lazy("不予发放"),
    "agree": gettext_lazy("企业确认"),
    "account": gettext_lazy("企业改了收款账号"),
    "decline": gettext_lazy("企业放弃"),
    "changed_keep": gettext_lazy("情况变化，按公示的发"),
    "changed_lower": gettext_lazy("情况变化，改为新的金额"),
    "return": gettext_lazy("登记退回"),
    "again": gettext_lazy("换了账号重新发放"),
    "applied": gettext_lazy("申请准予"),
}
"""What the journal of a grant says, in words."""


@require_GET
@staff_only
def show(request: Request, grant_id: UUID) -> HttpResponse:
    """One grant."""
    return _page(request, load_grant(grant_id, request.actor))


def _page(request: Request, grant: Grant, *, refused: Invalid | None = None, step: str = "") -> HttpResponse:
    run = grant.run
    if run is None:
        raise NotFound(_("没有找到这一笔。"))
    works = may_work(run, request.actor)
    problems = refused.problems if refused else {}
    context = {
        "grant": grant,
        "run": run,
        "spec": queries.spec_for(run),
        "version": run.version,
        "period": period_words(run.period),
        "tone": GRANT_TONES[grant.status],
        "lines": lines(grant.reckoned, grant.amount),
        "facts": list(facts_of(grant, vocabulary())),
        "changes": queries.sums_of_change(grant).values(),
        "whole": first_break(grant) is None,
        "history": [_line(entry) for entry in reversed(history(grant.pk))],
        "reference": actions.reference_of(grant.payment, grant) if grant.payment else "",
        "can": {
            "withhold": works and grant.status in (GrantStatus.PROPOSED, GrantStatus.AGREED) and not grant.found,
            "settle": works and bool(grant.found) and grant.status == GrantStatus.AGREED,
            "result": works and grant.status == GrantStatus.PAYABLE and grant.payment and grant.payment.approved_at,
            "return": works and grant.status == GrantStatus.PAID,
        },
        "refused": refused,
        "step": step,
        "problems": problems,
        "typed": request.POST,
        "on": typed(request, "on", most=10) or timezone.localdate(request.now).isoformat(),
        "summary": [{"text": text, "url": f"#{name}"} for name, texts in problems.items() for text in texts],
        **rail(request, "unasked"),
    }
    return render(request, "desk/unasked/grant.html", context, status=422 if refused else 200)


def _line(entry: Entry) -> Line:
    who = entry.actor_name if entry.actor else _("系统")
    return Line(str(SAID.get(entry.action, entry.action)), who, entry.at, entry.reason)


def _result(request: Request, grant: Grant) -> None:
    """What became of one line, by hand."""
    paid = typed(request, "paid")
    if paid not in ("yes", "no"):
        text = _("请选择结果。")
        raise Invalid(text, {"paid": [text]})
    on = timezone.localdate(day_typed(request, "on")) if paid == "yes" else timezone.localdate(request.now)
    reason = "" if paid == "yes" else typed(request, "reason", most=400)
    one = actions.Settled(grant.line or 0, paid == "yes", on, reason)
    try:
        actions.record_results(grant.payment_id or grant.pk, [one], by=request.actor, at=request.now)
    except Invalid as invalid:
        place = "on" if paid == "yes" else "reason"
        texts = [text for found in invalid.problems.values() for text in found]
        raise Invalid(invalid.message, {place: texts}) from None


_STEPS: dict[str, Callable[[Request, Grant], Any]] = {
    "withhold": lambda r, g: actions.withhold(g.pk, reason=typed(r, "reason", most=500), by=r.actor, at=r.now),
    "settle": lambda r, g: actions.settle_found(
        g.pk, how=typed(r, "how", most=10), reason=typed(r, "reason", most=500), by=r.actor, at=r.now
    ),
    "result": _result,
    "return": lambda r, g: actions.return_one(g.pk, reason=typed(r, "reason", most=400), by=r.actor, at=r.now),
}


@require_POST
@staff_only
def act(request: Request, grant_id: UUID, step: str) -> HttpResponse:
    """Take one step with a grant. What is missing is named on the page, with what was typed."""
    grant = load_grant(grant_id, request.actor)
    taken = _STEPS.get(step)
    if taken is None:
        raise NotFound(_("没有这个操作。"))
    try:
        taken(request, grant)
    except Invalid as invalid:
        return _page(request, grant, refused=invalid, step=step)
    messages.success(request, _("已登记。"))
    return redirect("desk-subsidy", grant_id=grant.pk)

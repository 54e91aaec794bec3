"""Runs: the list, and one run with its names, notice, objections, answers and payment lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.policies.unasked import actions, queries
from zerotrip.policies.unasked.access import load_run, may_approve, may_work
from zerotrip.policies.unasked.models import Consent, GrantStatus, Objection, RunStatus
from zerotrip.policies.unasked.periods import period_words
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.portal.policies.reading import limit_words
from zerotrip.web.requests import Request, summary_of, typed
from zerotrip.web.subsidies import GRANT_TONES, TONES
from zerotrip.web.workbooks import MOST_ROWS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from zerotrip.policies.unasked.models import BankAnswer, Run

PAGE_SIZE = 50
ANSWER_TONES = {"done": "ok", "failed": "late", "dropped": ""}
"""The colour of the tag of a file of the bank; never the only sign."""
AT_ONCE = 500
"""Of so few enterprises a run or a list is gone through while one waits; a larger one by the worker."""
TABS: dict[str, StrOrPromise] = {
    "names": gettext_lazy("名单和测算"),
    "notice": gettext_lazy("公示"),
    "objections": gettext_lazy("异议"),
    "answers": gettext_lazy("企业确认"),
    "payment": gettext_lazy("发放"),
}
"""The parts of a run by the word in their address."""


@require_http_methods(["GET", "POST"])
@staff_only
def index(request: Request) -> HttpResponse:
    """The runs of my department; a POST begins another."""
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            return _begin(request)
        except Invalid as invalid:
            refused = invalid
    page = page_of(request, queries.runs_of(request.actor), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [
            (run, queries.spec_for(run), period_words(run.period), TONES[run.status]) for run in page.object_list
        ],
        "policies": _payable(request),
        "key": uuid4(),
        "refused": refused,
        "policy": typed(request, "policy", most=60),
        **rail(request, "unasked"),
    }
    return render(request, "desk/unasked/runs.html", context, status=422 if refused else 200)


def _payable(request: Request) -> list[queries.Payable]:
    offices = queries.offices({seat.department_id for seat in request.actor.seats_as(*WORKING_ROLES)})
    return queries.payable_by(offices, at=request.now) if offices else []


def _begin(request: Request) -> HttpResponse:
    policy, key = typed(request, "policy", most=60), uuid_from(typed(request, "key"))
    if not policy or key is None:
        text = _("请选择政策。")
        raise Invalid(text, {"policy": [text]})
    run = actions.draft(policy, by=request.actor, at=request.now, key=key)
    if run.ready_at is None and run.to_look <= AT_ONCE:
        actions.go_on(run.pk, at=request.now)
    return redirect("desk-run", run_id=run.pk)


@require_GET
@staff_only
def show(request: Request, run_id: UUID) -> HttpResponse:
    """One run."""
    return page_of_run(request, load_run(run_id, request.actor))


def page_of_run(
    request: Request, run: Run, *, tab: str = "", refused: Invalid | None = None, step: str = "", about: str = ""
) -> HttpResponse:
    """A run as its page shows it, with what was refused and typed."""
    asked = tab or request.GET.get("show", "")
    tab = asked if asked in TABS else "names"
    sums = queries.sums(run)
    raised = queries.open_objections(run)
    counts = {"names": sums.live, "objections": raised or None, "payment": sums.changed or None}
    context = {
        "run": run,
        "spec": queries.spec_for(run),
        "period": period_words(run.period),
        "tone": TONES[run.status],
        "sums": sums,
        "asks": run.consent == Consent.ASK,
        "tab": tab,
        "tabs": [(word, name, counts.get(word)) for word, name in TABS.items()],
        "can": _can(request, run, sums, raised),
        "refused": refused,
        "step": step,
        "about": about,
        "typed": request.POST,
        "key": uuid4(),
        "query": urlencode({"show": tab}),
        "summary": summary_of(refused)[:20],
        **_PARTS[tab](request, run),
        **rail(request, "unasked"),
    }
    response = render(request, "desk/unasked/run.html", context, status=422 if refused else 200)
    if request.htmx and not _under_way(run, context.get("payments", ())):
        response["HX-Refresh"] = "true"  # what was waited for is over: all of the page is another one
    return response


def _under_way(run: Run, payments: Iterable[Any]) -> bool:
    """Whether the worker is at something the page shows."""
    if run.status == RunStatus.DRAFT and run.ready_at is None:
        return True
    return any(
        (payment.ready_at is None and payment.sent_back_at is None) or way.get("waits")
        for payment, _approves, _answer, way in payments
    )


def _can(request: Request, run: Run, sums: queries.Sums, raised: int) -> dict[str, bool]:
    """What this person can do with the run now."""
    if not may_work(run, request.actor):
        return {}
    over = run.notice_until is not None and request.now >= run.notice_until
    agreed = sums.count(GrantStatus.AGREED) > sums.changed
    paying = sums.count(GrantStatus.PAYABLE, GrantStatus.PAID, GrantStatus.RETURNED)
    return {
        "works": True,
        "announce": run.status == RunStatus.DRAFT and run.ready_at is not None and sums.live > 0,
        "close": run.status == RunStatus.ANNOUNCED and over and not raised,
        "list": run.status == RunStatus.CLOSED and agreed,
        "finish": run.status == RunStatus.CLOSED and not sums.count(GrantStatus.AGREED, GrantStatus.PAYABLE),
        "abandon": run.status in (RunStatus.DRAFT, RunStatus.ANNOUNCED, RunStatus.CLOSED) and not paying,
    }


def _names(request: Request, run: Run) -> dict[str, Any]:
    which = request.GET.get("which", "")
    statuses = [which] if which in GrantStatus.values else list(queries.LISTED)
    page = page_of(request, queries.grants_of(run, *statuses), size=PAGE_SIZE)
    words = vocabulary().facts
    lacking = sorted(run.unknown.get("facts", {}).items(), key=lambda each: -each[1])
    return {
        "page": page,
        "which": which,
        "rows": [(grant, GRANT_TONES[grant.status]) for grant in page.object_list],
        "compared": queries.compared(run),
        "limit": limit_words(queries.spec_for(run)) if run.room else "",
        "room": {**run.room, **{name: Decimal(run.room[name]) for name in ("used_money", "money") if run.room}},
        "lacking": [(words[name].label if name in words else name, count) for name, count in lacking],
        "query": urlencode({"show": "names", "which": which}),
    }


def _notice(request: Request, run: Run) -> dict[str, Any]:
    return {"lines": queries.notice_lines(run)}


def _objections(request: Request, run: Run) -> dict[str, Any]:
    page = page_of(request, queries.objections_of(run), size=PAGE_SIZE)
    return {"page": page, "objections": page.object_list}


def _answers(request: Request, run: Run) -> dict[str, Any]:
    shown = (GrantStatus.PROPOSED, GrantStatus.AGREED, GrantStatus.DECLINED)
    page = page_of(request, queries.grants_of(run, *shown), size=PAGE_SIZE)
    return {"page": page, "rows": [(grant, GRANT_TONES[grant.status]) for grant in page.object_list]}


def _payment(request: Request, run: Run) -> dict[str, Any]:
    payments = queries.payments_of(run)
    return {
        "payments": [
            (payment, may_approve(payment, run, request.actor), answer, _way(answer))
            for payment, answer in payments
        ],
        "changed": queries.changed_of(run)[:PAGE_SIZE],
        "most_rows": MOST_ROWS,
    }


def _way(answer: BankAnswer | None) -> dict[str, Any]:
    """How far the last file of a bank about a list is."""
    if answer is None:
        return {}
    return {
        "waits": answer.ended_at is None,
        "tone": ANSWER_TONES.get(answer.status, ""),
        "same": answer.lines - answer.paid - answer.returned,
    }


_PARTS: dict[str, Callable[[Request, Run], dict[str, Any]]] = {
    "names": _names,
    "notice": _notice,
    "objections": _objections,
    "answers": _answers,
    "payment": _payment,
}


@require_POST
@staff_only
def act(request: Request, run_id: UUID, step: str) -> HttpResponse:
    """Take one step with a run. What is missing is named on the page, with what was typed."""
    run = load_run(run_id, request.actor)
    taken = _STEPS.get(step)
    if taken is None:
        raise NotFound(_("没有这个操作。"))
    try:
        tab = taken(request, run)
    except Invalid as invalid:
        return page_of_run(request, run, tab="names", refused=invalid, step=step)
    return redirect(f"/desk/unasked/{run.pk}/?show={tab}")


def _announce(request: Request, run: Run) -> str:
    actions.announce(run.pk, by=request.actor, at=request.now)
    messages.success(request, _("名单已公示，正在通知名单上的企业。"))
    return "notice"


def _close(request: Request, run: Run) -> str:
    actions.close(run.pk, by=request.actor, at=request.now)
    messages.success(request, _("公示已结束，可以编制发放清单。"))
    return "payment"


def _list(request: Request, run: Run) -> str:
    key = uuid_from(typed(request, "key"))
    if key is None:
        raise NotFound(_("没有这个操作。"))
    payment = actions.make_list(run.pk, by=request.actor, at=request.now, key=key)
    if payment.to_check <= AT_ONCE:
        actions.check_list(payment.pk, at=request.now)
    return "payment"


def _finish(request: Request, run: Run) -> str:
    actions.finish(run.pk, by=request.actor, at=request.now)
    messages.success(request, _("这一批已办结。"))
    return "payment"


def _abandon(request: Request, run: Run) -> str:
    actions.abandon(run.pk, reason=typed(request, "reason", most=500), by=request.actor, at=request.now)
    messages.success(request, _("这一批已作废，没有发放。"))
    return "names"


_STEPS: dict[str, Callable[[Request, Run], str]] = {
    "announce": _announce,
    "close": _close,
    "list": _list,
    "finish": _finish,
    "abandon": _abandon,
}


@require_POST
@staff_only
def answer(request: Request, objection_id: UUID) -> HttpResponse:
    """Answer an objection."""
    objection = Objection.objects.visible_to(request.actor).filter(pk=objection_id).first()
    if objection is None:
        raise NotFound(_("没有找到这条异议。"))
    run = load_run(objection.run_id, request.actor)
    try:
        said = typed(request, "upheld")
        if said not in ("yes", "no"):
            text = _("请选择异议是否成立。")
            raise Invalid(text, {"upheld": [text]})
        actions.answer_objection(
            objection.pk,
            upheld=said == "yes",
            answer=typed(request, "answer", most=2000),
            by=request.actor,
            at=request.now,
        )
    except Invalid as invalid:
        return page_of_run(request, run, tab="objections", refused=invalid, step="answer", about=str(objection.pk))
    return redirect(f"/desk/unasked/{run.pk}/?show=objections")

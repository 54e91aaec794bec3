"""Subsidies nobody has to apply for: the public lists with their objections, and what is there for one's firm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases.actions.exporting import masked
from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import PartyKind
from zerotrip.policies.unasked import actions, queries
from zerotrip.policies.unasked.access import load_own
from zerotrip.policies.unasked.actions.words import grant_in
from zerotrip.policies.unasked.models import Consent, Grant, GrantStatus, Run, RunStatus
from zerotrip.policies.unasked.periods import period_words
from zerotrip.policies.unasked.reckoning import lines
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.web.subsidies import GRANT_TONES, facts_of

if TYPE_CHECKING:
    from zerotrip.parties.models import Party

PAGE_SIZE = 50


@require_GET
def notices(request: Request) -> HttpResponse:
    """The public lists."""
    page = page_of(request, queries.notices(at=request.now), size=PAGE_SIZE)
    rows = [
        (run, queries.spec_for(run), period_words(run.period), _is_open(run, request)) for run in page.object_list
    ]
    context = {"page": page, "rows": rows, "section": "policies"}
    return render(request, "portal/subsidies/notices.html", context)


def _is_open(run: Run, request: Request) -> bool:
    """Whether a list can be objected to."""
    return run.status == RunStatus.ANNOUNCED and run.notice_until is not None and request.now <= run.notice_until


def named(party: Party) -> str:
    """The name of somebody on a public list: people by the first character alone."""
    return masked(party.name) if party.kind == PartyKind.PERSON else party.name


@require_http_methods(["GET", "POST"])
def notice(request: Request, run_id: UUID) -> HttpResponse:
    """One public list; a POST objects to it, or to one enterprise on it."""
    run = Run.objects.published().select_related("department").filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("没有找到这份公示。"))
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            return _object(request, run)
        except Invalid as invalid:
            refused = invalid
    asked = request.GET.get("find", "").replace("\0", "").strip()[:60]
    rows = queries.grants_of(run, *queries.PUBLIC)
    page = page_of(request, rows.filter(party__name__contains=asked) if asked else rows, size=PAGE_SIZE)
    about = uuid_from(request.POST.get("grant") or request.GET.get("about"))
    listed = Grant.objects.filter(run=run, status__in=queries.PUBLIC).select_related("party")
    chosen = listed.filter(pk=about).first() if about else None
    problems = refused.problems if refused else {}
    context = {
        "run": run,
        "spec": queries.spec_for(run),
        "period": period_words(run.period),
        "is_open": _is_open(run, request),
        "lines": queries.notice_lines(run),
        "page": page,
        "rows": [(grant, named(grant.party)) for grant in page.object_list],
        "sums": queries.public_sums(run),
        "find": asked,
        "about": (chosen, named(chosen.party)) if chosen else None,
        "key": typed(request, "key") or uuid4(),
        "typed": request.POST,
        "problems": problems,
        "summary": [{"text": text, "url": f"#{name}"} for name, texts in problems.items() for text in texts],
        "section": "policies",
    }
    return render(request, "portal/subsidies/notice.html", context, status=422 if refused else 200)


def _object(request: Request, run: Run) -> HttpResponse:
    if not ratelimit.consume(request, action="objection"):
        text = _("提交得太频繁，请过一小时再试，或者电话联系发放部门。")
        raise Invalid(text, {"text": [text]})
    actions.object_to(
        run.pk,
        grant_id=uuid_from(request.POST.get("grant")),
        name=typed(request, "name", most=200),
        phone=typed(request, "phone", most=30),
        text=typed(request, "text"),
        by=request.actor,
        at=request.now,
        key=uuid_from(typed(request, "key")) or uuid4(),
    )
    messages.success(request, _("已收到您的异议，发放部门核实后会联系您。"))
    return redirect("policy-notice", run_id=run.pk)


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """What is there for the enterprises one acts for."""
    page = page_of(request, queries.own(request.actor), size=PAGE_SIZE)
    rows = [
        (grant, queries.spec_for(grant.run), GRANT_TONES[grant.status]) for grant in page.object_list if grant.run
    ]
    firms = queries.quiet_of(request.actor)
    return render(request, "portal/subsidies/index.html", {"page": page, "rows": rows, "firms": firms})


@require_http_methods(["GET", "POST"])
@signed_in
def subsidy(request: Request, grant_id: UUID) -> HttpResponse:
    """One of them: why, how much; yes with an account, or no."""
    grant = load_own(grant_id, request.actor)
    refused: Invalid | None = None
    if request.method == "POST":
        taken = _STEPS.get(typed(request, "step", most=10))
        if taken is None:
            raise NotFound(_("没有这个操作。"))
        try:
            return taken(request, grant)
        except Invalid as invalid:
            refused = invalid
    run = grant.run
    if run is None:
        raise NotFound(_("没有找到这笔补贴。"))
    problems = refused.problems if refused else {}
    live = run.status != RunStatus.PAID
    context = {
        "grant": grant,
        "run": run,
        "spec": queries.spec_for(run),
        "period": period_words(run.period),
        "tone": GRANT_TONES[grant.status],
        "asks": run.consent == Consent.ASK,
        "lines": lines(grant.reckoned, grant.amount),
        "facts": [fact for fact in facts_of(grant, vocabulary()) if fact.shown],
        "answers": live and grant.status in (GrantStatus.PROPOSED, GrantStatus.AGREED),
        "again": live and grant.status == GrantStatus.RETURNED and not queries.replaced(grant),
        "typed": request.POST,
        "problems": problems,
        "summary": [{"text": text, "url": f"#{name}"} for name, texts in problems.items() for text in texts],
    }
    return render(request, "portal/subsidies/subsidy.html", context, status=422 if refused else 200)


def _account(request: Request) -> dict[str, str]:
    return {name: typed(request, name, most=120) for name in ("holder", "bank", "number")}


def _agree(request: Request, grant: Grant) -> HttpResponse:
    actions.agree(grant.pk, **_account(request), by=request.actor, at=request.now)
    messages.success(request, _("已确认。公示结束、审批后付到您填写的账号，付了会告诉您。"))
    return redirect("subsidy", grant_id=grant.pk)


def _again(request: Request, grant: Grant) -> HttpResponse:
    again = actions.pay_again(grant.pk, **_account(request), by=request.actor, at=request.now)
    messages.success(request, _("已收到新的账号，会重新发放。"))
    return redirect("subsidy", grant_id=again.pk)


def _decline(request: Request, grant: Grant) -> HttpResponse:
    actions.decline(grant.pk, reason=typed(request, "reason", most=400), by=request.actor, at=request.now)
    messages.success(request, _("已放弃，这笔补贴不会发放。"))
    return redirect("subsidy", grant_id=grant.pk)


_STEPS: dict[str, Callable[[Request, Grant], HttpResponse]] = {
    "agree": _agree,
    "again": _again,
    "decline": _decline,
}


@require_http_methods(["POST"])
@signed_in
def telling(request: Request) -> HttpResponse:
    """Whether one's enterprise is told of policies that newly fit it."""
    party = uuid_from(typed(request, "party"))
    if party is None:
        raise NotFound(_("没有找到这家企业。"))
    quiet = typed(request, "quiet") == "1"
    actions.hush(party, quiet=quiet, by=request.actor, at=request.now)
    messages.success(request, _("以后不再提醒。") if quiet else _("有新的政策适合时会提醒您，每天最多一次。"))
    return redirect("subsidies")


@never_cache
@require_GET
def link(request: Request, token: str) -> HttpResponse:
    """Where a signed link leads: what it is about; to answer, one signs in."""
    key = grant_in(token)
    if key is None:
        raise NotFound(_("链接不完整，请从通知里重新打开。"))
    grant = Grant.objects.filter(pk=key, run__in=Run.objects.published()).select_related("party", "run").first()
    if grant is None or grant.run is None:
        raise NotFound(_("没有找到这笔补贴。"))
    if grant.party_id in request.actor.acts_for:
        return redirect("subsidy", grant_id=grant.pk)
    context: dict[str, Any] = {
        "grant": grant,
        "run": grant.run,
        "spec": queries.spec_for(grant.run),
        "name": masked_firm(grant.party.name),
    }
    return render(request, "portal/subsidies/link.html", context)


def masked_firm(name: str) -> str:
    """A firm's name with its middle hidden: whoever is meant knows it."""
    return f"{name[:2]}{'*' * max(len(name) - 6, 1)}{name[-4:]}" if len(name) > 6 else f"{name[:1]}***"

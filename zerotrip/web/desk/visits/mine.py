"""My visits by day, with the warnings on top; planning one for one firm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Kind, Obligation
from zerotrip.duties.rules import issuing_seats
from zerotrip.errors import Invalid, NotAllowed, Refusal
from zerotrip.ids import new_id
from zerotrip.relief.naming.queries import people_named
from zerotrip.relief.visits import choosing, queries
from zerotrip.relief.visits.actions import plan_visit
from zerotrip.relief.visits.declared import spec_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.visits import choices
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, storable, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.parties.models import Party


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """What I have to visit: late, today, this week, later; what is done; the warnings that ask for a decision."""
    mine = queries.my_visits(request.actor, at=request.now)
    warnings = queries.open_warnings(request.actor)
    context = {
        "mine": mine,
        "groups": [
            ("late", _("逾期"), mine.late),
            ("today", _("今天到期"), mine.today),
            ("week", _("本周"), mine.week),
            ("later", _("以后"), mine.later),
        ],
        "warnings": warnings,
        "followed": queries.followed_warnings(request.actor),
        "plans": bool(issuing_seats(Kind.VISIT, request.actor)),
        "now": request.now,
        **rail(request, "visits"),
    }
    return render(request, "desk/visits/index.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Plan one visit to one firm, for oneself or a colleague; also upon a warning."""
    if not choices.offices(request.actor):
        raise NotAllowed(_("走访由部门负责人、帮办人员或诉求值班人员安排。"))
    given = request.POST if request.method == "POST" else request.GET
    warning = _warning(request, given.get("warning", ""))
    text = warning.about.uscc if warning and warning.about else storable(given.get("firm", "")).strip()[:120]
    if request.method == "GET":
        return _page(request, text, warning)
    try:
        visit = _plan(request, text, warning)
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, text, warning, refused=refused)
    messages.success(request, _("已安排走访。"))
    mine = visit.owner_id == request.actor.person_id
    return redirect("desk-visit", visit.pk) if mine else redirect("desk-visits")


def _warning(request: Request, text: str) -> Obligation | None:
    key = uuid_from(text)
    return queries.load_warning(key, request.actor) if key else None


def _plan(request: Request, text: str, warning: Obligation | None) -> Obligation:
    firm = _firm(request, text)
    office = choices.office_typed(request)
    person = uuid_from(typed(request, "person", most=40))
    if person is None or office is None:
        words = _("请选择谁去。")
        raise Invalid(words, {"person": [words]})
    return plan_visit(
        firm,
        person=person,
        day=day_or_none(request, "day"),
        checklist=uuid_from(typed(request, "checklist", most=40)),
        why=typed(request, "why", most=2000),
        office=office,
        key=uuid_from(request.POST.get("key")) or new_id(),
        by=request.actor,
        at=request.now,
        warning=warning.pk if warning else None,
    )


def _firm(request: Request, text: str) -> Party:
    found = choosing.of_lines(text.partition("\n")[0], request.actor)
    if len(found.firms) == 1:
        return found.firms[0]
    words = _("请填写企业全称或统一社会信用代码。")
    if found.unknown:
        words = _("没有找到这家企业，或者不在您的辖区。")
    if found.several:
        words = _("有几家企业叫这个名称，请填写统一社会信用代码。")
    raise Invalid(words, {"firm": [words]})


def _page(
    request: Request, text: str, warning: Obligation | None, *, refused: Refusal | None = None
) -> HttpResponse:
    found = choosing.of_lines(text, request.actor).firms if text else []
    firm = found[0] if len(found) == 1 else None
    helpers = people_named([firm.pk], at=request.now) if firm else {}
    people = choices.people(request.actor, at=request.now)
    spec = spec_of(warning.requirement) if warning else None
    named = next((who for who in helpers.values() if any(one[0] == who for one in people)), None)
    typed_in: Mapping[str, Any] = request.POST
    context = {
        "firm": firm,
        "text": text,
        "warning": warning,
        "people": people,
        "person": uuid_from(typed_in.get("person")) or named or request.actor.person_id,
        "named": named,
        "offices": choices.offices(request.actor),
        "forms": choices.forms(),
        "checklist": _chosen(typed_in, spec.checklist if spec else None),
        "typed": typed_in,
        "key": uuid_from(typed_in.get("key")) or new_id(),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "today": request.now,
        **rail(request, "visits"),
    }
    return render(request, "desk/visits/new.html", context, status=refused.status if refused else 200)


def _chosen(given: Mapping[str, Any], name: str | None) -> UUID | None:
    return uuid_from(given.get("checklist")) or choices.form_called(name)

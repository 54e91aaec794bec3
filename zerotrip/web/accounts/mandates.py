"""Letting somebody else file in one's name, and taking that back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.catalogue.queries import offered
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.parties import mandates
from zerotrip.parties.models import Deed, Given, Mandate, MandateKind, Party, User
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.accounts.views import address_of
from zerotrip.web.requests import Request, day_typed, typed

if TYPE_CHECKING:
    from typing import Any


@require_http_methods(["GET", "POST"])
@signed_in
def index(request: Request) -> HttpResponse:
    """The mandates I gave, those I have, and a form to give one."""
    if request.method == "GET":
        return _page(request)
    try:
        mandate = _give(request)
    except Refusal as refused:
        return _page(request, refused=refused)
    messages.success(request, _("已授权%(name)s代办。") % {"name": mandate.agent.person.name})
    return redirect("mandates")


def _give(request: Request) -> Mandate:
    own = {str(party.pk): party for party in Party.objects.filter(pk__in=request.actor.acts_for)}
    principal = own.get(typed(request, "principal"))
    if principal is None:
        text = _("请选择以谁的名义授权。")
        raise Invalid(text, {"principal": [text]})
    deeds = [Deed(value) for value in request.POST.getlist("deed") if value in Deed.values]
    known = offered()
    return mandates.give_mandate(
        principal,
        _agent(request),
        kind=MandateKind.DELEGATED,
        given=Given.ONLINE,
        deeds=deeds,
        services=[slug for slug in request.POST.getlist("service") if slug in known],
        until=day_typed(request, "until", later=1),
        statement=_("%(name)s登录后在网上授权。") % {"name": request.actor.name},
        by=request.actor,
        at=request.now,
    )


def _agent(request: Request) -> User:
    """Who is to file. Addresses cannot be tried one after another."""
    if not ratelimit.consume(request, action="add_agent", user=request.user):
        raise Invalid(_("尝试次数太多，请过一会儿再添加。"), {"address": [_("尝试次数太多，请过一会儿再添加。")]})
    address = address_of(typed(request, "address", most=254))
    found = User.objects.select_related("person").filter(is_active=True, **address).first() if address else None
    if found is None or not found.person.name:
        text = _("没有找到这位代办人。请对方先登录一次并填好姓名。")
        raise Invalid(text, {"address": [text]})
    return found


def _page(request: Request, *, refused: Refusal | None = None) -> HttpResponse:
    mine = Q(agent=request.actor.user_id) | Q(principal__in=request.actor.acts_for)
    seen = Mandate.objects.visible_to(request.actor).filter(mine, kind=MandateKind.DELEGATED)
    rows = list(seen.select_related("principal", "agent__person").order_by("-recorded_at")[:100])
    names = {slug: spec.name for slug, spec in offered().items()}
    context: dict[str, Any] = {
        "rows": [_row(mandate, names, request) for mandate in rows],
        "principals": Party.objects.filter(pk__in=request.actor.acts_for).order_by("kind", "name"),
        "services": names.items(),
        "deeds": Deed.choices,
        "typed": {name: typed(request, name) for name in ("principal", "address", "until")},
        "ticked": request.POST.getlist("deed") if request.method == "POST" else ["fill", "submit", "correct"],
        "chosen": request.POST.getlist("service"),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
    }
    return render(request, "accounts/mandates.html", context, status=refused.status if refused else 200)


def _row(mandate: Mandate, names: dict[str, Any], request: Request) -> dict[str, Any]:
    over = mandate.revoked_at is not None or mandate.during.upper <= request.now
    return {
        "mandate": mandate,
        "given": mandate.principal_id in request.actor.acts_for,
        "about": [names.get(slug, slug) for slug in mandate.services],
        "deeds": [deed.label for deed in Deed if deed in mandate.deeds],
        "until": mandate.revoked_at or mandate.during.upper - timedelta(minutes=1),
        "over": over,
        "may_confirm": mandate.awaits and not over and _confirms(mandate, request),
    }


def _confirms(mandate: Mandate, request: Request) -> bool:
    """Whether this person says yes for the principal of a mandate a clerk recorded."""
    mine = mandate.principal_id in request.actor.acts_for
    return mine and request.actor.user_id not in (mandate.agent_id, mandate.recorded_by_id)


@require_POST
@signed_in
def confirm(request: Request, mandate_id: UUID) -> HttpResponse:
    """Say yes to a mandate that was recorded at the counter."""
    mandate = Mandate.objects.visible_to(request.actor).filter(pk=mandate_id).first()
    if mandate is None or not _confirms(mandate, request):
        raise NotFound(_("没有找到这项授权。"))
    by = request.actor
    mandates.confirm_mandate(mandate.pk, confirmed_by=by.account, by=by, at=request.now)
    messages.success(request, _("已确认，授权从现在起有效。"))
    return redirect("mandates")


@require_POST
@signed_in
def end(request: Request, mandate_id: UUID) -> HttpResponse:
    """Take a mandate back, or lay it down, from now on."""
    mandate = mandates.revoke_mandate(mandate_id, by=request.actor, at=request.now)
    if mandate.kind != MandateKind.DELEGATED:
        raise NotFound(_("没有找到这项授权。"))
    messages.success(request, _("授权已经结束。已经录入的内容还在，由申请人接着办。"))
    return redirect("mandates")

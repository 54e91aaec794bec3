"""Mandates for more than one case, recorded at the counter: the paper kept, the principal's yes, how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.actions.confirming import principals
from zerotrip.cases.actions.counter import require_counter
from zerotrip.cases.models import Confirmation
from zerotrip.catalogue.queries import offered
from zerotrip.errors import Invalid, NotFound, Refusal, Refused
from zerotrip.files.actions import store
from zerotrip.ids import new_id
from zerotrip.parties import mandates
from zerotrip.parties.models import Deed, Given, Mandate, MandateKind, Party, PartyKind, User
from zerotrip.parties.queries import accounts_of
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.files import serve
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.limits import limit_codes
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_typed, typed

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase

    from zerotrip.files.models import Blob

PAGE_SIZE = 30
KINDS = (PartyKind.ENTERPRISE, PartyKind.PERSON)
FIELDS = ("kind", "firm", "uscc", "principal_name", "principal_phone", "agent_name", "agent_phone", "until")
"""What is typed of a mandate besides what is ticked."""
USUAL = (Deed.FILL, Deed.SUBMIT, Deed.CORRECT)


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The mandates recorded at the counter of my office, the latest first."""
    require_counter(request.actor)
    page = page_of(request, _seen(request).order_by("-recorded_at", "-pk"), size=PAGE_SIZE)
    names = _names()
    context = {
        "page": page,
        "rows": [_row(mandate, names, request) for mandate in page],
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/mandates.html", context)


def _seen(request: Request) -> QuerySet[Mandate]:
    recorded = Mandate.objects.filter(kind=MandateKind.DELEGATED, given=Given.COUNTER, case=None)
    seen = Mandate.objects.visible_to(request.actor).filter(pk__in=recorded.values("pk"))
    return seen.select_related("principal", "agent__person", "recorded_by__person", "confirmed_by__person")


def _names() -> dict[str, Any]:
    return {slug: spec.name for slug, spec in offered().items()}


def _row(mandate: Mandate, names: dict[str, Any], request: Request) -> dict[str, Any]:
    return {
        "mandate": mandate,
        "about": [names.get(slug, slug) for slug in mandate.services],
        "deeds": [deed.label for deed in Deed if deed in mandate.deeds],
        "until": mandate.during.upper - timedelta(minutes=1),
        "over": mandate.during.upper <= request.now,
    }


@require_http_methods(["GET", "POST"])
@staff_only
def record(request: Request) -> HttpResponse:
    """Key a mandate in from the signed paper; then its principal says yes."""
    require_counter(request.actor)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            mandate = _record(request)
        except (Invalid, Refused) as refusal:
            refused = refusal
        else:
            messages.success(request, _("已登记。委托人确认后才有效。"))
            return redirect("desk-mandate", mandate.pk)
    told = {name: typed(request, name, most=254) for name in FIELDS}
    told["kind"] = told["kind"] if told["kind"] in KINDS else PartyKind.ENTERPRISE
    context = {
        "typed": told,
        "kinds": [(kind, kind.label) for kind in KINDS],
        "services": _names().items(),
        "chosen": request.POST.getlist("service"),
        "deeds": Deed.choices,
        "ticked": request.POST.getlist("deed") if request.method == "POST" else [*USUAL],
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "key": uuid_from(typed(request, "key")) or new_id(),
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/mandate_new.html", context, status=refused.status if refused else 200)


@transaction.atomic
def _record(request: Request) -> Mandate:
    """Both sides registered and the mandate kept, or nothing of it."""
    by, at = request.actor, request.now
    if typed(request, "kind") == PartyKind.PERSON:
        principal: Party = _person(request, "principal").person
    else:
        firm, uscc = typed(request, "firm"), typed(request, "uscc")
        principal = mandates.register_enterprise(name=firm, uscc=uscc, by=by, at=at)
    known = offered()
    return actions.record_mandate(
        principal,
        _person(request, "agent"),
        services=[slug for slug in request.POST.getlist("service") if slug in known],
        deeds=[Deed(value) for value in request.POST.getlist("deed") if value in Deed.values],
        until=day_typed(request, "until", later=1),
        paper=_paper(request),
        key=uuid_from(typed(request, "key")) or new_id(),
        by=by,
        at=at,
    )


def _person(request: Request, side: str) -> User:
    """The principal or the agent, registered where nobody knew them. Raises Invalid at their controls."""
    told = mandates.Person(typed(request, f"{side}_name"), typed(request, f"{side}_phone"))
    try:
        found: User = mandates.register_person(told, by=request.actor, at=request.now)
    except Invalid as invalid:
        problems = {f"{side}_{place}": texts for place, texts in invalid.problems.items()}
        raise Invalid(invalid.message, problems) from invalid
    return found


def _paper(request: Request) -> Blob | None:
    found = request.FILES.getlist("evidence")[:1]
    try:
        return store(found[0], at=request.now) if found else None
    except Refusal as refusal:
        raise Invalid(refusal.message, {"evidence": [refusal.message]}) from refusal


@require_http_methods(["GET", "POST"])
@staff_only
def show(request: Request, mandate_id: UUID) -> HttpResponse:
    """One mandate: whose, for what, until when, on which paper; the principal's yes while it awaits one."""
    require_counter(request.actor)
    mandate = _mandate(request, mandate_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return _done(request, mandate)
        except (Invalid, Refused) as refusal:
            refused = refusal
    mine = mandate.recorded_by_id == request.actor.user_id
    context = {
        **_row(mandate, _names(), request),
        "how": _how(mandate),
        "mine": mine,
        "may_compare": not mine and mandate.agent_id != request.actor.user_id,
        "addressees": principals(mandate, at=request.now) if mandate.awaits else [],
        "refused": refused,
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/mandate.html", context, status=refused.status if refused else 200)


def _how(mandate: Mandate) -> str:
    """How the principal said yes: by a code, online, or by their signature that a second clerk compared."""
    if mandate.confirmed_at is None:
        return ""
    coded = Confirmation.objects.filter(mandate=mandate, confirmed_at__isnull=False).first()
    if coded is not None:
        return f"{coded.get_means_display()} {coded.sent_to}"
    if mandate.confirmed_by_id in accounts_of(mandate.principal_id, at=mandate.confirmed_at):
        return _("本人网上确认")
    return _("核对签字")


def _mandate(request: Request, mandate_id: UUID) -> Mandate:
    found = _seen(request).filter(pk=mandate_id).first()
    if found is None:
        raise NotFound(_("没有找到这项授权。"))
    return found


def _done(request: Request, mandate: Mandate) -> HttpResponse:
    by, at = request.actor, request.now
    if "drop" in request.POST:
        mandates.revoke_mandate(mandate.pk, by=by, at=at)
        messages.success(request, _("登记已撤销。"))
        return redirect("desk-mandates")
    if "compared" in request.POST:
        actions.confirm_signature(mandate, by=by, at=at)
        messages.success(request, _("签字已核对，授权从现在起有效。"))
        return redirect("desk-mandate", mandate.pk)
    to = next((one for one in principals(mandate, at=at) if str(one.account) == typed(request, "to")), None)
    if to is None or not mandate.awaits:
        raise Refused(_("请选择把确认码发给谁。"))
    limit_codes(request, to.address)
    asked = actions.ask_mandate_code(mandate, to=to, by=by, at=at)
    return redirect("desk-counter-code", asked.pk)


@require_GET
@staff_only
def paper(request: Request, mandate_id: UUID) -> HttpResponseBase:
    """The paper the principal signed."""
    require_counter(request.actor)
    mandate = Mandate.objects.select_related("evidence").get(pk=_mandate(request, mandate_id).pk)
    if mandate.evidence is None:
        raise NotFound(_("没有找到这个文件。"))
    return serve(mandate.evidence, _("授权委托书"))

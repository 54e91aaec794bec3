"""Calls for advice: recorded while one speaks, the guide sent as a link, found again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.cases import actions
from zerotrip.cases.models import Consultation
from zerotrip.catalogue.queries import current_services, search
from zerotrip.errors import Invalid, Refused
from zerotrip.ids import new_id
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

PAGE_SIZE = 30
FOUND = 8
FIELDS = ("question", "answer", "caller", "phone", "email", "minutes", "number", "service")
"""What is typed of a call."""


@require_http_methods(["GET", "POST"])
@staff_only
def calls(request: Request) -> HttpResponse:
    """Record a call, with the services beside it; below, the calls there were."""
    if request.method == "GET" or "find" in request.POST or "pick" in request.POST:
        return _page(request)
    try:
        call = _record(request)
    except Invalid as refused:
        return _page(request, refused=refused)
    if "send" in request.POST:
        return _send(request, call.pk)
    messages.success(request, _("已登记。"))
    return redirect("desk-calls")


def _record(request: Request) -> Consultation:
    minutes = typed(request, "minutes", most=4)
    return actions.record_consultation(
        question=typed(request, "question", most=2000),
        answer=typed(request, "answer", most=2000),
        caller=typed(request, "caller", most=120),
        phone=typed(request, "phone", most=20),
        email=typed(request, "email", most=254),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() else -1,
        number=typed(request, "number", most=40),
        service=typed(request, "service", most=60),
        key=uuid_from(typed(request, "key")) or new_id(),
        by=request.actor,
        at=request.now,
    )


@require_POST
@staff_only
def guide(request: Request, consultation_id: UUID) -> HttpResponse:
    """Send the guide of the service to whoever asked."""
    return _send(request, consultation_id)


def _send(request: Request, consultation_id: UUID) -> HttpResponse:
    if not ratelimit.consume(request, action="guide_link", user=request.user, key=str(consultation_id)):
        raise Refused(_("发送太频繁，请过一会儿再发。"))
    call = actions.send_guide(consultation_id, by=request.actor, at=request.now)
    messages.success(request, _("办事指南的链接已发到 %(to)s。") % {"to": masked(call)})
    return redirect("desk-calls")


def masked(call: Consultation) -> str:
    """The address of a caller as the list shows it."""
    if call.phone:
        return f"{call.phone[:3]}****{call.phone[-4:]}"
    name, at, host = call.email.partition("@")
    return f"{name[:1]}***@{host}" if at else ""


def _page(request: Request, *, refused: Invalid | None = None) -> HttpResponse:
    told = {name: typed(request, name) for name in FIELDS}
    told["service"] = typed(request, "pick", most=60) or told["service"] or request.GET.get("service", "")
    asked = typed(request, "q", most=100)
    page = page_of(request, _found(request), size=PAGE_SIZE)
    context: dict[str, Any] = {
        "q": asked,
        "found": [(version, version.spec) for version in search(asked, limit=FOUND)] if asked else [],
        "services": [(version.service_id, str(version.spec.name)) for version in current_services()],
        "page": page,
        "rows": [(call, masked(call), call.service.current.spec if _has(call) else None) for call in page],
        "typed": told,
        "refused": refused,
        "problems": refused.problems if refused else {},
        "key": uuid_from(typed(request, "key")) or new_id(),
        "records": bool(request.actor.seats_as(*WORKING_ROLES)),
        "mine": request.GET.get("mine") == "1",
        "sought": (request.GET.get("text") or "").strip()[:100],
        **rail(request, "calls"),
    }
    return render(request, "desk/calls.html", context, status=422 if refused else 200)


def _has(call: Consultation) -> bool:
    return call.service is not None and call.service.current is not None


def _found(request: Request) -> QuerySet[Consultation]:
    calls = Consultation.objects.visible_to(request.actor)
    if request.GET.get("mine") == "1":
        calls = calls.filter(taken_by=request.actor.user_id)
    if text := (request.GET.get("text") or "").strip()[:100]:
        calls = calls.filter(question__icontains=text)
    return calls.select_related("service__current", "taken_by__person", "case").order_by("-taken_at", "-pk")

"""Calls for advice: recorded while one speaks, the guide sent as a link, found again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
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
from zerotrip.catalogue.queries import offered, search
from zerotrip.errors import Invalid, Refused
from zerotrip.ids import new_id
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed
from zerotrip.workdays.calendar import CHINA

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
    sought = Sought.of(request)
    page = page_of(request, _found(request, sought), size=PAGE_SIZE)
    context: dict[str, Any] = {
        "q": asked,
        "found": [(version, version.spec) for version in search(asked, limit=FOUND)] if asked else [],
        "services": [(slug, str(spec.name)) for slug, spec in offered().items()],
        "page": page,
        "rows": [(call, masked(call), call.service.current.spec if _has(call) else None) for call in page],
        "typed": told,
        "refused": refused,
        "problems": refused.problems if refused else {},
        "key": uuid_from(typed(request, "key")) or new_id(),
        "records": bool(request.actor.seats_as(*WORKING_ROLES)),
        "sought": sought,
        "query": sought.query,
        **rail(request, "calls"),
    }
    return render(request, "desk/calls.html", context, status=422 if refused else 200)


def _has(call: Consultation) -> bool:
    return call.service is not None and call.service.current is not None


@dataclass(frozen=True)
class Sought:
    """Which calls the address asks for."""

    text: str = ""
    mine: bool = False
    about: str = ""
    """The service they were about."""
    since: date | None = None
    until: date | None = None
    """The first and the last day, as a calendar in China has them."""

    @classmethod
    def of(cls, request: Request) -> Sought:
        """As asked; what is no date, or no service, filters nothing."""
        given = request.GET
        return cls(
            text=given.get("text", "").strip()[:100],
            mine=given.get("mine") == "1",
            about=given.get("about", "").strip()[:60],
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
        )

    @property
    def query(self) -> str:
        """The query string that asks for the same again."""
        kept = {"text": self.text, "mine": "1" if self.mine else "", "about": self.about}
        days = {"since": self.since, "until": self.until}
        return urlencode({name: value for name, value in {**kept, **days}.items() if value})


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


def _found(request: Request, sought: Sought) -> QuerySet[Consultation]:
    calls = Consultation.objects.visible_to(request.actor)
    if sought.mine:
        calls = calls.filter(taken_by=request.actor.user_id)
    if sought.text:
        calls = calls.filter(question__icontains=sought.text)
    if sought.about:
        calls = calls.filter(service=sought.about)
    if sought.since:
        calls = calls.filter(taken_at__gte=_begins(sought.since))
    if sought.until:
        calls = calls.filter(taken_at__lt=_begins(sought.until + timedelta(days=1)))
    return calls.select_related("service__current", "taken_by__person", "case").order_by("-taken_at", "-pk")

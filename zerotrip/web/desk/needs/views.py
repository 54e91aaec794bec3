"""All needs one may see, counted by subject; raising one for a firm that came, rang, or was visited."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.models import TAKING_ROLES, Door
from zerotrip.cases.needing import STATUSES, Asking, Counted, count_needs, find_needs
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.mandates import register_enterprise
from zerotrip.parties.queries import streets
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.attaching import hold
from zerotrip.web.cases.asking import NeedsPage, subjects
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.parties.models import Party

PAGE_SIZE = 30


def _asking(given: Mapping[str, str]) -> Asking:
    """Which needs the address asks for. What nobody offers narrows nothing."""
    area, status = given.get("area", ""), given.get("status", "")
    return Asking(
        subject=storable(given.get("subject", "")).strip()[:60],
        area=area if area.isascii() and area.isdigit() and len(area) <= 15 else "",
        status=status if status in STATUSES else "",
        late=given.get("late") == "1",
        green=given.get("green") == "1",
    )


def _query(asking: Asking, **changes: Any) -> str:
    kept = {**asdict(asking), **changes}
    return urlencode({name: "1" if value is True else value for name, value in kept.items() if value})


@require_GET
@staff_only
def overview(request: Request) -> HttpResponse:
    """How many needs of each subject are open, late, in the green channel; and the needs behind a number."""
    asking = _asking(request.GET.dict())
    named = {version.service_id: str(version.spec.name) for version in subjects()}
    counted = count_needs(request.actor, asking, at=request.now)
    rows = [
        (slug, name, counted.get(slug, Counted()), _query(asking, subject=slug)) for slug, name in named.items()
    ]
    context = {
        "asking": asking,
        "query": _query(asking),
        "rows": [row for row in rows if not asking.subject or row[0] == asking.subject],
        "total": sum(counted.values(), Counted()),
        "subjects": named.items(),
        "areas": streets({seat.area_path for seat in request.actor.seats}),
        "statuses": STATUSES.items(),
        "narrowed": any(asdict(asking).values()),
        "links": {"late": _query(asking, late=True), "green": _query(asking, green=True)},
        "page": page_of(request, find_needs(request.actor, asking, at=request.now), size=PAGE_SIZE),
        "raises": bool(request.actor.seats_as(*TAKING_ROLES)),
        "now": request.now,
        **rail(request, "needs"),
    }
    return render(request, "desk/needs/overview.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Write down what a firm says it needs. It is told at once, and may take it back."""
    if not request.actor.seats_as(*TAKING_ROLES):
        raise NotFound(_("您没有办理岗位，不能代企业登记诉求。"))
    hold(request)
    given = request.POST if request.method == "POST" else request.GET
    chosen = [slug for slug in given.getlist("subject") if slug]
    if request.method == "GET" or "add" in request.POST:
        if "add" in request.POST:
            chosen.append(typed(request, "more", most=60))
        return _page(request, chosen, sent=request.method == "POST")
    try:
        with transaction.atomic():  # nobody is registered for a need that does not pass
            name, uscc = typed(request, "firm"), typed(request, "uscc")
            firm = register_enterprise(name=name, uscc=uscc, by=request.actor, at=request.now)
            return _raise(request, chosen, firm)
    except Invalid as invalid:
        return _page(request, chosen, sent=True, refused=invalid)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return _page(request, chosen, sent=True, refused=refusal)


def _raise(request: Request, chosen: list[str], firm: Party) -> HttpResponse:
    page = NeedsPage(chosen, firm=firm, actor=request.actor, now=request.now, sent=request.POST)
    cases = actions.raise_needs(
        page.asked(),
        applicant=firm,
        request=uuid_from(request.POST.get("request")) or new_id(),
        by=request.actor,
        at=request.now,
        door=Door.PHONE if typed(request, "door") == Door.PHONE else Door.DESK,
    )
    text = ngettext("已登记 %(count)d 件诉求，已告知企业。", "已登记 %(count)d 件诉求，已告知企业。", len(cases))
    messages.success(request, text % {"count": len(cases)})
    return redirect("desk-needs")


def _page(request: Request, chosen: list[str], *, sent: bool, refused: Refusal | None = None) -> HttpResponse:
    problems = refused.problems if isinstance(refused, Invalid) else {}
    page = NeedsPage(
        chosen,
        firm=None,
        actor=request.actor,
        now=request.now,
        sent=request.POST if sent else None,
        problems=problems,
    )
    context = {
        "page": page,
        "subjects": subjects(),
        "refused": refused,
        "problems": problems,
        "typed": {name: typed(request, name) or request.GET.get(name, "") for name in ("firm", "uscc", "door")},
        "request_id": uuid_from(request.POST.get("request")) or new_id(),
        **rail(request, "needs"),
    }
    return render(request, "desk/needs/new.html", context, status=refused.status if refused else 200)

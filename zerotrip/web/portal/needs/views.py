"""Raise a need, or several at once; see what became of those raised before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zerotrip.cases import actions
from zerotrip.cases.queries import my_needs
from zerotrip.errors import Invalid, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.models import Party, PartyKind
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.attaching import hold
from zerotrip.web.cases.asking import NeedsPage, subjects
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE_SIZE = 20


@require_safe
def index(request: Request) -> HttpResponse:
    """What help there is, subject by subject, and the needs of those I act for."""
    mine = my_needs(request.actor) if request.actor.user_id else None
    context = {
        "subjects": subjects(),
        "page": page_of(request, mine, size=PAGE_SIZE) if mine is not None else None,
        "section": "needs",
    }
    return render(request, "portal/needs/index.html", context)


def firms_of(request: Request) -> QuerySet[Party]:
    """The enterprises this person raises needs for."""
    live = Party.objects.live().filter(kind=PartyKind.ENTERPRISE, pk__in=request.actor.represents)
    return live.order_by("name", "pk")


@require_http_methods(["GET", "POST"])
@signed_in
def new(request: Request) -> HttpResponse:
    """One page for all needs of a request: choose subjects, say what it is about, send them together."""
    hold(request)
    firms = list(firms_of(request))
    given = request.POST if request.method == "POST" else request.GET
    chosen = given.getlist("subject")
    firm = next((one for one in firms if str(one.pk) == given.get("firm")), firms[0] if len(firms) == 1 else None)
    if request.method == "POST":
        if "remove" in request.POST:
            return _page(request, firms, firm, *_without(request, chosen))
        if "add" in request.POST:
            more = [*chosen, typed(request, "more", most=60)]
            return _page(request, firms, firm, more, sent=True)
        return _raise(request, firms, firm, chosen)
    if not chosen:
        return redirect("needs")
    return _page(request, firms, firm, chosen, sent=False)


def _without(request: Request, chosen: list[str]) -> tuple[list[str], bool]:
    """The subjects without the one whose button was pressed. What is left keeps what was typed."""
    return without(request, chosen), True


def without(request: Request, chosen: list[str], *, least: int = 1) -> list[str]:
    """The same for whichever page holds needs; ``least`` of them stay."""
    gone = request.POST.get("remove", "")
    at = int(gone) if gone.isascii() and gone.isdigit() and len(gone) < 3 else -1
    if 0 <= at < len(chosen) > least:
        kept: Any = request.POST.copy()
        for key in list(kept):
            place, _dash, rest = key.removeprefix("need-").partition("-")
            if not key.startswith("need-") or not place.isdigit() or int(place) < at:
                continue
            values = kept.setlistdefault(key)
            del kept[key]
            if int(place) > at:
                kept.setlist(f"need-{int(place) - 1}-{rest}", values)
        request.POST = kept
        chosen = [*chosen[:at], *chosen[at + 1 :]]
    return chosen


def _raise(request: Request, firms: list[Party], firm: Party | None, chosen: list[str]) -> HttpResponse:
    page = NeedsPage(chosen, firm=firm, actor=request.actor, now=request.now, sent=request.POST)
    problems: dict[str, list[str]] = {}
    if firm is None:
        text = _("请选择是哪家企业的诉求。")
        return _page(request, firms, firm, chosen, sent=True, problems={"firm": [text]}, refused=text)
    try:
        cases = actions.raise_needs(
            page.asked(),
            applicant=firm,
            request=uuid_from(request.POST.get("request")) or new_id(),
            by=request.actor,
            at=request.now,
        )
    except Invalid as invalid:
        problems, message = invalid.problems, invalid.message
        return _page(request, firms, firm, chosen, sent=True, problems=problems, refused=message)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return _page(request, firms, firm, chosen, sent=True, refused=refusal.message, status=409)
    text = ngettext(
        "已收到您的 %(count)d 件诉求，已分派专人，答复会发到您的消息里。",
        "已收到您的 %(count)d 件诉求，已分派专人，答复会发到您的消息里。",
        len(cases),
    )
    messages.success(request, text % {"count": len(cases)})
    return redirect("case", cases[0].number) if len(cases) == 1 else redirect("needs")


def _page(
    request: Request,
    firms: list[Party],
    firm: Party | None,
    chosen: list[str],
    sent: bool = False,
    *,
    problems: dict[str, list[str]] | None = None,
    refused: str = "",
    status: int = 422,
) -> HttpResponse:
    page = NeedsPage(
        chosen,
        firm=firm,
        actor=request.actor,
        now=request.now,
        sent=request.POST if sent else None,
        problems=problems,
    )
    if not page.needs:
        return redirect("needs")
    context = {
        "page": page,
        "firms": firms,
        "firm": firm,
        "firm_problem": (problems or {}).get("firm", []),
        "refused": refused,
        "request_id": uuid_from(request.POST.get("request")) or new_id(),
        "section": "needs",
    }
    return render(request, "portal/needs/new.html", context, status=status if refused else 200)

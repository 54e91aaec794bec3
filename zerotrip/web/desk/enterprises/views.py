"""The enterprises of one's area: a list, the record of each, and what is put right in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.models import Kind
from zerotrip.duties.rules import issuing_seats
from zerotrip.enterprises import actions, blocks, queries
from zerotrip.enterprises.access import load, may_merge, may_state
from zerotrip.enterprises.queries import Search
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.facts.queries import vocabulary
from zerotrip.facts.wording import value_text
from zerotrip.parties.industries import Level, industries, industry
from zerotrip.parties.queries import area_choices, streets
from zerotrip.relief.naming.access import NAMING
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.enterprises import stating
from zerotrip.web.enterprises.record import record_of
from zerotrip.web.enterprises.telling import told
from zerotrip.web.pages import page_of
from zerotrip.web.requests import Request, storable, typed

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

PAGE_SIZE = 30
LONGEST = 80
"""Characters of a search that are looked at."""
NAMED = {
    "mine": gettext_lazy("我帮办的"),
    "none": gettext_lazy("没有专人的"),
    "lost": gettext_lazy("专人已离岗的"),
}
"""Whom the list can be narrowed to by who is named for them."""
IN_LIST = ("industry", "size_class", "above_scale")


def search_of(given: Mapping[str, str], words: Vocabulary) -> Search:
    """Which enterprises the address asks for. What nobody offers filters nothing."""
    area = given.get("area", "")
    found = industry(given.get("industry", "")[:6])
    facts = {}
    for spec, choices in queries.filters(words):
        value = given.get(spec.id, "")
        if value in ({choice for choice, _label in choices} or {"yes", "no"}):
            facts[spec.id] = value
    return Search(
        text=storable(given.get("q", "")).strip()[:LONGEST],
        area=area if area.isascii() and area.isdigit() and len(area) <= 15 else "",
        industry=found.written if found else "",
        carrier=storable(given.get("carrier", "")).strip()[:LONGEST],
        facts=facts,
        named=given.get("named", "") if given.get("named") in NAMED else "",
    )


def query_of(search: Search) -> str:
    """The query string that asks for the same again."""
    asked = {
        "q": search.text,
        "area": search.area,
        "industry": search.industry,
        "carrier": search.carrier,
        "named": search.named,
        **search.facts,
    }
    return urlencode({name: value for name, value in asked.items() if value})


def controls(search: Search, words: Vocabulary, actor: Actor) -> dict[str, Any]:
    """The controls enterprises are searched by, with what they hold."""
    return {
        "search": search,
        "areas": streets({seat.area_path for seat in actor.seats}),
        "sections": industries(Level.SECTION),
        "filters": [(spec, choices, search.facts.get(spec.id, "")) for spec, choices in queries.filters(words)],
        "has_carrier": "carrier" in words.facts,
    }


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The enterprises of my area, by a part of the name or the USCC, area, industry, size and standing."""
    words = vocabulary()
    search = search_of(request.GET.dict(), words)
    page = page_of(request, queries.find(request.actor, search, words), size=PAGE_SIZE)
    counted = queries.counts_of((firm.pk for firm in page.object_list), IN_LIST, words)
    found = industry(search.industry) if search.industry else None
    context = {
        "page": page,
        "rows": [(firm, _in_list(counted.get(firm.pk, {}), words)) for firm in page.object_list],
        **controls(search, words, request.actor),
        "query": query_of(search),
        "narrowed": bool(query_of(search)),
        "industry": found,
        "named": NAMED.items(),
        "names": bool(request.actor.seats_as(*NAMING)),
        "visits": bool(issuing_seats(Kind.VISIT, request.actor)),
        "key": uuid4(),
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/index.html", context)


def _in_list(values: dict[str, Any], words: Vocabulary) -> dict[str, Any]:
    texts = {name: value_text(words.facts[name], value) for name, value in values.items() if value is not None}
    return {
        "industry": texts.get("industry", ""),
        "size": texts.get("size_class", ""),
        "above": values.get("above_scale"),
    }


@require_GET
@staff_only
def show(request: Request, uscc: str) -> HttpResponse:
    """The record of an enterprise. One that was merged leads to the one it is now."""
    party = load(uscc, request.actor)
    if party.uscc != uscc:
        if party.uscc != uscc.upper():
            messages.info(request, _("%(uscc)s 已并入这家企业。") % {"uscc": uscc.upper()})
        return redirect("desk-enterprise", party.uscc)
    return _page(request, party)


def _page(
    request: Request, party: Party, *, refused: Refused | Invalid | None = None, opened: str = ""
) -> HttpResponse:
    context = {
        **record_of(party, request.actor, at=request.now, at_desk=True),
        "may_state": may_state(request.actor, party),
        "may_merge": may_merge(request.actor, party),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "opened": opened,
        "typed": request.POST,
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/show.html", context, status=refused.status if refused else 200)


def _areas(request: Request) -> list[tuple[str, str, int]]:
    """The areas one may put an enterprise in."""
    paths = sorted({seat.area_path for seat in request.actor.seats}, key=len)
    return area_choices(paths[0]) if paths else []


@require_http_methods(["GET", "POST"])
@staff_only
def fact(request: Request, uscc: str, name: str) -> HttpResponse:
    """One fact: all that was stated of it, which of that counts and why, and a form to state it anew."""
    party = load(uscc, request.actor)
    words = vocabulary()
    spec = stating.spec_of(name, words)
    if spec.sensitive:
        raise NotFound(_("没有这一项。"))
    refused = None
    if request.method == "POST":
        try:
            stating.state(party, spec, request, own=False)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(label)s：已记录，原来的说法仍保留。") % {"label": spec.label})
            return redirect("desk-enterprise-fact", party.uscc, name)
    context = {
        "party": party,
        **told(spec, party, words, at=request.now),
        "form": stating.form_of(spec, words, request, own=False) if may_state(request.actor, party) else None,
        "refused": refused,
        "problems": refused.problems if refused else {},
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/fact.html", context, status=422 if refused else 200)


@require_GET
@staff_only
def block(request: Request, uscc: str, name: str) -> HttpResponse:
    """A block of another app: into its place on the record, or on a page of its own without JavaScript."""
    party = load(uscc, request.actor)
    found = blocks.of_name(name, at_desk=True)
    if found is None:
        raise NotFound(_("没有这一项。"))
    read = found.read(party, request.actor, request.now)
    context = {"party": party, "shown": found, "empty": read is None, **(read or {})}
    if request.htmx:
        return render(request, "web/enterprises/block.html", context)
    return render(request, "desk/enterprises/block.html", {**context, **rail(request, "enterprises")})


@require_http_methods(["GET", "POST"])
@staff_only
def keep(request: Request, uscc: str, step: str) -> HttpResponse:
    """Put right what is kept besides facts: the name, or the area."""
    party = load(uscc, request.actor)
    if step not in ("rename", "place") or not may_state(request.actor, party):
        raise NotFound(_("没有这个操作。"))
    refused = None
    if request.method == "POST":
        common: dict[str, Any] = {
            "reason": typed(request, "reason", most=400),
            "by": request.actor,
            "at": request.now,
        }
        try:
            if step == "rename":
                actions.rename(party.pk, name=typed(request, "name", most=200), **common)
            else:
                actions.place(party.pk, area=typed(request, "area", most=15), **common)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已记录。"))
            return redirect("desk-enterprise", party.uscc)
    context = {
        "party": party,
        "step": step,
        "areas": _areas(request) if step == "place" else [],
        "refused": refused,
        "problems": refused.problems if refused else {},
        "typed": request.POST,
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/keep.html", context, status=422 if refused else 200)


@never_cache
@require_POST
@staff_only
def reveal(request: Request, uscc: str) -> HttpResponse:
    """How to reach somebody, shown once for a reason that is journalled."""
    party = load(uscc, request.actor)
    whose = typed(request, "whose", most=40) or str(party.pk)
    try:
        phone, email = actions.reveal(
            party.pk, whose=whose, reason=typed(request, "reason", most=400), by=request.actor, at=request.now
        )
    except (Invalid, Refused) as refused:
        return _page(request, party, refused=refused, opened="reveal")
    agents = {str(agent.person_id): agent.person.name for agent in queries.agents_of(party, at=request.now)}
    context = {
        "party": party,
        "name": agents.get(whose, party.name),
        "phone": phone,
        "email": email,
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/reveal.html", context)

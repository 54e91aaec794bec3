"""Rounds of visits: those there are, and giving one, which is looked at before anybody is told."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.actions.ordering import issuing_seat
from zerotrip.duties.models import Kind, Requirement
from zerotrip.duties.queries import load_order, progress_of
from zerotrip.duties.rules import issuing_seats, may_manage
from zerotrip.errors import Invalid, NotAllowed, Refusal, TooLarge, WrongType
from zerotrip.facts.queries import vocabulary
from zerotrip.ids import new_id
from zerotrip.relief.visits import choosing, queries
from zerotrip.relief.visits.actions.rounds import add_firms, give_round
from zerotrip.relief.visits.planning import Plan, Wish, plan
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.enterprises.views import query_of, search_of
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.visits import choices
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, storable, typed

if TYPE_CHECKING:
    from django.http import QueryDict

    from zerotrip.parties.models import Party

PAGE_SIZE, NAMES_SHOWN = 20, 12
LARGEST = 5 * 1024 * 1024
"""Bytes of a workbook of names."""


@require_GET
@staff_only
def index(request: Request) -> HttpResponse:
    """The rounds one may see, latest first, each with how far it has come."""
    page = page_of(request, queries.rounds(request.actor), size=PAGE_SIZE)
    progress = progress_of([order.pk for order in page.object_list], at=request.now)
    context = {
        "page": page,
        "rows": [(order, progress.get(order.pk)) for order in page.object_list],
        "plans": bool(issuing_seats(Kind.VISIT, request.actor)),
        **rail(request, "visits"),
    }
    return render(request, "desk/rounds/index.html", context)


@dataclass
class Chosen:
    """The firms a round is about, with how they were found, to be sent again by the page."""

    firms: list[Party]
    ticked: list[UUID] = field(default_factory=list)
    search: Mapping[str, str] = field(default_factory=dict)
    """What the list was narrowed by, where all it finds are meant."""
    lines: str = ""
    unknown: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)

    @property
    def population(self) -> dict[str, Any]:
        """For the record of the order."""
        return {
            "found": len(self.firms),
            "search": dict(self.search),
            "ticked": len(self.ticked),
            "lines": len(self.lines.splitlines()),
            "not_found": [*self.unknown, *self.several][:500],
        }


def _chosen(request: Request, given: QueryDict, lines: str) -> Chosen:
    """The firms that were ticked, found by a search, and named line by line, together."""
    found: dict[UUID, Party] = {}
    search: dict[str, str] = {}
    ticked = [key for key in map(uuid_from, given.getlist("firm")) if key is not None]
    if given.get("which") == "all":
        asked = search_of({name: str(value) for name, value in given.items()}, vocabulary())
        search = {**dict(parse_qsl(query_of(asked))), "which": "all"}
        found |= {firm.pk: firm for firm in choosing.of_search(asked, request.actor)}
    elif ticked:
        found |= {firm.pk: firm for firm in choosing.of_keys(ticked, request.actor)}
    named = choosing.of_lines(lines, request.actor)
    found |= {firm.pk: firm for firm in named.firms}
    return Chosen(list(found.values()), ticked, search, lines, named.unknown, named.several)


def _lines(request: Request, given: QueryDict) -> str:
    """The lines that were pasted, and those of a workbook. Raises Invalid at the file."""
    pasted = storable(given.get("lines", ""))[:400_000].strip()
    book = request.FILES.get("book")
    if book is None:
        return pasted
    if (book.size or 0) > LARGEST:
        text = _("文件太大，最多 5 MB。")
        raise Invalid(text, {"book": [text]})
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        for chunk in book.chunks():
            kept.write(chunk)
        kept.flush()
        try:
            more = choosing.lines_of(Path(kept.name))
        except (TooLarge, WrongType) as refused:
            raise Invalid(refused.message, {"book": [refused.message]}) from refused
    return "\n".join([*([pasted] if pasted else []), *more])


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: Request) -> HttpResponse:
    """Choose the firms, who goes and by when; look at what it comes to; give it."""
    if not choices.offices(request.actor):
        raise NotAllowed(_("走访由部门负责人、帮办人员或诉求值班人员安排。"))
    given = request.POST if request.method == "POST" else request.GET
    to, above = _order(request, given.get("to")), _order(request, given.get("part_of"))
    chosen, refused, planned = Chosen([]), None, None
    lines = storable(given.get("lines", ""))
    try:
        lines = _lines(request, given)
        chosen = _chosen(request, given, lines)
        if request.method == "POST":
            wish = _wish(request, chosen)
            office = _office(request, to)
            seat = issuing_seat(Kind.VISIT, office, request.actor)
            planned = plan(chosen.firms, wish, seat=seat, at=request.now)
            if "give" in request.POST and typed(request, "seen") == str(len(chosen.firms)):
                return _give(request, chosen, wish, office=office, to=to, above=above)
    except Refusal as refusal:
        if refusal.status not in (409, 413, 422):
            raise
        refused = refusal
        chosen = chosen if chosen.firms else Chosen([], lines=lines)
    return _page(request, given, chosen, planned=planned, refused=refused, to=to, above=above)


def _order(request: Request, text: str | None) -> Requirement | None:
    """The round that is added to, or the directive this becomes a part of. Raises NotFound, NotAllowed."""
    key = uuid_from(text)
    if key is None:
        return None
    order = load_order(key, request.actor)
    if not may_manage(order, request.actor):
        raise NotAllowed(_("由发出的人或本部门负责人管理。"))
    return order


def _office(request: Request, to: Requirement | None) -> UUID:
    office = to.office if to is not None else choices.office_typed(request)
    if office is None:
        raise NotAllowed(_("走访由部门负责人、帮办人员或诉求值班人员安排。"))
    return office


def _wish(request: Request, chosen: Chosen) -> Wish:
    a_day = typed(request, "a_day", most=4)
    if a_day and not (a_day.isascii() and a_day.isdigit()):
        text = _("请填写数字。")
        raise Invalid(text, {"a_day": [text]})
    return Wish(
        title=typed(request, "title", most=200),
        why=typed(request, "why"),
        checklist=uuid_from(typed(request, "checklist", most=40)),
        last=day_or_none(request, "last"),
        named=typed(request, "who") != "chosen",
        people=tuple(_people(request)),
        a_day=int(a_day) if a_day else None,
        population=chosen.population,
    )


def _people(request: Request) -> list[UUID]:
    """Those who were chosen, of those who can be."""
    there = {one[0] for one in choices.people(request.actor, at=request.now)}
    wanted = {key for text in request.POST.getlist("people") if (key := uuid_from(text)) is not None}
    return sorted(wanted & there, key=str)


def _give(
    request: Request,
    chosen: Chosen,
    wish: Wish,
    *,
    office: UUID,
    to: Requirement | None,
    above: Requirement | None,
) -> HttpResponse:
    by, at = request.actor, request.now
    if to is not None:
        made = add_firms(to, chosen.firms, wish, by=by, at=at)
        messages.success(request, _("已增加 %(count)d 家企业。") % {"count": len(made)})
        return redirect("desk-round", to.pk)
    key = uuid_from(request.POST.get("key")) or new_id()
    order = give_round(chosen.firms, wish, office=office, key=key, by=by, at=at, part_of=above)
    messages.success(request, _("已发起走访，走访的人都收到了通知。"))
    return redirect("desk-round", order.pk)


def _page(
    request: Request,
    given: QueryDict,
    chosen: Chosen,
    *,
    planned: Plan | None,
    refused: Refusal | None,
    to: Requirement | None,
    above: Requirement | None,
) -> HttpResponse:
    context = {
        "chosen": chosen,
        "firms": chosen.firms[:NAMES_SHOWN],
        "more": max(0, len(chosen.firms) - NAMES_SHOWN),
        "planned": planned,
        "ready": planned is not None and not planned.without,
        "to": to,
        "above": above,
        "offices": choices.offices(request.actor),
        "people": choices.people(request.actor, at=request.now),
        "picked": [uuid_from(text) for text in given.getlist("people")],
        "forms": choices.forms(),
        "checklist": uuid_from(given.get("checklist")) or choices.form_called(None),
        "who": "chosen" if given.get("who") == "chosen" else "named",
        "typed": given,
        "key": uuid_from(given.get("key")) or new_id(),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        **rail(request, "visits"),
    }
    return render(request, "desk/rounds/new.html", context, status=refused.status if refused else 200)

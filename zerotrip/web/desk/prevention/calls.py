"""My calls: whom I have to call, the next one first; what the call ended with by one button."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Subject
from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names
from zerotrip.prevention.models import Caller, Measure, Person
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.prevention.rounds import calling, queries
from zerotrip.prevention.rounds.points import slots_for, time_of
from zerotrip.prevention.rounds.queries import doors_named
from zerotrip.prevention.rounds.rules import is_followed, may_lead
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rounds import title_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 100


@require_GET
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """Whom I have to call, whose time has come first, first."""
    held = list(queries.to_call(request.actor, at=request.now)[:SHOWN])
    context = {
        "rows": _rows(held),
        "most": SHOWN if len(held) == SHOWN else 0,
        "now": request.now,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/calls.html", context)


def _rows(held: Iterable[Caller]) -> list[dict[str, Any]]:
    rows = list(held)
    people = Person.objects.in_bulk([row.subject for row in rows])
    names = area_names({code_of(row.area_path) for row in rows})
    outcomes = {one.id: str(one.name) for one in rules().outcomes}
    return [
        {
            "held": row,
            "name": mask_name(person.name),
            "area": names.get(code_of(row.area_path), ""),
            "round": title_of(row.window),
            "last": outcomes.get(row.last, row.last),
        }
        for row in rows
        if (person := people.get(row.subject)) is not None
    ]


@never_cache
@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def show(request: Request, caller_id: int) -> HttpResponse:
    """One person to call. Whoever has to, sees name and phone in full: to whom and when it was given is kept."""
    held = _held(request, caller_id)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            calling.call(
                held.pk,
                _told(request),
                key=uuid_from(typed(request, "key")) or new_id(),
                by=request.actor,
                at=request.now,
            )
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
        else:
            messages.success(request, _("已登记。"))
            rest = queries.to_call(request.actor, at=request.now)
            upcoming = rest.filter(next_at__lte=request.now).first()
            return redirect("desk-testing-call", upcoming.pk) if upcoming else redirect("desk-testing-calls")
    return _page(request, held, refused)


def _held(request: Request, caller_id: int) -> Caller:
    rows = Caller.objects.visible_to(request.actor).filter(window__subject=Subject.PERSON)
    rows = rows.select_related("window__requirement", "window__round")
    held = rows.select_related("caller__person").filter(pk=caller_id).first()
    if held is None or (held.caller_id != request.actor.user_id and not may_lead(request.actor, held.area_path)):
        raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
    return held


def _told(request: Request) -> calling.Told:
    minutes = typed(request, "again", most=5)
    later = int(minutes) if minutes.isascii() and minutes.isdigit() else 0
    return calling.Told(
        outcome=typed(request, "outcome", most=60),
        note=typed(request, "note", most=300),
        next_at=request.now + timedelta(minutes=later) if later else None,
        last_day=day_or_none(request, "last_day"),
    )


def _page(request: Request, held: Caller, refused: Refusal | None) -> HttpResponse:
    person = Person.objects.filter(pk=held.subject).first()
    if person is None:
        raise NotFound(_("没有找到这个人，或不在您的辖区。"))
    outcomes = rules().outcomes
    words = {one.id: str(one.name) for one in outcomes}
    invalid = refused if isinstance(refused, Invalid) else None
    mine = held.caller_id == request.actor.user_id
    door = doors_named([held.subject], at=request.now).get((held.subject, held.area_path), "")
    log = held.log.select_related("by__person").order_by("-at")[:20]
    context = {
        "held": held,
        "person": person,
        "name": person.name if mine else mask_name(person.name),
        "mine": mine,
        "over": held.window.ends <= request.now,
        "called": is_followed(held.window, at=request.now),
        "title": title_of(held.window),
        "area": area_names({code_of(held.area_path)}).get(code_of(held.area_path), ""),
        "slots": [(slot, time_of(slot, door)) for slot in slots_for(held.area_path, at=request.now)],
        "outcomes": [(one.id, str(one.name), one.then) for one in outcomes],
        "log": [{"call": row, "words": words.get(row.outcome, row.outcome)} for row in log],
        "values": {name: typed(request, name, most=300) for name in ("note", "again", "last_day", "outcome")},
        "agains": [(30, _("30 分钟后")), (60, _("1 小时后")), (180, _("3 小时后")), (1440, _("明天这个时候"))],
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rounds/call.html", context, status=refused.status if refused else 200)

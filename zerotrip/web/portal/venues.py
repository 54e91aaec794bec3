"""The doors of sites: the page behind a poster, which anybody may open, and the page of a door keeper."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.errors import NotFound
from zerotrip.ids import new_id
from zerotrip.prevention.events.rules import is_in_force_anywhere
from zerotrip.prevention.inspections import queries as inspections
from zerotrip.prevention.models import HealthColour, Measure, Outcome, Shift, Site, ToldBy, VenueScan
from zerotrip.prevention.venues import actions, healthcode, queries
from zerotrip.prevention.venues.people import digest_of_actor
from zerotrip.prevention.venues.rules import require_check
from zerotrip.prevention.venues.spec import Without, rules
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.field.shell import may_compile
from zerotrip.web.limits import a_minute
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.prevention.venues.spec import VenuesSpec

BARE = {"district": None}
"""The head of the page without the district's name: a queue scans, and each name is a query."""
MOST = 100
"""Sites of a list."""


@never_cache
@require_http_methods(["GET", "POST"])
@a_minute(600)
def venue(request: Request, code: str) -> HttpResponse:
    """Where the poster hangs; a POST says that somebody comes in.

    Nothing but the scan is written, and whoever is not signed in is not asked who they are.
    """
    if request.method == "POST":
        me = digest_of_actor(request.actor) if typed(request, "as_me") == "1" else None
        door, at = actions.enter(code, scan=uuid_from(typed(request, "id")) or new_id(), person=me, at=request.now)
        context: dict[str, Any] = {"site": door, "at": at, "named": me is not None, **BARE}
        return render(request, "portal/venues/entered.html", context)
    door, takes_scans = actions.door_of(code, on=today_of(request))
    context = {"site": door, "kind": door.kind.spec.name, "takes_scans": takes_scans, "id": new_id()}
    context |= BARE
    return render(request, "portal/venues/venue.html", context)


@never_cache
@require_GET
@a_minute(600)
def board(request: Request, code: str) -> HttpResponse:
    """What was done at a site today, and what was found there last: nobody's name."""
    site, in_force = actions.door_of(code, on=today_of(request))
    inspection, defects = inspections.last_of(site.pk)
    context = {
        "inspection": inspection,
        "defects": defects,
        "site": site,
        "kind": site.kind.spec.name,
        "owed": queries.owed_on(site.pk, today_of(request)) if in_force else [],
        "day": today_of(request),
    }
    return render(request, "portal/venues/board.html", context)


@require_GET
@signed_in
def doors(request: Request) -> HttpResponse:
    """The doors somebody may check people at: of their enterprise's sites, and where they stand now."""
    there = Shift.objects.told().filter(
        worker__person=request.actor.person_id, signed_on_at__isnull=False, signed_off_at=None
    )
    today = today_of(request)
    rows = Site.objects.open_on(today).filter(owner__in=request.actor.acts_for)
    rows = rows | Site.objects.open_on(today).filter(posts__in=there.values("post"))
    context = {
        "sites": list(rows.distinct().select_related("kind").order_by("name", "pk")[:MOST]),
        "in_force": is_in_force_anywhere(Measure.VENUES, on=today),
        "section": "cases",
    }
    return render(request, "portal/venues/doors.html", context)


@may_compile
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def door(request: Request, site_id: UUID) -> HttpResponse:
    """One screen at the door: scan or type, look, and it says whether they come in."""
    site = Site.objects.open_on(today_of(request)).filter(pk=site_id).select_related("kind").first()
    if site is None:
        raise NotFound(_("没有这个场所，或者已经关闭。"))
    require_check(request.actor, site)
    answer: actions.Answer | None = None
    told: healthcode.Told | None = None
    if request.method == "POST":
        told = healthcode.ask(typed(request, "number", most=500), at=request.now)
        (answer,) = actions.check([_checked(request, told)], site=site.pk, by=request.actor, at=request.now)
    problems = answer.problems if answer else {}
    first, after = queries.day_of(today_of(request))
    scans = VenueScan.objects.filter(site=site, by=request.actor.user_id).between(first, after)
    spec = rules()
    context = {
        "site": site,
        "answer": answer if answer and answer.outcome else None,
        "words": _said(answer, spec) if answer and answer.outcome else [],
        "away": answer is not None and answer.outcome == Outcome.AWAY,
        "told": told,
        "down": told is not None and told.told_by == ToldBy.DOWN,
        "problems": problems,
        "values": request.POST if problems else _fresh(),
        "service": healthcode.is_configured(),
        "asks_report": Without.REPORT in (spec.down, spec.no_code),
        "spec": spec,
        "colours": HealthColour.choices,
        "counts": queries.by_site(scans, [site.pk]).get(site.pk),
        "id": typed(request, "id", most=36) if problems else new_id(),
        "section": "cases",
    }
    return render(request, "portal/venues/door.html", context, status=422 if problems else 200)


def _checked(request: Request, told: healthcode.Told) -> actions.Checked:
    """What the keeper sent, with what the service says: its colour goes before what the keeper saw."""
    return actions.Checked(
        id=uuid_from(typed(request, "id")) or new_id(),
        colour=told.colour or typed(request, "colour", most=8),
        told_by=told.told_by,
        temperature=_degrees(typed(request, "temperature", most=6)),
        mask=typed(request, "mask") == "1",
        report=typed(request, "report") == "1",
        # What is on a phone is a code of the service and no number; without the service nobody is told by it.
        number=_number(typed(request, "number", most=500)),
        person=told.person,
    )


def _number(text: str) -> str:
    return text if len(text) <= 20 else ""


def _degrees(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        degrees = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return degrees.quantize(Decimal("0.1")) if degrees.is_finite() and abs(degrees) < 100 else Decimal(0)


def _fresh() -> Mapping[str, Any]:
    return {"colour": HealthColour.GREEN.value, "mask": "1"}


def _said(answer: actions.Answer, spec: VenuesSpec) -> list[str]:
    """Why, in words the keeper can say aloud."""
    words = actions.words_of(answer.reasons)
    if "report" in answer.reasons:
        words[-1] = _("要看 %(hours)s 小时内的核酸报告") % {"hours": spec.report_hours}
    return words

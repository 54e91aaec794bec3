"""Leaflets at the desk: written and sent, how far each has come, who was silent, and brought to a door."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.duties.models import Due, Subject
from zerotrip.duties.standing import queries
from zerotrip.duties.standing.asking import may_ask
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.audience import Audience, Chosen, Reach, chosen, reach
from zerotrip.prevention.leaflets.reaching import addresses
from zerotrip.prevention.leaflets.rules import may_bring, may_see, why_over
from zerotrip.prevention.models import (
    Enrolment,
    EnrolmentKind,
    Leaflet,
    LeafletKind,
    Person,
    Receipt,
    Site,
    SiteKind,
)
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.desk.prevention.rosters import sites_of
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, typed
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zerotrip.duties.models import DueQuerySet

PAGE_SIZE = 50
MOST = 60
MOST_KINDS = 60
WRITTEN = ("kind", "title", "text", "title_en", "text_en", "until")
NARROWED = ("area", "household", "site", "employer", "age_from", "age_to")


@require_GET
@during(None)
def index(request: Request) -> HttpResponse:
    """The leaflets to people and sites of one's area, the latest first, each with its coverage."""
    rows = list(
        Leaflet.objects.visible_to(request.actor).select_related("window").order_by("-made_at", "pk")[:MOST]
    )
    windows = [row.window for row in rows if row.window is not None]
    found = queries.of_windows(windows, request.actor, at=request.now) if windows else {}
    names = area_names({code_of(row.area_path) for row in rows})
    context = {
        "rows": [
            {
                "leaflet": row,
                "area": names.get(code_of(row.area_path), ""),
                "coverage": found.get(row.window_id) if row.window_id else None,
                "over": row.ends <= request.now,
            }
            for row in rows
        ],
        "sends": _sends(request),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/leaflets/index.html", context)


def _sends(request: Request) -> bool:
    return any(may_ask(request.actor, seat.area_path) for seat in request.actor.seats)


@never_cache
@require_http_methods(["GET", "POST"])
@during(None)
def new(request: Request) -> HttpResponse:
    """Write one, see how many it is for, and send it. With ``from``, another edition of one there is."""
    before = _before(request)
    refused: Invalid | None = None
    to: Chosen | None = None
    if request.method == "POST":
        to = chosen(_audience(request, before), by=request.actor)
        looked = typed(request, "looked", most=300)
        try:
            if typed(request, "step") == "send" and looked == _mark(to):
                leaflet = _send(request, before)
                messages.success(request, _("正在发送，发到哪里了下面看得到。"))
                return redirect("desk-leaflet", leaflet.pk)
            if problems := actions.wrong_in(_written(request), at=request.now) | to.problems:
                raise Invalid(_("还没有发送。"), problems)
        except Invalid as invalid:
            refused = invalid
    who = _who(request, before)
    reached: Reach | None = reach(who, to.area_path, to.where, at=request.now) if to and not refused else None
    context = {
        "values": _values(request, before),
        "who": who,
        "to_sites": who == Subject.SITE,
        "before": before,
        "reach": reached,
        "looked": _mark(to) if to and reached else "",
        "papers": LeafletKind.choices,
        "kinds": _kinds(who),
        "areas": areas_of(request.actor),
        "sites": sites_of(request.actor) if who == Subject.PERSON else [],
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/leaflets/new.html", context, status=refused.status if refused else 200)


def _before(request: Request) -> Leaflet | None:
    key = uuid_from(typed(request, "from", most=36) or request.GET.get("from", "")[:36])
    return Leaflet.objects.visible_to(request.actor).filter(pk=key).first() if key else None


def _who(request: Request, before: Leaflet | None) -> str:
    """People or sites: an edition is for those for whom the one before was."""
    asked = before.who if before else typed(request, "who", most=10) or request.GET.get("who", "")
    return Subject.SITE if asked == Subject.SITE else Subject.PERSON


def _kinds(who: str) -> list[tuple[str, Any]]:
    if who == Subject.SITE:
        return [(kind.pk, kind.spec.name) for kind in SiteKind.objects.kept()]
    return list(EnrolmentKind.choices)


def _mark(to: Chosen) -> str:
    """Which audience was looked at: another one is looked at anew before anything is sent."""
    return hashlib.sha256(f"{to.who} {to.area_path} {to.where}".encode()).hexdigest()


def _written(request: Request) -> actions.Written:
    return actions.Written(
        kind=typed(request, "kind", most=10),
        title=" ".join(typed(request, "title", most=200).split()),
        text=typed(request, "text", most=3 * actions.MOST_TEXT + 1),
        title_en=" ".join(typed(request, "title_en", most=400).split()),
        text_en=typed(request, "text_en", most=3 * actions.MOST_TEXT + 1),
        signed=typed(request, "signed") == "1",
        until=day_or_none(request, "until"),
    )


def _audience(request: Request, before: Leaflet | None) -> Audience:
    return Audience(
        area=typed(request, "area", most=15),
        who=_who(request, before),
        kinds=request.POST.getlist("kinds")[:MOST_KINDS],
        household=typed(request, "household", most=80),
        site=uuid_from(typed(request, "site", most=36)),
        employer=typed(request, "employer", most=30),
        age_from=typed(request, "age_from", most=3),
        age_to=typed(request, "age_to", most=3),
    )


def _send(request: Request, before: Leaflet | None) -> Leaflet:
    return actions.send(
        _written(request),
        _audience(request, before),
        key=uuid_from(typed(request, "key", most=36)) or new_id(),
        by=request.actor,
        at=request.now,
        replaces=before.pk if before else None,
    )


def _values(request: Request, before: Leaflet | None) -> dict[str, Any]:
    if request.method == "POST":
        values: dict[str, Any] = {name: typed(request, name, most=20_000) for name in (*WRITTEN, *NARROWED)}
        kinds = request.POST.getlist("kinds")[:MOST_KINDS]
        return values | {"signed": typed(request, "signed") == "1", "kinds": kinds}
    if before is None:
        return {"kind": LeafletKind.NOTICE.value, "signed": True, "kinds": []}
    told = {name: getattr(before, name) for name in ("kind", "title", "text", "title_en", "text_en", "signed")}
    kinds = next((rule["in"] for rule in before.where.get("all", ()) if rule["fact"] == "kind"), [])
    return told | {"area": code_of(before.area_path), "kinds": kinds}


@require_http_methods(["GET", "POST"])
@during(None)
def show(request: Request, leaflet_id: UUID) -> HttpResponse:
    """One leaflet: how far it has come, grid by grid, and, for those who work there, who has not read it.

    A POST takes it back, with the reason.
    """
    leaflet = _leaflet(request, leaflet_id)
    if request.method != "POST":
        return _page(request, leaflet)
    try:
        actions.withdraw(leaflet.pk, typed(request, "because", most=300), by=request.actor, at=request.now)
    except Invalid as refused:
        return _page(request, leaflet, refused)
    messages.success(request, _("已撤回。发出去的链接打开后会说明。"))
    return redirect("desk-leaflet", leaflet.pk)


def _page(request: Request, leaflet: Leaflet, refused: Invalid | None = None) -> HttpResponse:
    area, why = "", why_over(leaflet, request.now)
    context: dict[str, Any] = {"leaflet": leaflet, "over": leaflet.ends <= request.now}
    if leaflet.window is not None:
        area = _area(request, leaflet)
        context |= _way(request, leaflet, area)
    context |= {
        "sends": may_ask(request.actor, leaflet.area_path),
        "stands": not why,
        "why": why,
        "audience": bool(leaflet.where),
        "area": area,
        "area_name": area_names({code_of(area or leaflet.area_path)}).get(code_of(area or leaflet.area_path), ""),
        "because": typed(request, "because", most=300),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 200
    return render(request, "desk/prevention/leaflets/show.html", context, status=status)


def _leaflet(request: Request, leaflet_id: UUID) -> Leaflet:
    rows = Leaflet.objects.visible_to(request.actor).select_related("made_by__person")
    found = rows.select_related("window__requirement", "window__filling").filter(pk=leaflet_id).first()
    if found is None:
        raise NotFound(_("没有这份明白纸或倡议书。"))
    return found


def _area(request: Request, leaflet: Leaflet) -> str:
    asked = request.GET.get("area", "")[:120]
    inside = asked.startswith(leaflet.area_path) and Area.objects.filter(path=asked).exists()
    return asked if inside else leaflet.area_path


def _way(request: Request, leaflet: Leaflet, area: str) -> dict[str, Any]:
    window = leaflet.window
    if window is None:
        raise AssertionError("asked of a leaflet with a window")
    at = min(request.now, window.ends)
    total = queries.total(window, request.actor, at=at, area_path=area)
    below = [row for row in queries.coverage(window, request.actor, at=at, area_path=area) if row.key != area]
    sent = Receipt.objects.visible_to(request.actor).filter(leaflet=leaflet, area_path__startswith=area)
    names = own_area_names([row.key for row in below])
    sees = may_see(request.actor, leaflet, area)
    door = request.GET.get("who") == "door"
    missing = queries.missing(window, request.actor, at=at, area_path=area)
    doors = sending.for_the_door(leaflet, at=at).filter(area_path__startswith=area)
    doors = doors & Due.objects.visible_to(request.actor)
    page = page_of(request, doors.order_by("area_path", "subject") if door else missing, size=PAGE_SIZE)
    return {
        "row": total,
        "sent": sent.exclude(sent_at=None).count(),
        "doors": doors.count(),
        "below": [{"name": names.get(row.key, row.key), "coverage": row} for row in below],
        "up": area[: area.rstrip("/").rindex("/") + 1] if area != leaflet.area_path else "",
        "sees": sees,
        "brings": may_bring(request.actor, area),
        "door": door,
        "page": page,
        "lines": _lines(list(page), leaflet, at=request.now) if sees else [],
        "filling": getattr(window, "filling", None),
        "query": f"area={area}&who={'door' if door else ''}",
    }


def _lines(dues: Sequence[Due], leaflet: Leaflet, *, at: datetime) -> list[dict[str, Any]]:
    """Who has not read it: people masked, with their door, sites with who is in charge; whether the link went."""
    keys = [due.subject for due in dues]
    rows = Receipt.objects.filter(leaflet=leaflet, subject__in=keys, sent_at__isnull=False)
    sent, found = {row.subject: row for row in rows}, addresses(leaflet.who, keys, at=at)
    told = _sites(keys) if leaflet.to_sites else _people(keys, at=at)
    names = area_names({code_of(due.area_path) for due in dues})
    return [
        {
            "key": due.subject,
            "name": told[due.subject][0],
            "area": names.get(code_of(due.area_path), ""),
            "door": told[due.subject][1],
            "linked": due.subject in found,
            "receipt": sent.get(due.subject),
        }
        for due in dues
        if due.subject in told
    ]


def _people(keys: Sequence[UUID], *, at: datetime) -> dict[UUID, tuple[str, str]]:
    homes = Enrolment.objects.on(at.astimezone(CHINA).date()).filter(person__in=keys).exclude(household="")
    doors = dict(homes.order_by("pk").values_list("person", "household"))
    people = Person.objects.filter(pk__in=keys).values_list("pk", "name")
    return {key: (mask_name(name), doors.get(key, "")) for key, name in people}


def _sites(keys: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = Site.objects.filter(pk__in=keys).values_list("pk", "name", "address", "contact")
    return {key: (name, " · ".join(filter(None, (address, contact)))) for key, name, address, contact in rows}


@never_cache
@require_http_methods(["GET", "POST"])
@during(None)
def door(request: Request, leaflet_id: UUID, subject: UUID) -> HttpResponse:
    """At a door: the text to show, and the name they sign with, or whoever signs for them or for the site."""
    leaflet = _leaflet(request, leaflet_id)
    due = _due(request, leaflet).filter(subject=subject).first()
    lines = _lines([due], leaflet, at=request.now) if due else []
    if due is None or not lines or not may_bring(request.actor, due.area_path):
        raise NotFound(_("没有这份明白纸或倡议书，或者不是发给这里的。"))
    refused: Invalid | None = None
    if request.method == "POST":
        brought = actions.Brought(
            typed(request, "name", most=120),
            typed(request, "on_behalf", most=40) if leaflet.to_sites or typed(request, "whose") == "other" else "",
        )
        try:
            if typed(request, "whose") == "other" and not brought.on_behalf:
                raise Invalid(pgettext("明白纸", "还没有签收。"), {"on_behalf": [_("请填写代收人和本人的关系。")]})
            actions.bring(leaflet.pk, subject, brought, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已签收。"))
            return redirect(f"{reverse('desk-leaflet', args=[leaflet.pk])}?area={due.area_path}&who=door")
    context = {
        "leaflet": leaflet,
        "line": lines[0],
        "receipt": Receipt.objects.filter(leaflet=leaflet, subject=subject, read_at__isnull=False).first(),
        "why": why_over(leaflet, request.now),
        "values": {each: typed(request, each, most=120) for each in ("name", "on_behalf", "whose")},
        "area": due.area_path,
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/leaflets/door.html", context, status=refused.status if refused else 200)


def _due(request: Request, leaflet: Leaflet) -> DueQuerySet:
    window = leaflet.window
    if window is None:
        return Due.objects.none()
    return Due.objects.visible_to(request.actor).filter(day=window.day, window=window)

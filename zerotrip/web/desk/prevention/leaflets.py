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
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.duties.models import Due
from zerotrip.duties.standing import queries
from zerotrip.duties.standing.asking import may_ask
from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.parties.models import Area
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, own_area_names
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.audience import Audience, Chosen, Reach, chosen, reach
from zerotrip.prevention.leaflets.rules import may_bring
from zerotrip.prevention.models import Enrolment, EnrolmentKind, Leaflet, LeafletKind, Person, Receipt
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
WRITTEN = ("kind", "title", "text", "title_en", "text_en", "until")
NARROWED = ("area", "household", "site", "employer", "age_from", "age_to")


@require_GET
@during(None)
def index(request: Request) -> HttpResponse:
    """The leaflets to people of one's area, the latest first, each with its coverage."""
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
    """Write one, see how many people it is for, and send it. With ``from``, another edition of one there is."""
    before = _before(request)
    refused: Invalid | None = None
    to: Chosen | None = None
    if request.method == "POST":
        to = chosen(_audience(request), by=request.actor)
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
    reached: Reach | None = reach(to.area_path, to.where, at=request.now) if to and not refused else None
    context = {
        "values": _values(request, before),
        "before": before,
        "reach": reached,
        "looked": _mark(to) if to and reached else "",
        "papers": LeafletKind.choices,
        "kinds": EnrolmentKind.choices,
        "areas": areas_of(request.actor),
        "sites": sites_of(request.actor),
        "key": typed(request, "key", most=36) or new_id(),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/leaflets/new.html", context, status=refused.status if refused else 200)


def _before(request: Request) -> Leaflet | None:
    key = uuid_from(typed(request, "from", most=36) or request.GET.get("from", "")[:36])
    return Leaflet.objects.visible_to(request.actor).filter(pk=key).first() if key else None


def _mark(to: Chosen) -> str:
    """Which audience was looked at: another one is looked at anew before anything is sent."""
    return hashlib.sha256(f"{to.area_path} {to.where}".encode()).hexdigest()


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


def _audience(request: Request) -> Audience:
    return Audience(
        area=typed(request, "area", most=15),
        kinds=request.POST.getlist("kinds")[:9],
        household=typed(request, "household", most=80),
        site=uuid_from(typed(request, "site", most=36)),
        employer=typed(request, "employer", most=30),
        age_from=typed(request, "age_from", most=3),
        age_to=typed(request, "age_to", most=3),
    )


def _send(request: Request, before: Leaflet | None) -> Leaflet:
    return actions.send(
        _written(request),
        _audience(request),
        key=uuid_from(typed(request, "key", most=36)) or new_id(),
        by=request.actor,
        at=request.now,
        replaces=before.pk if before else None,
    )


def _values(request: Request, before: Leaflet | None) -> dict[str, Any]:
    if request.method == "POST":
        values: dict[str, Any] = {name: typed(request, name, most=20_000) for name in (*WRITTEN, *NARROWED)}
        return values | {"signed": typed(request, "signed") == "1", "kinds": request.POST.getlist("kinds")[:9]}
    if before is None:
        return {"kind": LeafletKind.NOTICE.value, "signed": True, "kinds": []}
    told = {name: getattr(before, name) for name in ("kind", "title", "text", "title_en", "text_en", "signed")}
    return told | {"area": code_of(before.area_path), "kinds": []}


@require_GET
@during(None)
def show(request: Request, leaflet_id: UUID) -> HttpResponse:
    """One leaflet: how far it has come, grid by grid, and, for those who work there, who has not read it."""
    leaflet, area = _leaflet(request, leaflet_id), ""
    context: dict[str, Any] = {"leaflet": leaflet, "over": leaflet.ends <= request.now}
    if leaflet.window is not None:
        area = _area(request, leaflet)
        context |= _way(request, leaflet, area)
    context |= {
        "sends": may_ask(request.actor, leaflet.area_path),
        "stands": leaflet.stands(request.now),
        "audience": bool(leaflet.where),
        "area": area,
        "area_name": area_names({code_of(area or leaflet.area_path)}).get(code_of(area or leaflet.area_path), ""),
        **refused_with(None),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/leaflets/show.html", context)


def _leaflet(request: Request, leaflet_id: UUID) -> Leaflet:
    rows = Leaflet.objects.visible_to(request.actor).select_related("window__requirement", "made_by__person")
    found = rows.filter(pk=leaflet_id).first()
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
    brings = may_bring(request.actor, area)
    door = request.GET.get("who") == "door"
    missing = queries.missing(window, request.actor, at=at, area_path=area)
    doors = sending.missing_without_phone(window, at=at).filter(area_path__startswith=area)
    doors = doors & Due.objects.visible_to(request.actor)
    page = page_of(request, doors.order_by("area_path", "subject") if door else missing, size=PAGE_SIZE)
    return {
        "row": total,
        "sent": sent.exclude(sent_at=None).count(),
        "doors": doors.count(),
        "below": [{"name": names.get(row.key, row.key), "coverage": row} for row in below],
        "up": area[: area.rstrip("/").rindex("/") + 1] if area != leaflet.area_path else "",
        "brings": brings,
        "door": door,
        "page": page,
        "people": _people(list(page), leaflet, at=request.now) if brings else [],
        "query": f"area={area}&who={'door' if door else ''}",
    }


def _people(dues: Sequence[Due], leaflet: Leaflet, *, at: datetime) -> list[dict[str, Any]]:
    """Who has not read it: masked, with their door, and whether they were sent the link."""
    keys = [due.subject for due in dues]
    rows = Receipt.objects.filter(leaflet=leaflet, person__in=keys, sent_at__isnull=False)
    told, people = set(rows.values_list("person", flat=True)), Person.objects.in_bulk(keys)
    homes = Enrolment.objects.on(at.astimezone(CHINA).date()).filter(person__in=keys).exclude(household="")
    doors = dict(homes.order_by("pk").values_list("person", "household"))
    names = area_names({code_of(due.area_path) for due in dues})
    return [
        {
            "key": due.subject,
            "name": mask_name(person.name),
            "area": names.get(code_of(due.area_path), ""),
            "door": doors.get(due.subject, ""),
            "phone": bool(person.phone),
            "told": due.subject in told,
        }
        for due in dues
        if (person := people.get(due.subject)) is not None
    ]


@never_cache
@require_http_methods(["GET", "POST"])
@during(None)
def door(request: Request, leaflet_id: UUID, person_id: UUID) -> HttpResponse:
    """At somebody's door: the text to show them, and the name they sign with, or whoever signs for them."""
    leaflet = _leaflet(request, leaflet_id)
    due = _due(request, leaflet).filter(subject=person_id).first()
    person = Person.objects.filter(pk=person_id).first()
    if due is None or person is None or not may_bring(request.actor, due.area_path):
        raise NotFound(_("没有这份明白纸或倡议书，或者这个人不在收件名单里。"))
    refused: Invalid | None = None
    if request.method == "POST":
        brought = actions.Brought(
            typed(request, "name", most=120),
            typed(request, "on_behalf", most=40) if typed(request, "whose") == "other" else "",
        )
        try:
            if typed(request, "whose") == "other" and not brought.on_behalf:
                raise Invalid(pgettext("明白纸", "还没有签收。"), {"on_behalf": [_("请填写代收人和本人的关系。")]})
            actions.bring(leaflet.pk, person.pk, brought, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已签收。"))
            return redirect(f"{reverse('desk-leaflet', args=[leaflet.pk])}?area={due.area_path}&who=door")
    context = {
        "leaflet": leaflet,
        "person": person,
        "name": mask_name(person.name),
        "line": _people([due], leaflet, at=request.now)[0],
        "receipt": Receipt.objects.filter(leaflet=leaflet, person=person_id, read_at__isnull=False).first(),
        "stands": leaflet.stands(request.now),
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


@require_POST
@during(None)
def withdraw(request: Request, leaflet_id: UUID) -> HttpResponse:
    """Take one back, with the reason."""
    leaflet = _leaflet(request, leaflet_id)
    try:
        actions.withdraw(leaflet.pk, typed(request, "because", most=300), by=request.actor, at=request.now)
    except Invalid as invalid:
        messages.error(request, next(iter(invalid.problems.values()))[0])
    else:
        messages.success(request, _("已撤回。发出去的链接打开后会说明。"))
    return redirect("desk-leaflet", leaflet.pk)

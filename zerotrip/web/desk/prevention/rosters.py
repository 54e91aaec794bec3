"""Rosters at the desk: who is on one on a day, masked; one person; entering, moving and leaving out by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.ids import new_id
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, area_path_of
from zerotrip.prevention.events.rules import measures_for
from zerotrip.prevention.models import (
    DocumentKind,
    Enrolment,
    EnrolmentKind,
    Exclusion,
    LeftOut,
    Measure,
    Person,
    Site,
    Tube,
)
from zerotrip.prevention.rosters import identity, queries
from zerotrip.prevention.rosters.actions import people
from zerotrip.prevention.rosters.judging import SITE_KINDS
from zerotrip.prevention.rosters.rules import keeps_any, may_keep, require_keeps_any
from zerotrip.prevention.screening import queries as screening
from zerotrip.prevention.screening.spec import rules
from zerotrip.prevention.venues.tracing import may_trace
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import areas_of
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, storable, summary_of, today_of, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.access import Actor

PAGE_SIZE = 50
MOST_SITES = 300
"""Dormitories and building sites to choose from."""


def sites_of(actor: Actor) -> list[Site]:
    """The dormitories and building sites to choose from, by name."""
    rows = Site.objects.visible_to(actor).filter(closed_on=None, kind__in=SITE_KINDS.values())
    return list(rows.order_by("kind", "name")[:MOST_SITES])


@require_GET
@during(None)
def index(request: Request) -> HttpResponse:
    """Who is on the rosters of an area, a site or an employer on a day: counted, masked, a page at a time."""
    asked = {
        name: storable(request.GET.get(name, ""))[:60] for name in ("kind", "area", "site", "day", "text", "phone")
    }
    day = _day(asked["day"]) or today_of(request)
    rows = Enrolment.objects.visible_to(request.actor).on(day)
    if asked["area"]:
        rows = rows.filter(area_path__startswith=area_path_of(asked["area"]) or "-")
    if (site := uuid_from(asked["site"])) is not None:
        rows = rows.filter(site=site)
    counted = dict(rows.order_by().values_list("kind").annotate(Count("pk")))
    if asked["kind"] in EnrolmentKind.values:
        rows = rows.filter(kind=asked["kind"])
    left_out = Exclusion.objects.on(day).filter(person=OuterRef("person"), requirement=None)
    rows = rows.select_related("person", "site", "employer").annotate(left_out=Exists(left_out))
    page = page_of(request, rows.order_by("area_path", "household", "pk"), size=PAGE_SIZE)
    asks = bool(asked["text"] or asked["phone"])
    found = queries.search(asked["text"], asked["phone"], by=request.actor) if asks else []
    context = {
        **{"asked": asked, "day": day, "page": page, "rows": _rows(page.object_list, request.actor)},
        "counted": [(kind, kind.label, counted.get(kind, 0)) for kind in EnrolmentKind],
        "whole": sum(counted.values()),
        "areas": areas_of(request.actor),
        "sites": sites_of(request.actor),
        "asks": asks,
        "keeps": keeps_any(request.actor),
        "found": [_shown(person) for person in found],
        "query": urlencode({name: value for name, value in asked.items() if value}),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/rosters/index.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(person: Person) -> dict[str, Any]:
    """Somebody, masked."""
    return {
        "pk": person.pk,
        "name": identity.mask_name(person.name),
        "number": person.number_shown,
        "document": person.get_document_kind_display() if person.document_kind and not person.ric_digest else "",
        "phone": identity.mask_phone(person.phone),
        "born": person.birth_year,
    }


def _rows(enrolments: Iterable[Any], actor: Actor) -> list[dict[str, Any]]:
    held = list(enrolments)
    names = area_names({code_of(one.area_path) for one in held})
    return [
        {
            "enrolment": one,
            "person": _shown(one.person),
            "place": _place(one) or names.get(code_of(one.area_path), ""),
            "kept": may_keep(actor, one.area_path),
            "code": code_of(one.area_path),
        }
        for one in held
    ]


def _place(enrolment: Enrolment) -> str:
    """The site or the employer of a roster; empty at home."""
    if enrolment.site is not None:
        return enrolment.site.name
    return enrolment.employer.name if enrolment.employer is not None else ""


def _where(request: Request) -> people.Where:
    return people.Where(
        kind=typed(request, "kind", most=10),
        area=typed(request, "area", most=15),
        household=typed(request, "household", most=200),
        site=uuid_from(typed(request, "site")),
        employer=typed(request, "employer", most=30),
    )


FIELDS = (
    *(identity.NAME, identity.NUMBER, identity.DOCUMENT_KIND, identity.DOCUMENT, identity.PHONE, identity.BORN),
    *("kind", "area", "household", "site", "employer", "first_day", "last_day", "day", "reason", "note"),
    *("from_area", "from_household", "requirement"),
)


def _values(request: Request) -> dict[str, str]:
    return {name: typed(request, name, most=300) for name in FIELDS}


def _choices(request: Request) -> dict[str, Any]:
    return {
        "kinds": EnrolmentKind.choices,
        "documents": DocumentKind.choices,
        "reasons": LeftOut.choices,
        "areas": areas_of(request.actor),
        "sites": sites_of(request.actor),
        "today": today_of(request),
        **rail(request, "prevention"),
    }


@never_cache
@require_http_methods(["GET", "POST"])
@during(None)
def enter(request: Request) -> HttpResponse:
    """Enter somebody by hand: by number, by another document, or by name and phone."""
    require_keeps_any(request.actor)
    refused: Refusal | None = None
    if request.method == "POST":
        written = {name: typed(request, name, most=200) for name in FIELDS[:6]}
        first = day_or_none(request, "first_day")
        try:
            person = people.enter(written, _where(request), first_day=first, by=request.actor, at=request.now)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
        else:
            messages.success(request, _("已登记。"))
            return redirect("desk-roster-person", person.pk)
    values = _values(request) if refused else {"kind": "resident", "first_day": today_of(request).isoformat()}
    return _form(request, "desk/prevention/rosters/enter.html", values, refused)


@require_http_methods(["GET", "POST"])
@during(None)
def household(request: Request) -> HttpResponse:
    """Move a household as a whole, from a day on."""
    require_keeps_any(request.actor)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            moved = people.move_household(
                typed(request, "from_area", most=15),
                typed(request, "from_household", most=80),
                _where(request),
                first_day=day_or_none(request, "first_day"),
                by=request.actor,
                at=request.now,
            )
        except Refusal as refusal:
            if refusal.status not in (404, 409, 422):
                raise
            refused = refusal
        else:
            messages.success(request, _("已把这一户 %(count)d 人迁到新址。") % {"count": moved})
            return redirect("desk-rosters")
    given = {name: storable(request.GET.get(name, ""))[:80] for name in ("from_area", "from_household")}
    values = _values(request) if refused else {"first_day": today_of(request).isoformat(), **given}
    return _form(request, "desk/prevention/rosters/household.html", values, refused)


def _form(request: Request, template: str, values: dict[str, str], refused: Refusal | None) -> HttpResponse:
    invalid = refused if isinstance(refused, Invalid) else None
    context = {
        "values": values,
        "problems": invalid.problems if invalid else {},
        "summary": summary_of(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        **_choices(request),
    }
    return render(request, template, context, status=refused.status if refused else 200)


def _act(request: Request, person_id: UUID, step: str) -> str:
    """Do what was asked of somebody's page; what to say of it."""
    more: dict[str, Any] = {"by": request.actor, "at": request.now}
    if step == "exclude":
        left = people.Left(
            reason=typed(request, "reason", most=10),
            first_day=day_or_none(request, "first_day"),
            last_day=day_or_none(request, "last_day"),
            note=typed(request, "note", most=300),
            requirement=uuid_from(typed(request, "requirement")),
        )
        people.exclude(person_id, left, key=uuid_from(typed(request, "key")) or new_id(), **more)
        return _("已登记不用查的原因和日期。")
    if step == "move":
        people.move(person_id, _where(request), first_day=day_or_none(request, "first_day"), **more)
        return _("已改到新的名册。")
    if step == "leave":
        number = typed(request, "enrolment", most=18)
        if not (number.isascii() and number.isdigit()):
            raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
        day, reason = day_or_none(request, "day"), typed(request, "reason", most=400)
        people.leave(person_id, int(number), day=day, reason=reason, **more)
        return _("已移出名册。")
    raise NotFound(_("没有这个操作。"))


@require_http_methods(["GET", "POST"])
@during(None)
def show(request: Request, person_id: UUID) -> HttpResponse:
    """One person, masked: the rosters they are on and were on, why and when they are left out."""
    refused: Refusal | None = None
    step = typed(request, "step", most=10)
    if request.method == "POST":
        try:
            messages.success(request, _act(request, person_id, step))
            return redirect("desk-roster-person", person_id)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            refused = refusal
    person = Person.objects.visible_to(request.actor).filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("没有找到这个人，或不在您的辖区。"))
    enrolments = Enrolment.objects.visible_to(request.actor).filter(person=person).order_by("-during")
    exclusions = Exclusion.objects.filter(person=person).select_related("recorded_by__person", "requirement")
    invalid = refused if isinstance(refused, Invalid) else None
    today = today_of(request)
    rows = _rows(enrolments.select_related("person", "site", "employer"), request.actor)
    context = {
        "person": _shown(person),
        "rows": rows,
        "keeps": any(row["kept"] and _lasts(row["enrolment"], today) for row in rows),
        "exclusions": exclusions.order_by("-during"),
        "duties": [(str(row.pk), row.title) for row in queries.duties_of_people()],
        **_tested(request, person),
        "values": _values(request) if refused else {"first_day": today.isoformat(), "day": today.isoformat()},
        "problems": invalid.problems if invalid else {},
        "summary": summary_of(invalid),
        "refused": refused if refused is not None and invalid is None else None,
        "step": step if refused else "",
        "key": new_id(),
        "traces": may_trace(request.actor) and Measure.VENUES in measures_for(request.actor, on=today),
        **_choices(request),
    }
    return render(
        request, "desk/prevention/rosters/person.html", context, status=refused.status if refused else 200
    )


def _lasts(enrolment: Enrolment, today: date) -> bool:
    return enrolment.during.upper is None or enrolment.during.upper > today


def _tested(request: Request, person: Person) -> dict[str, Any]:
    """The latest samples of somebody, what they say, and which of their tubes one may open."""
    samples = list(screening.samples_of(person.pk, at=request.now)[:14])
    seen = Tube.objects.visible_to(request.actor).filter(pk__in=[row.tube_id for row in samples])
    tubes = set(seen.values_list("pk", flat=True)) if samples else set()
    status = screening.status_of(samples, pool_decides=rules().tubes.pool_decides) if samples else ""
    return {"samples": samples, "status": status, "tubes": tubes}


@never_cache
@require_POST
@during(None)
def reveal(request: Request, person_id: UUID) -> HttpResponse:
    """Name, numbers and phone in full, once, for a reason that is kept."""
    told, problem, reason = None, "", typed(request, "reason", most=500)
    try:
        told = people.reveal(person_id, reason=reason, by=request.actor, at=request.now)
    except Invalid as refused:
        problem = refused.message
    context = {"told": told, "pk": person_id, "problem": problem, "reason": reason, **rail(request, "prevention")}
    return render(request, "desk/prevention/rosters/reveal.html", context, status=422 if problem else 200)


@require_POST
@during(None)
def end_exclusion(request: Request, exclusion_id: UUID) -> HttpResponse:
    """Somebody who was left out is due again."""
    held = Exclusion.objects.visible_to(request.actor).filter(pk=exclusion_id).first()
    if held is None:
        raise NotFound(_("没有这条记录，可能已被更正，请刷新后再看。"))
    people.end_exclusion(exclusion_id, by=request.actor, at=request.now)
    messages.success(request, _("从今天起恢复应查。"))
    return redirect("desk-roster-person", held.person_id)

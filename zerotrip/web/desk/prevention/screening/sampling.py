"""The day of sampling, its points, and the table at which a tube is filled."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.parties.queries import own_area_names
from zerotrip.prevention.models import SIZES, DocumentKind, Measure, Person, Sample, Tube
from zerotrip.prevention.rosters import identity
from zerotrip.prevention.screening import people, queries, taking
from zerotrip.prevention.screening.rules import code_of, point_for
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.field.shell import may_compile
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, today_of, typed
from zerotrip.workdays.calendar import CHINA

WRITTEN = (
    identity.NAME,
    identity.NUMBER,
    identity.DOCUMENT_KIND,
    identity.DOCUMENT,
    identity.PHONE,
    identity.BORN,
)


@require_GET
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """The day: how many people, how far their tubes are, by point; what waits for somebody."""
    day = _day(request) or today_of(request)
    points = queries.points(day, request.actor)
    names = own_area_names({point.site.area_path for point in points})
    context = {
        "day": day,
        "figures": queries.figures(day, request.actor, at=request.now),
        "points": [(point, names.get(point.site.area_path, "")) for point in points],
        "mishaps": queries.open_mishaps(request.actor),
        "retests": queries.open_retests(request.actor),
        "boxes": queries.boxes_under_way(request.actor),
        "hours": rules().tubes.late_hours,
        **rail(request, "prevention"),
    }
    name = "desk/prevention/screening/parts/day.html" if request.htmx else "desk/prevention/screening/index.html"
    return render(request, name, context)


def _day(request: Request) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", "")[:10])
    except ValueError:
        return None


@may_compile
@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def point(request: Request, point_id: UUID) -> HttpResponse:
    """A point: begin a tube by its code, go on with one that is open, see what the day has brought."""
    site = point_for(request.actor, point_id)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            tube = taking.begin(
                typed(request, "tube", most=60),
                capacity=_size(typed(request, "capacity", most=3)),
                point=site.pk,
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("desk-tube", tube.pk)
    tubes = Tube.objects.filter(point=site, day=today_of(request)).order_by("-begun_at")
    context = {
        "site": site,
        "page": page_of(request, tubes, size=30),
        "open": list(tubes.filter(sealed_at=None)[:20]),
        "ready": tubes.filter(sealed_at__isnull=False, box=None).count(),
        "sizes": SIZES,
        "size": _size(typed(request, "capacity", most=3)) or rules().tubes.size,
        "tube": typed(request, "tube", most=60),
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 200
    return render(request, "desk/prevention/screening/point.html", context, status=status)


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@may_compile
@never_cache
@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def tube(request: Request, code: str) -> HttpResponse:
    """Fill a tube: whoever is scanned goes in; whom nobody knows is entered in the same place."""
    held = _tube(request, code)
    if request.method == "POST":
        return _filled(request, held)
    return _shown(request, held)


def _filled(request: Request, held: Tube) -> HttpResponse:
    """Whoever was scanned, chosen or entered is put in; else the page asks who it is."""
    try:
        person = _meant(request, held)
    except Invalid as invalid:
        return _shown(request, held, refused=invalid, entering=True)
    if isinstance(person, list):
        return _shown(request, held, found=person, entering=not person)
    try:
        fresh = taking.put_in(held.pk, person.pk, by=request.actor, at=request.now)
    except Refusal as refusal:
        if refusal.status not in (404, 409, 422):
            raise
        messages.error(request, refusal.message)
    else:
        _told(request, held, person, fresh=fresh)
    return redirect("desk-tube", held.pk)


def _meant(request: Request, held: Tube) -> Person | list[Person]:
    """Who stands there: chosen from a list, entered, or scanned. A list where that is not clear. Raises Invalid."""
    if (chosen := uuid_from(typed(request, "person"))) is not None:
        person = Person.objects.filter(pk=chosen).first()
        if person is None:
            raise NotFound(_("没有找到这个人，请重新查找。"))
        return person
    if typed(request, "step") == "enter":
        written = {name: typed(request, name, most=120) for name in WRITTEN}
        return people.meet(written, point=held.point_id, by=request.actor, at=request.now)
    who = typed(request, "who", most=120)
    found = people.found(who, by=request.actor)
    return found[0] if len(found) == 1 and not _is_name(who) else found


def _is_name(text: str) -> bool:
    """Whether what was typed has no digit in it: two people have one name, so somebody looks."""
    return not any(letter.isdigit() for letter in text)


def _told(request: Request, held: Tube, person: Person, *, fresh: bool) -> None:
    told = {"name": identity.mask_name(person.name)}
    if not fresh:
        messages.warning(request, _("%(name)s 已经在这支管里。") % told)
        return
    messages.success(request, _("%(name)s 已入管。") % told)
    midnight = datetime.combine(today_of(request), time(), tzinfo=CHINA)
    before = queries.samples_of(person.pk, at=request.now).filter(at__gte=midnight).exclude(tube=held.pk).first()
    if before is not None:
        told = told | {"tube": before.tube_id}
        messages.warning(request, _("%(name)s 今天已经采过一次，管码 %(tube)s。") % told)


def _shown(
    request: Request,
    held: Tube,
    *,
    refused: Invalid | None = None,
    found: list[Person] | None = None,
    entering: bool = False,
) -> HttpResponse:
    held.refresh_from_db()
    who = typed(request, "who", most=120)
    context = {
        "tube": held,
        "void": queries.why_void(held),
        "members": [_member(row) for row in queries.members(held)],
        "found": [_candidate(person) for person in found or []],
        "who": who,
        "entering": entering,
        "values": _written(request, who) if entering else {},
        "document_kinds": DocumentKind.choices,
        "room": held.capacity - held.taken,
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 200
    return render(request, "desk/prevention/screening/tube.html", context, status=status)


def _written(request: Request, who: str) -> dict[str, str]:
    """What the form for somebody new begins with: what was scanned, where it belongs."""
    values = {name: typed(request, name, most=120) for name in WRITTEN}
    if who and not any(values.values()):
        plain = "".join(who.split())
        if identity.phone_of(plain):
            values[identity.PHONE] = plain
        elif _is_name(who):
            values[identity.NAME] = who
        elif len(plain) in (15, 17, 18):
            values[identity.NUMBER] = plain
        else:
            values[identity.DOCUMENT] = plain
            values[identity.DOCUMENT_KIND] = DocumentKind.PASSPORT
    return values


def _member(row: Sample) -> dict[str, Any]:
    return {
        "person": row.person_id,
        "name": identity.mask_name(row.person.name),
        "number": row.person.number_shown or identity.mask_phone(row.person.phone),
        "at": row.at,
        "over": not row.counts,
    }


def _candidate(person: Person) -> dict[str, Any]:
    return {
        "person": person.pk,
        "name": identity.mask_name(person.name),
        "number": person.number_shown,
        "phone": identity.mask_phone(person.phone),
        "born": person.birth_year,
    }


@require_POST
@during(Measure.SCREENING)
def take_out(request: Request, code: str, person_id: UUID) -> HttpResponse:
    """Take out again whom a tube was given by mistake."""
    held = _tube(request, code)
    taking.take_out(held.pk, person_id, by=request.actor, at=request.now)
    messages.success(request, _("已从管里取出，这一位没有采样记录。"))
    return redirect("desk-tube", held.pk)


@require_POST
@during(Measure.SCREENING)
def seal(request: Request, code: str) -> HttpResponse:
    """Seal a tube, and go on to the next."""
    held = taking.seal(_tube(request, code).pk, by=request.actor, at=request.now)
    told = {"tube": held.pk, "count": held.taken}
    messages.success(request, _("%(tube)s 已封管，%(count)s 人。请扫下一支管。") % told)
    return redirect("desk-sampling-point", held.point_id)


def _tube(request: Request, code: str) -> Tube:
    rows = Tube.objects.visible_to(request.actor).select_related("point", "box")
    held = rows.filter(pk=code_of(code)).first()
    if held is None:
        raise NotFound(_("没有这支管，或不在您负责的区域。"))
    return held

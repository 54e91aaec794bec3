"""Sites at the desk: the list of what prevention looks after, one of them, and workbooks of them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.enterprises.sheets.reading import LARGEST
from zerotrip.errors import Invalid, NotFound, Refusal, TooLarge
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.parties.paths import code_of
from zerotrip.parties.queries import area_names, area_path_of
from zerotrip.prevention.events.exporting import right_of
from zerotrip.prevention.models import Risk, Site, SiteKind
from zerotrip.prevention.sites import actions, sheets
from zerotrip.prevention.sites.declared import group_name
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention import venues
from zerotrip.web.desk.prevention.exporting import asked_why
from zerotrip.web.desk.prevention.forms import areas_of
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, day_or_none, storable, summary_of, today_of, typed
from zerotrip.web.workbooks import workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

PAGE_SIZE = 30
CONTAINERS = ("carrier", "building", "mall", "market")
"""Kinds of site others lie in."""
FIELDS = ("kind", "name", "area", "address", "risk", "owner", "contact", "phone", "within", "reason", "closed_on")


def searched(request: Request) -> tuple[QuerySet[Site], dict[str, str]]:
    """The sites that are asked for, and what is asked."""
    asked = {name: storable(request.GET.get(name, ""))[:60] for name in ("q", "kind", "area", "risk", "closed")}
    rows = Site.objects.visible_to(request.actor).select_related("kind", "owner")
    if asked["q"]:
        word = asked["q"]
        rows = rows.filter(Q(name__icontains=word) | Q(address__icontains=word) | Q(code=word.upper()))
    if asked["kind"]:
        rows = rows.filter(Q(kind=asked["kind"]) | Q(kind__group=asked["kind"]))
    if asked["area"]:
        rows = rows.filter(area_path__startswith=area_path_of(asked["area"]) or "-")
    if asked["risk"] in Risk.values:
        rows = rows.filter(risk=asked["risk"])
    rows = rows.exclude(closed_on=None) if asked["closed"] else rows.filter(closed_on=None)
    return rows.order_by("kind__place", "name", "pk"), asked


@require_GET
@during(None)
def index(request: Request) -> HttpResponse:
    """The sites of one's area, by kind, area, risk and name."""
    rows, asked = searched(request)
    page = page_of(request, rows, size=PAGE_SIZE)
    names = area_names({code_of(site.area_path) for site in page.object_list})
    query = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "page": page,
        "rows": [(site, site.kind.spec.name, names.get(code_of(site.area_path), "")) for site in page.object_list],
        **{"asked": asked, "query": query, "narrowed": bool(query)},
        "exports": right_of(request.actor, on=today_of(request)) is not None,
        "posters": venues.parts_of(request, page.paginator.count),
        **_choices(request),
    }
    return render(request, "desk/prevention/sites/index.html", context)


def _choices(request: Request) -> dict[str, Any]:
    groups: dict[str, tuple[Any, list[tuple[str, Any]]]] = {}
    for kind in SiteKind.objects.kept():
        groups.setdefault(kind.group, (group_name(kind), []))[1].append((kind.pk, kind.spec.name))
    return {
        "groups": [(key, name, kinds) for key, (name, kinds) in groups.items()],
        "risks": Risk.choices,
        "areas": areas_of(request.actor),
        **rail(request, "prevention"),
    }


def _described(request: Request, kind: str) -> actions.Described:
    row = SiteKind.objects.kept().filter(pk=kind).first()
    return actions.Described(
        kind=kind,
        name=typed(request, "name", most=300),
        area=typed(request, "area", most=15),
        address=typed(request, "address", most=400),
        risk=typed(request, "risk", most=8),
        owner=typed(request, "owner", most=30),
        contact=typed(request, "contact", most=100),
        phone=typed(request, "phone", most=40),
        within=uuid_from(typed(request, "within")),
        details={own.name: typed(request, own.name, most=200) for own in row.spec.fields} if row else {},
    )


def _containers(request: Request) -> list[tuple[UUID, str]]:
    """The parks and buildings a site may lie in."""
    rows = Site.objects.visible_to(request.actor).filter(closed_on=None, kind__in=CONTAINERS)
    return list(rows.order_by("name").values_list("pk", "name")[:300])


@require_http_methods(["GET", "POST"])
@during(None)
def new(request: Request) -> HttpResponse:
    """Register a site: first its kind, then the rest."""
    refused: Invalid | None = None
    kind = storable(request.GET.get("kind", ""))[:60]
    if request.method == "POST":
        kind = typed(request, "kind", most=60)
        key = uuid_from(typed(request, "key")) or new_id()
        try:
            site = actions.add(_described(request, kind), by=request.actor, at=request.now, key=key)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已登记。"))
            return redirect("desk-site", site.pk)
    row = SiteKind.objects.kept().filter(pk=kind).first()
    values = _typed(request, row) if refused else {"kind": kind, "risk": row.risk if row else ""}
    context = {"chosen": row, "own": _own(row, values), **_form(request, values, refused)}
    return render(request, "desk/prevention/sites/new.html", context, status=refused.status if refused else 200)


def _typed(request: Request, kind: SiteKind | None) -> dict[str, str]:
    names = (*FIELDS, *(own.name for own in (kind.spec.fields if kind else ())))
    return {name: typed(request, name, most=400) for name in names}


def _own(kind: SiteKind | None, values: Mapping[str, str]) -> list[tuple[str, Any, str, str]]:
    """The fields a kind has of its own: name, label, kind, value."""
    return [(one.name, one.label, one.kind, values.get(one.name, "")) for one in (kind.spec.fields if kind else ())]


def _form(request: Request, values: Mapping[str, str], refused: Invalid | None) -> dict[str, Any]:
    return {
        "values": values,
        "problems": refused.problems if refused else {},
        "summary": summary_of(refused),
        "key": new_id(),
        "containers": _containers(request),
        "today": today_of(request),
        **_choices(request),
    }


def site_of(request: Request, site_id: UUID) -> Site:
    """A site of one's area. Raises NotFound."""
    rows = Site.objects.visible_to(request.actor).select_related("kind", "owner", "within")
    site = rows.filter(pk=site_id).first()
    if site is None:
        raise NotFound(_("没有找到这个场所，或不在您的辖区。"))
    return site


@require_http_methods(["GET", "POST"])
@during(None)
def show(request: Request, site_id: UUID) -> HttpResponse:
    """One site: what it is, how it came to be so; changed here, for a reason."""
    site = site_of(request, site_id)
    refused: Invalid | None = None
    if request.method == "POST":
        told, reason = _described(request, site.kind_id), typed(request, "reason", most=400)
        try:
            actions.change(site.pk, told, reason=reason, by=request.actor, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已保存。"))
            return redirect("desk-site", site.pk)
    values = _typed(request, site.kind) if refused else _values_of(site)
    return _page(request, site, values, refused)


def _page(
    request: Request, site: Site, values: Mapping[str, str], refused: Invalid | None, closing: bool = False
) -> HttpResponse:
    code = code_of(site.area_path)
    context = {
        "site": site,
        "kind": site.kind.spec,
        "area": area_names({code}).get(code, ""),
        "own": _own(site.kind, values),
        "details": [(label, site.details.get(name)) for name, label, _kind, _v in _own(site.kind, {})],
        "history": history(site.pk).order_by("-seq")[:20],
        "closing": closing,
        "parts": site.parts.filter(closed_on=None).order_by("name")[:50],
        **venues.block_of(request, site),
        **_form(request, values, refused),
    }
    return render(request, "desk/prevention/sites/show.html", context, status=refused.status if refused else 200)


def _values_of(site: Site) -> dict[str, str]:
    return {
        **{name: getattr(site, name) for name in ("name", "address", "risk", "contact", "phone")},
        "kind": site.kind_id,
        "area": code_of(site.area_path),
        "owner": site.owner.uscc if site.owner else "",
        "within": str(site.within_id or ""),
        **site.details,
    }


@require_POST
@during(None)
def close(request: Request, site_id: UUID) -> HttpResponse:
    """A site is not there any more, from a day on, for a reason."""
    site = site_of(request, site_id)
    reason, day = typed(request, "reason", most=400), day_or_none(request, "closed_on")
    try:
        actions.close(site.pk, closed_on=day, reason=reason, by=request.actor, at=request.now)
    except Invalid as invalid:
        values = {**_values_of(site), "closing_reason": reason, "closed_on": typed(request, "closed_on", most=10)}
        return _page(request, site, values, invalid, closing=True)
    messages.success(request, _("已关闭。"))
    return redirect("desk-site", site.pk)


@require_http_methods(["GET", "POST"])
@during(None)
def export(request: Request) -> HttpResponse:
    """The sites that were asked for as a workbook, which can be changed and handed in: it names whom to ask there.

    For whoever was named to take lists out, and says why.
    """
    if (page := asked_why(request, pgettext("多个", "场所"), back=reverse("desk-sites"))) is not None:
        return page
    rows, _asked = searched(request)
    return workbook(_("场所.xlsx"), sheets.written(rows[: sheets.MOST]))


@require_http_methods(["GET", "POST"])
@during(None)
def bring_in(request: Request) -> HttpResponse:
    """Look a workbook of sites through, naming every fault by row; without faults and when asked, add them all."""
    refused: Refusal | None = None
    found: sheets.Looked | None = None
    added: int | None = None
    if request.method == "POST":
        try:
            found, added = _brought_in(request)
        except Refusal as refusal:
            if refusal.status not in (413, 415, 422):
                raise
            refused = refusal
    if added is not None:
        messages.success(request, _("已登记 %(count)d 个场所。") % {"count": added})
        return redirect("desk-sites")
    context = {
        **{"found": found, "refused": refused, "most": sheets.MOST, "key": new_id()},
        "faults": found.faults[:200] if found else [],
        **rail(request, "prevention"),
    }
    status = refused.status if refused else 422 if found and found.faults else 200
    return render(request, "desk/prevention/sites/import.html", context, status=status)


def _brought_in(request: Request) -> tuple[sheets.Looked | None, int | None]:
    """What was found in the workbook that was sent; how many were added, where that was asked."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(_("请选择要导入的文件。"))
    if (file.size or 0) > LARGEST:
        raise TooLarge(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": LARGEST // 1024 // 1024})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "sites.xlsx")
        with place.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        found = sheets.look_through(place, by=request.actor)
        if found.faults or typed(request, "step") != "add":
            return found, None
        key = uuid_from(typed(request, "key")) or new_id()
        return None, sheets.take(place, by=request.actor, at=request.now, key=key)

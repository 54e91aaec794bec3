"""The public side of the catalogue: home, finding a service, its guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zerotrip.cases.actions.bars import barred, why_barred
from zerotrip.cases.actions.places import counted
from zerotrip.cases.published import published_ratings
from zerotrip.cases.queries import my_cases
from zerotrip.catalogue.queries import current_services, shown_district, themes
from zerotrip.duties.queries import asked_of_firms
from zerotrip.licences.reuse.queries import proved_for
from zerotrip.parties.models import Party
from zerotrip.parties.queries import area_path_of
from zerotrip.web.cases.access import offered_version
from zerotrip.web.portal.prevention import doors
from zerotrip.web.portal.services.finding import find, theme_counts
from zerotrip.web.portal.services.guide import guide_of
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.catalogue.spec import DistrictSpec, ServiceSpec
    from zerotrip.licences.models import Licence

CHIPS = 5
"""Services named under the search box."""
MINE = 3
"""Own cases shown on the home page."""


@require_safe
def home(request: Request) -> HttpResponse:
    """What do you want to do? Search, own cases, themes."""
    versions, district = current_services(), shown_district()
    counts = theme_counts(versions)
    context = {
        "specs": _frequent(versions, district),
        "district": district,
        "themes": [(theme, counts[theme.id]) for theme in themes() if counts[theme.id]],
        "cases": list(my_cases(request.actor)[:MINE]) if request.actor.user_id else [],
        "asked": asked_of_firms(request.actor).due().count() if request.actor.represents else 0,
        "doors": doors(request),
    }
    return render(request, "portal/services/home.html", context)


def _frequent(versions: list[ServiceVersion], district: DistrictSpec | None) -> list[ServiceSpec]:
    """The services the district names as frequent; without any, the first that are open."""
    specs = {version.service_id: version.spec for version in versions}
    named = [specs[slug] for slug in (district.frequent if district else ()) if slug in specs]
    return named or [spec for spec in specs.values() if spec.incomplete is None][:CHIPS]


@require_safe
def index(request: Request) -> HttpResponse:
    """All services, or those a search finds, narrowed by plain links."""
    district = shown_district()
    found = find(request.GET, district=district, themes=themes())
    template = "portal/services/found.html" if request.htmx.target == "found" else "portal/services/index.html"
    response = render(request, template, {"found": found, "district": district, "section": "services"})
    patch_vary_headers(response, ["HX-Request"])  # a part of the page is never taken for the page
    return response


@require_safe
def guide(request: Request, slug: str) -> HttpResponse:
    """The guide of a service: everything a published guide says, and how to begin."""
    version = offered_version(slug)
    if version.spec.need is not None and version.spec.incomplete is None:
        return redirect(f"{reverse('need-new')}?subject={slug}")
    district = shown_district()
    themed = {theme.id: theme for theme in themes()}
    context = {
        "guide": guide_of(version, district, at=request.now, proved=_proved(request, version, district)),
        "spec": version.spec,
        "barred": _barred(request, version),
        "places": counted(version.service_id, version.spec.allotment, at=request.now)
        if version.spec.allotment
        else None,
        "rated": published_ratings("service", service=slug).get(slug),
        "themes": [themed[theme] for theme in version.spec.themes if theme in themed],
        "district": district,
        "section": "services",
    }
    return render(request, "portal/services/guide.html", context)


def _barred(request: Request, version: ServiceVersion) -> list[str]:
    """Why the reader, or those they act for, may not apply now; asked where such bars can be."""
    if version.spec.safety is None or not request.actor.user_id:
        return []
    found = barred(version.spec, request.actor.acts_for, at=request.now)
    names = dict(Party.objects.filter(pk__in=found).values_list("pk", "name")) if found else {}
    return [f"{names[pk]}{_('：')}{why_barred(each)}" for pk, each in found.items()]


def _proved(request: Request, version: ServiceVersion, district: DistrictSpec | None) -> dict[str, Licence]:
    """The materials that licences of the signed-in reader prove already."""
    if not (request.actor.user_id and version.spec.reusing):
        return {}
    area_path = area_path_of(district.area) if district else ""
    return proved_for(request.actor, version.spec, area_path=area_path, at=request.now)

"""A leaflet on the phone of whoever was sent it: opened by the link alone, read, and signed where it is wanted."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zerotrip.errors import Invalid
from zerotrip.prevention.leaflets import actions
from zerotrip.prevention.models import Person
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.limits import a_minute
from zerotrip.web.requests import Request, typed


@never_cache
@require_http_methods(["GET", "POST"])
@a_minute(120)
def leaflet(request: Request, token: str) -> HttpResponse:
    """The text, and a POST that it was read. Whoever opens it is asked for nothing but a name, if that."""
    refused: Invalid | None = None
    receipt = actions.opened(token)
    if request.method == "POST":
        try:
            actions.read(token, typed(request, "name", most=120), at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("leaflet", token)
    name = Person.objects.filter(pk=receipt.person).values_list("name", flat=True).first() or ""
    context = {
        "receipt": receipt,
        "leaflet": receipt.leaflet,
        "stands": receipt.leaflet.stands(request.now),
        "name": mask_name(name),
        "typed_name": typed(request, "name", most=120),
        **refused_with(refused),
    }
    return render(request, "portal/leaflets/leaflet.html", context, status=refused.status if refused else 200)

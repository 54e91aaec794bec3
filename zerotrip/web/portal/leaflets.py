"""A leaflet on the phone of whoever was sent it: opened by the link alone, read, and signed where it is wanted."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zerotrip.errors import Invalid
from zerotrip.prevention.leaflets import actions
from zerotrip.prevention.leaflets.rules import why_over
from zerotrip.prevention.models import Person, Receipt, Site
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.web.desk.prevention.forms import refused_with
from zerotrip.web.limits import a_minute
from zerotrip.web.requests import Request, typed


@never_cache
@require_http_methods(["GET", "POST"])
@a_minute(600)
def leaflet(request: Request, token: str) -> HttpResponse:
    """The text, and a POST that it was read. Whoever opens it is asked for nothing but a name, if that."""
    refused: Invalid | None = None
    receipt = actions.opened(token)
    if request.method == "POST":
        try:
            name, position = typed(request, "name", most=120), typed(request, "position", most=40)
            actions.read(token, name, position=position, at=request.now)
        except Invalid as invalid:
            refused = invalid
        else:
            return redirect("leaflet", token)
    context = {
        "receipt": receipt,
        "leaflet": receipt.leaflet,
        "why": why_over(receipt.leaflet, request.now),
        "name": _name(receipt),
        "typed_name": typed(request, "name", most=120),
        "typed_position": typed(request, "position", most=40),
        **refused_with(refused),
    }
    return render(request, "portal/leaflets/leaflet.html", context, status=refused.status if refused else 200)


def _name(receipt: Receipt) -> str:
    """For whom it is: somebody, masked, or a site."""
    if receipt.leaflet.to_sites:
        return Site.objects.filter(pk=receipt.subject).values_list("name", flat=True).first() or ""
    return mask_name(Person.objects.filter(pk=receipt.subject).values_list("name", flat=True).first() or "")

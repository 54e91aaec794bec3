"""One's own enterprise: what the district knows of it and from whom, and what one states oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zerotrip.enterprises import blocks
from zerotrip.enterprises.access import load
from zerotrip.errors import Invalid, NotFound
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.models import Party
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.enterprises import stating
from zerotrip.web.enterprises.record import record_of
from zerotrip.web.enterprises.telling import told
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from django.db.models import QuerySet


def _own(request: Request) -> QuerySet[Party]:
    return Party.objects.live().filter(pk__in=request.actor.represents).order_by("name", "pk")


def _load(request: Request, uscc: str) -> Party:
    """An enterprise one acts for. Raises NotFound."""
    party = load(uscc, request.actor)
    if party.pk not in request.actor.represents:
        raise NotFound(_("没有找到这家企业，或您不是它的经办人。"))
    return party


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """My enterprises; with but one, that one."""
    firms = list(_own(request))
    if len(firms) == 1:
        return redirect("enterprise", firms[0].uscc)
    return render(request, "portal/enterprise/index.html", {"firms": firms, "section": "enterprise"})


@require_GET
@signed_in
def show(request: Request, uscc: str) -> HttpResponse:
    """The record of an enterprise as its own people see it."""
    party = _load(request, uscc)
    if party.uscc != uscc:
        return redirect("enterprise", party.uscc)
    record = record_of(party, request.actor, at=request.now, at_desk=False)
    stateable = [spec for spec in stating.stateable(record["words"], own=True) if not spec.sensitive]
    context = {**record, "stateable": stateable, "section": "enterprise"}
    return render(request, "portal/enterprise/show.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def fact(request: Request, uscc: str, name: str) -> HttpResponse:
    """One fact: who said what of us, what counts, and a form to state it ourselves."""
    party = _load(request, uscc)
    words = vocabulary()
    spec = stating.spec_of(name, words)
    refused = None
    if request.method == "POST":
        try:
            stating.state(party, spec, request, own=True)
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("%(label)s：已记录，原来的说法仍保留。") % {"label": spec.label})
            return redirect("enterprise-fact", party.uscc, name)
    context = {
        "party": party,
        **told(spec, party, words, at=request.now),
        "form": stating.form_of(spec, words, request, own=True),
        "refused": refused,
        "problems": refused.problems if refused else {},
        "section": "enterprise",
    }
    return render(request, "portal/enterprise/fact.html", context, status=422 if refused else 200)


@require_GET
@signed_in
def block(request: Request, uscc: str, name: str) -> HttpResponse:
    """A block of another app: into its place on the record, or on a page of its own without JavaScript."""
    party = _load(request, uscc)
    found = blocks.of_name(name, at_desk=False)
    if found is None:
        raise NotFound(_("没有这一项。"))
    read = found.read(party, request.actor, request.now)
    context = {"party": party, "shown": found, "empty": read is None, "section": "enterprise", **(read or {})}
    name = "web/enterprises/block.html" if request.htmx else "portal/enterprise/block.html"
    return render(request, name, context)

"""Somebody named for one enterprise: chosen on a page of its own, or ended from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.enterprises.access import load
from zerotrip.errors import Invalid, NotAllowed, Refusal
from zerotrip.relief.naming.access import may_name
from zerotrip.relief.naming.actions import end_helper, name_helper
from zerotrip.relief.naming.queries import candidates_over, helpers_of, subjects
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, storable, typed

if TYPE_CHECKING:
    from zerotrip.parties.models import Party


@require_http_methods(["GET", "POST"])
@staff_only
def name(request: Request, uscc: str) -> HttpResponse:
    """Name somebody for an enterprise, or somebody else instead of whoever is named."""
    party = load(uscc, request.actor)
    if not may_name(request.actor, party):
        raise NotAllowed(_("点对点专人由管辖企业所在地的负责人或诉求值班人员指定。"))
    if request.method == "GET":
        return _page(request, party)
    try:
        named = name_helper(
            party.pk,
            account=uuid_from(typed(request, "person", most=40)),
            subject=typed(request, "subject", most=60),
            by=request.actor,
            at=request.now,
        )
    except Refusal as refused:
        if refused.status not in (409, 422):
            raise
        return _page(request, party, refused=refused)
    said = _("已指定：%(name)s。已告知本人和企业。")
    messages.success(request, said % {"name": named.person.name})
    return redirect("desk-enterprise", party.uscc)


def _page(request: Request, party: Party, *, refused: Refusal | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context = {
        "party": party,
        "named": helpers_of(party, at=request.now),
        "people": candidates_over(party.area_path, at=request.now),
        "subjects": subjects().items(),
        "typed": {name: storable(given.get(name, ""))[:60] for name in ("person", "subject")},
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        **rail(request, "enterprises"),
    }
    return render(request, "desk/naming/one.html", context, status=refused.status if refused else 200)


@require_POST
@staff_only
def end(request: Request, uscc: str) -> HttpResponse:
    """Nobody is named for this subject of an enterprise any more."""
    party = load(uscc, request.actor)
    subject = typed(request, "subject", most=60)
    if end_helper(party.pk, subject=subject, by=request.actor, at=request.now):
        messages.success(request, _("已结束，已告知企业。它的诉求照常按规则分派。"))
    else:
        messages.info(request, _("已经没有专人了。"))
    return redirect("desk-enterprise", party.uscc)

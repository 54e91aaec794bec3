"""Two records of one enterprise made one, after a look at what moves; and two again."""

from __future__ import annotations

from uuid import UUID

from django.apps import apps
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zerotrip.enterprises import actions
from zerotrip.enterprises.access import load, may_merge
from zerotrip.enterprises.models import Merger
from zerotrip.enterprises.queries import mergers_of
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refusal
from zerotrip.parties.models import Party
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.frame import rail
from zerotrip.web.requests import Request, storable, typed

CALLED = {
    "cases.Case.applicant": gettext_lazy("办件"),
    "cases.Bar.party": gettext_lazy("限制申请"),
    "duties.Obligation.owner": gettext_lazy("待履行事项"),
    "facts.Fact.party": gettext_lazy("事实"),
    "licences.Licence.holder": gettext_lazy("证照"),
    "parties.Mandate.principal": gettext_lazy("授权"),
    "parties.Membership.organisation": gettext_lazy("经办人和点对点专人"),
    "parties.Party.parent": gettext_lazy("下属单位"),
}
"""What hangs on an enterprise, as people call it."""


def called(place: str) -> str:
    """What rows of a place are called: as above, or as their model says of itself."""
    if place in CALLED:
        return str(CALLED[place])
    label, _dot, _field = place.rpartition(".")
    return str(apps.get_model(label)._meta.verbose_name)


@require_http_methods(["GET", "POST"])
@staff_only
def merge(request: Request, uscc: str) -> HttpResponse:
    """Look for the other record, look at what moves, and merge with a reason."""
    survivor = load(uscc, request.actor)
    if not may_merge(request.actor, survivor):
        raise NotAllowed(_("合并由管辖两家企业的负责人办理。"))
    asked = storable(request.GET.get("other", "") or request.POST.get("other", "")).strip().upper()[:18]
    refused: Refusal | None = None
    loser = None
    if asked:
        try:
            loser = _other(asked, survivor, request)
        except NotFound as none:
            refused = none
    if request.method == "POST" and loser is not None:
        try:
            actions.merge(
                survivor.pk, loser.pk, reason=typed(request, "reason", most=400), by=request.actor, at=request.now
            )
        except Invalid as invalid:
            refused = invalid
        else:
            told = _("已把“%(name)s”并入。可以在下面撤销。")
            messages.success(request, told % {"name": loser.name})
            return redirect("desk-enterprise-merge", survivor.uscc)
    context = {
        "party": survivor,
        "loser": loser,
        "asked": asked,
        "held": [(called(held.place), held.count) for held in actions.holdings(loser)] if loser else [],
        "mergers": [(each, _sum(each)) for each in mergers_of(survivor, request.actor)],
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        "reason": typed(request, "reason"),
        **rail(request, "enterprises"),
    }
    return render(request, "desk/enterprises/merge.html", context, status=refused.status if refused else 200)


def _sum(merger: Merger) -> list[tuple[str, int]]:
    return [(called(place), len(keys)) for place, keys in merger.moved.items()]


def _other(asked: str, survivor: Party, request: Request) -> Party:
    other = load(asked, request.actor)
    if other.pk == survivor.pk:
        raise NotFound(_("这就是同一条档案，请填另一条的代码。"))
    return other


@require_POST
@staff_only
def undo(request: Request, merger_id: UUID) -> HttpResponse:
    """They are two after all."""
    merger = Merger.objects.visible_to(request.actor).filter(pk=merger_id).select_related("survivor").first()
    if merger is None:
        raise NotFound(_("没有找到这次合并。"))
    undone, lost = actions.unmerge(merger.pk, by=request.actor, at=request.now)
    messages.success(
        request,
        _("已撤销合并，移来的都已移回。")
        if not lost
        else _("已撤销合并；有 %(count)d 条后来已转到别处，没有移回。") % {"count": lost},
    )
    return redirect("desk-enterprise-merge", undone.survivor.uscc)

"""Boxes of tubes: packed, handed over, taken in; what is wrong with a tube, and how it was settled."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zerotrip.errors import Invalid, NotFound
from zerotrip.ids import new_id
from zerotrip.prevention.models import Box, Measure, MishapKind, Tube
from zerotrip.prevention.screening import boxes as actions
from zerotrip.prevention.screening import queries
from zerotrip.prevention.screening.rules import point_for
from zerotrip.prevention.screening.spec import rules
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.prevention.forms import number, refused_with
from zerotrip.web.desk.prevention.frame import during
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request, typed

STEPS = ("hand-over", "receive", "unpack")


@require_GET
@during(Measure.SCREENING)
def index(request: Request) -> HttpResponse:
    """Boxes, the latest first, and what laboratories found wrong with tubes."""
    rows = Box.objects.visible_to(request.actor).select_related("point").order_by("-packed_at")
    mishaps = queries.mishaps(request.actor).filter(settled_at=None).select_related("box__point")
    context = {
        "page": page_of(request, rows, size=30),
        "mishaps": mishaps.order_by("found_at")[:100],
        "laboratories": laboratories(),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/screening/boxes.html", context)


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def pack(request: Request, point_id: UUID) -> HttpResponse:
    """Pack the sealed tubes of a point: chosen here, counted by hand."""
    site = point_for(request.actor, point_id)
    refused: Invalid | None = None
    if request.method == "POST":
        try:
            box = actions.pack(
                uuid_from(typed(request, "key")) or new_id(),
                typed(request, "code", most=60),
                request.POST.getlist("tubes")[: actions.MOST + 1],
                counted=number(request, "counted"),
                point=site.pk,
                by=request.actor,
                at=request.now,
            )
        except Invalid as invalid:
            refused = invalid
        else:
            messages.success(request, _("已装箱，请交接给转运人员。"))
            return redirect("desk-box", box.pk)
    ready = Tube.objects.filter(point=site, sealed_at__isnull=False, box=None, outcome="").order_by("sealed_at")
    chosen = set(request.POST.getlist("tubes")) if refused else None
    shown = list(ready[: actions.MOST])
    context = {
        "site": site,
        "ready": [(tube, chosen is None or tube.pk in chosen) for tube in shown],
        "left": ready.count() - len(shown) if len(shown) == actions.MOST else 0,
        "key": uuid_from(typed(request, "key")) or new_id(),
        "values": {name: typed(request, name, most=60) for name in ("code", "counted")},
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(
        request, "desk/prevention/screening/pack.html", context, status=refused.status if refused else 200
    )


@require_http_methods(["GET", "POST"])
@during(Measure.SCREENING)
def show(request: Request, box_id: UUID) -> HttpResponse:
    """A box on its way: its tubes, who has it, what was wrong; the next step is the form."""
    box = Box.objects.visible_to(request.actor).select_related("point").filter(pk=box_id).first()
    if box is None:
        raise NotFound(_("没有这个箱子，或不在您负责的区域。"))
    refused: Invalid | None = None
    step = typed(request, "step", most=12)
    if request.method == "POST":
        try:
            return _stepped(request, box, step)
        except Invalid as invalid:
            refused = invalid
    context = {
        "box": box,
        "tubes": box.tubes.order_by("pk"),
        "mishaps": queries.mishaps(request.actor).filter(box=box).order_by("found_at", "code"),
        "laboratories": laboratories(),
        "kinds": [(kind, label) for kind, label in MishapKind.choices if kind not in ("missing", "extra")],
        "step": step,
        "values": {
            name: typed(request, name, most=5000 if name == "there" else 200)
            for name in ("laboratory", "carrier", "plate", "receiver", "there", "reason")
        },
        **refused_with(refused),
        **rail(request, "prevention"),
    }
    return render(request, "desk/prevention/screening/box.html", context, status=refused.status if refused else 200)


def _stepped(request: Request, box: Box, step: str) -> HttpResponse:
    if step == "hand-over":
        actions.hand_over(
            box.pk,
            laboratory=typed(request, "laboratory", most=60),
            carrier=typed(request, "carrier", most=60),
            plate=typed(request, "plate", most=20),
            by=request.actor,
            at=request.now,
        )
        messages.success(request, _("已交接。"))
    elif step == "receive":
        point_for(request.actor, box.point_id)
        held = box.tubes.values_list("pk", flat=True)
        damaged = {code: kind for code in held if (kind := typed(request, f"damage-{code}", most=10))}
        there = [*request.POST.getlist("tubes"), *typed(request, "there", most=5000).split()]
        actions.receive(
            box.pk,
            there,
            receiver=typed(request, "receiver", most=60),
            damaged=damaged,
            by=request.actor,
            at=request.now,
        )
        messages.success(request, _("已签收，不符的管已逐支列出。"))
    elif step == "unpack":
        actions.unpack(box.pk, reason=typed(request, "reason", most=400), by=request.actor, at=request.now)
        messages.success(request, _("已拆箱，这些管可以重新装箱。"))
        return redirect("desk-sampling-point", box.point_id)
    else:
        raise NotFound(_("没有这个操作。"))
    return redirect("desk-box", box.pk)


@require_POST
@during(Measure.SCREENING)
def settle(request: Request, mishap_id: UUID) -> HttpResponse:
    """Say how what was wrong with a tube was settled."""
    mishap = actions.settle(
        mishap_id,
        typed(request, "how", most=200),
        usable=typed(request, "usable") == "yes",
        by=request.actor,
        at=request.now,
    )
    messages.success(request, _("%(tube)s 已处理。") % {"tube": mishap.code})
    return redirect("desk-boxes")


def laboratories() -> dict[str, str]:
    """The laboratories of the district, by id."""
    return {one.id: str(one.name) for one in rules().laboratories}

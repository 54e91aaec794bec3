"""Whether the applicant at the counter lets a licence be read instead of a paper: asked on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.cases import actions
from zerotrip.cases.actions.confirming import Reading, addressees, agreed
from zerotrip.cases.actions.counter import require_counter
from zerotrip.cases.models import Purpose
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, NotFound, Refusal, Refused
from zerotrip.licences.reuse import actions as reuse
from zerotrip.licences.reuse.actions import Down
from zerotrip.licences.reuse.queries import offers
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.cases.access import own_case
from zerotrip.web.desk.frame import rail
from zerotrip.web.desk.limits import limit_codes
from zerotrip.web.portal.cases import views
from zerotrip.web.requests import Request, typed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zerotrip.cases.models import Case
    from zerotrip.licences.reuse.queries import Offer


@require_http_methods(["GET", "POST"])
@staff_only
def consent(request: Request, number: str, material: str) -> HttpResponse:
    """Ask by a code or on paper; a no is kept, and the paper is asked for."""
    require_counter(request.actor)
    case = own_case(request, number)
    offer = _offer(request, case, material)
    reading = Reading(material, offer.consent)
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return _said(request, case, reading)
        except (Invalid, Refused) as refusal:
            refused = refusal
    context = {
        "case": case,
        "material": spec_of(case.version_id).material(material).name,
        "offer": offer,
        "agreed": agreed(case, reading),
        "addressees": addressees(case, at=request.now),
        "back": back(case, material),
        "refused": refused,
        "problems": refused.problems if isinstance(refused, Invalid) else {},
        **rail(request, "counter"),
    }
    return render(request, "desk/counter/consent.html", context, status=refused.status if refused else 200)


def _offer(request: Request, case: Case, material: str) -> Offer:
    offer = offers(case, at=request.now).get(material)
    helps = request.helping is not None and request.helping.assists
    if not helps or offer is None or not (offer.usable or offer.registry):
        raise NotFound(_("这件材料没有可以读取的电子证照。"))
    return offer


def _said(request: Request, case: Case, reading: Reading) -> HttpResponse:
    by, at = request.actor, request.now
    if "refuse" in request.POST:
        actions.refuse_reading(case, reading, by=by, at=at)
        messages.info(request, _("已记录申请人不同意，请收材料。"))
        return redirect(back(case, reading.material))
    if "read" in request.POST:
        return read(request, case, reading.material)
    if "paper" in request.FILES:
        (paper,) = request.FILES.getlist("paper")[:1]
        try:
            actions.confirm_on_paper(case, Purpose.REUSE, paper, by=by, at=at, reading=reading)
        except Refusal as refusal:
            raise Invalid(refusal.message, {"paper": [refusal.message]}) from refusal
        return read(request, case, reading.material)
    to = next((one for one in addressees(case, at=at) if str(one.account) == typed(request, "to")), None)
    if to is None:
        raise Refused(_("请选择把确认码发给谁，或者上传签字页。"))
    limit_codes(request, to.address)
    asked = actions.ask_code(case, Purpose.REUSE, to=to, by=by, at=at, reading=reading)
    return redirect("desk-counter-code", asked.pk)


def read(request: Request, case: Case, material: str) -> HttpResponse:
    """Read the licence the applicant agreed to; the materials page says what came of it."""
    offer, by, at = _offer(request, case, material), request.actor, request.now
    problems, down = {}, ""
    try:
        if offer.usable is not None:
            reuse.use(case, material, offer.usable, by=by, at=at)
        else:
            reuse.fetch(case, material, by=by, at=at, key=str(uuid4()))
    except Down as refusal:
        problems, down = {f"material:{material}": [refusal.message]}, material
    except Refused as refusal:
        problems = {f"material:{material}": [refusal.message]}
    if not problems:
        messages.success(
            request, _("申请人已同意，不用再收“%(name)s”。") % {"name": case.spec.material(material).name}
        )
        return redirect(back(case, material))
    if case.status == Status.CORRECTING:
        return views.correction_page(request, case, problems, status=422, down=down)
    return views.materials_page(request, case, problems, status=422, down=down)


def back(case: Case, material: str) -> str:
    """The place of a material on the page where its papers are."""
    page = "case-correct" if case.status == Status.CORRECTING else "case-materials"
    return f"{reverse(page, args=[case.number])}#material-{material}"

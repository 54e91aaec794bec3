"""How the applicant receives the result: chosen before submitting, changed while it can be, then followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import Invalid, Refused
from zerotrip.licences.post import actions
from zerotrip.licences.post.queries import Journey, journey_of, last_choice
from zerotrip.licences.post.recipients import FIELDS, bound, typed
from zerotrip.licences.post.rules import why_not_change
from zerotrip.licences.post.states import Status, Way
from zerotrip.web.accounts.access import signed_in
from zerotrip.web.cases.access import own_case
from zerotrip.web.cases.story import Next
from zerotrip.web.portal.cases import forms
from zerotrip.web.requests import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.cases.models import Case
    from zerotrip.questions import Bound

CONTROL = "delivery"
"""The name of the choice in forms."""


def choose(request: Request, case: Case) -> None:
    """Keep what the page's form says of delivery, if it asks at all. Raises as ``actions.choose`` does."""
    way = request.POST.get(CONTROL)
    if way is not None:
        actions.choose(case, way=way, to=typed(request.POST), by=request.actor, at=request.now)


def problem_links(case: Case, problems: Mapping[str, list[str]]) -> list[forms.Problem]:
    """Each problem of the check page with a link to its place: on this page, if it is one of delivery."""
    if not any(place.startswith(CONTROL) for place in problems):
        return forms.problem_links(case, problems)
    return [forms.Problem(text, f"#{place}") for place, texts in problems.items() for text in texts]


def _on_paper(case: Case) -> set[str]:
    """The ways in which the service of a case delivers paper too."""
    return {str(way) for way in spec_of(case.version_id).delivery} - {Way.ELECTRONIC.value}


class Page:
    """The choice as a form shows it: what was typed, else what was chosen, else what was chosen last time."""

    def __init__(self, request: Request, case: Case, problems: Mapping[str, list[str]] | None = None) -> None:
        self.request, self.case, self.problems = request, case, problems or {}

    @cached_property
    def _journey(self) -> Journey:
        return journey_of(self.case.pk)

    @property
    def ways(self) -> list[tuple[str, str, str, bool]]:
        """What there is to choose from: value, words, what it means, whether it is chosen. Empty: nothing is."""
        offered = [
            way for way in Way if way == Way.ELECTRONIC or way.value in spec_of(self.case.version_id).delivery
        ]
        if len(offered) < 2:
            return []
        before = self._journey.delivery.way if self._journey.delivery else Way.ELECTRONIC
        chosen = self.request.POST.get(CONTROL, before)
        meaning = {
            Way.ELECTRONIC: _("办结后马上就有，可以下载、出示和验证。"),
            Way.POST: _("电子证照马上就有，纸质件再寄给您。"),
            Way.COUNTER: _("电子证照马上就有，纸质件您到窗口来领。"),
        }
        return [(way.value, str(way.label), meaning[way], way == chosen) for way in offered]

    @property
    def asks_for_recipient(self) -> bool:
        """Whether the post is among the ways."""
        return Way.POST.value in _on_paper(self.case)

    @property
    def fields(self) -> list[Bound]:
        """Recipient, phone and address."""
        told = typed(self.request.POST) if CONTROL in self.request.POST else self._known()
        return bound(told, self.problems)

    def _known(self) -> dict[str, Any]:
        """Nobody types twice what is known: the last choice for this applicant, else the account's own."""
        chosen = self._journey.delivery
        if chosen is None or chosen.way != Way.POST:
            chosen = last_choice(self.request.actor, self.case.applicant_id)
        if chosen is not None:
            return {name: getattr(chosen, name) for name in FIELDS}
        phone = getattr(self.request.user, "phone", None) or ""
        return {"recipient": self.request.actor.name, "phone": phone}


@dataclass(frozen=True)
class Paper:
    """The way of the result, as the case page tells it."""

    journey: Journey
    problem: str
    """Why it cannot be changed, or nothing."""
    courier: str
    next: Next | None

    @property
    def delivery(self) -> Any:
        """The choice, if there is one."""
        return self.journey.delivery


def shown(case: Case) -> Paper:
    """How the result of a case reaches its applicant, as far as it has come."""
    journey = journey_of(case.pk) if _on_paper(case) else Journey(None)
    courier = settings.COURIER_NAME or _("快递")
    return Paper(journey, why_not_change(case, journey.shipment), courier, _next(journey, case))


def _next(journey: Journey, case: Case) -> Next | None:
    """What comes next while paper is on its way; None when that is not what the case waits for."""
    shipment = journey.shipment
    if shipment is None or case.closed_at is not None:
        return None
    if shipment.way == Way.COUNTER:
        return Next(_("请到窗口领取纸质证照"), _("电子证照已经可以使用。"))
    soon, somewhere = (
        _("电子证照已经可以使用。纸质件寄出后会告诉您快递单号。"),
        _("电子证照已经可以使用。纸质件到了哪里，可以在“送达”里查看。"),
    )
    why = shipment.reason.rstrip("。.")
    words = {
        Status.WAITING: Next(_("纸质证照等待寄出"), soon),
        Status.LABELLED: Next(_("纸质证照即将寄出"), soon),
        Status.HANDED_OVER: Next(_("纸质证照已交给快递"), somewhere),
        Status.IN_TRANSIT: Next(_("纸质证照在路上"), somewhere),
        Status.UNDELIVERED: Next(
            _("纸质证照没有送到"), _("原因：%(reason)s。请核对收件信息，以便重新寄送。") % {"reason": why}
        ),
    }
    return words.get(Status(shipment.status))


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: Request, number: str) -> HttpResponse:
    """Say otherwise how to receive the result, as long as the paper is in our hands."""
    case = own_case(request, number)
    if reason := why_not_change(case, journey_of(case.pk).shipment):
        raise Refused(reason)
    page = Page(request, case)
    if not page.ways:
        raise Refused(_("这个事项只有电子证照，不用选择。"))
    if request.method == "POST":
        try:
            choose(request, case)
            return redirect("case", number)
        except Invalid as invalid:
            page = Page(request, case, invalid.problems)
    summary = problem_links(case, page.problems)
    context = {"case": case, "spec": case.version.spec, "delivery": page, "summary": summary, "section": "cases"}
    return render(request, "portal/cases/delivery.html", context, status=422 if summary else 200)

"""Beginning a case about a licence: which of one's licences it is about, and what stands against the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from zerotrip.cases import actions
from zerotrip.cases.actions.bars import barred, why_barred
from zerotrip.cases.models import Case, Door
from zerotrip.catalogue.queries import services_issuing
from zerotrip.errors import Refused
from zerotrip.ids import new_id
from zerotrip.licences.actions import open_upon
from zerotrip.licences.queries import held, in_time, last_day_to_ask
from zerotrip.licences.rules import taken, unfit
from zerotrip.web.portal.cases import forms
from zerotrip.web.requests import typed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from django.http import HttpResponse

    from zerotrip.catalogue.models import ServiceVersion
    from zerotrip.licences.models import Licence
    from zerotrip.parties.models import Party
    from zerotrip.web.requests import Request


@dataclass(frozen=True)
class Choice:
    """A licence the case could be about, or why it cannot; without one, a paper licence of this applicant."""

    value: str
    applicant: Party
    licence: Licence | None = None
    against: str = ""
    ask_by: date | None = None
    """The last day to ask for a renewal in time."""
    late: bool = False


def choose(request: Request, version: ServiceVersion, applicants: Sequence[Party]) -> HttpResponse:
    """Choose the licence, then begin the draft, filled in from it."""
    choices = choices_of(request, version, applicants)
    problem = ""
    if request.method == "POST":
        wanted = typed(request, "licence", most=60)
        chosen = next((each for each in choices if each.value == wanted), None)
        problem = _("请选择要办理的证照。")
        if chosen is not None:
            try:
                return redirect("case", begin(request, version, chosen, _case_id(request, chosen)).number)
            except Refused as refused:
                problem = refused.message
                choices = choices_of(request, version, applicants)
    context: dict[str, Any] = {
        "spec": version.spec,
        "applicants": applicants,
        "choices": choices,
        "possible": [each for each in choices if not each.against],
        "asked": request.POST.get("licence") or request.GET.get("licence", ""),
        "issuing": [] if any(each.licence for each in choices) else services_issuing(version.spec.licence_kind),
        "problem": problem,
        "case_id": new_id(),
    }
    return render(request, "portal/cases/apply_upon.html", context, status=422 if problem else 200)


def choices_of(request: Request, version: ServiceVersion, applicants: Sequence[Party]) -> list[Choice]:
    """The licences of these applicants that a service could be about, and what stands against the others."""
    upon = version.spec.outcome.upon
    if upon is None:
        raise AssertionError("only of a service that acts upon licences")
    by_id = {party.pk: party for party in applicants}
    kept_out = {pk: why_barred(found) for pk, found in barred(version.spec, by_id, at=request.now).items()}
    found = [
        Choice(
            value=str(licence.pk),
            applicant=by_id[licence.holder_id],
            licence=licence,
            against=kept_out.get(licence.holder_id, "")
            or unfit(licence, upon.act, at=request.now)
            or taken(licence, upon.act),
            ask_by=last_day_to_ask(licence, upon),
            late=not in_time(licence, upon, at=request.now),
        )
        for licence in held(by_id, version.spec.licence_kind)
    ]
    if upon.unlisted:
        found += [Choice(f"paper:{party.pk}", party, against=kept_out.get(party.pk, "")) for party in applicants]
    return found


def begin(
    request: Request, version: ServiceVersion, chosen: Choice, case_id: UUID | None, door: Door = Door.PORTAL
) -> Case:
    """The draft about the licence that was chosen. Raises Refused as ``open_upon``."""
    service, by, at = version.service, request.actor, request.now
    if chosen.licence is not None:
        return open_upon(service=service, licence=chosen.licence, by=by, at=at, case_id=case_id, door=door)
    return actions.open_case(service=service, applicant=chosen.applicant, by=by, at=at, case_id=case_id, door=door)


def _case_id(request: Request, chosen: Choice) -> UUID | None:
    """The key of the draft to begin: the page's, so that one press opens one draft.

    Somebody who came back to the page and chose another licence begins another draft.
    """
    asked = forms.uuid_from(request.POST.get("case"))
    begun = Case.objects.filter(pk=asked).select_related("concern").first() if asked else None
    if begun is None:
        return asked
    about = getattr(begun, "concern", None)
    same = (about.licence_id if about else None) == (chosen.licence.pk if chosen.licence else None)
    return asked if same and begun.applicant_id == chosen.applicant.pk else None

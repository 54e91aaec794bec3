"""Beginning a case about a licence: which one, and what the form already knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import actions as cases
from zerotrip.cases.models import Door, Submission
from zerotrip.catalogue.queries import form_of, spec_of
from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.licences.actions.stopping import locked
from zerotrip.licences.models import Concern
from zerotrip.licences.rules import taken, unfit
from zerotrip.parties.models import Deed
from zerotrip.questions import Kind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.models import Service
    from zerotrip.catalogue.spec import Upon
    from zerotrip.licences.models import Licence
    from zerotrip.parties.access import Actor
    from zerotrip.questions import Form


@transaction.atomic
def open_upon(
    *,
    service: Service,
    licence: Licence,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    door: Door = Door.PORTAL,
) -> Case:
    """Begin a draft of a service that acts upon a licence, filled in from it; the same ``case_id`` opens one.

    Raises NotAllowed for somebody else's licence, NotFound for one of another kind, Refused when it is not
    in force or a case of the same act on it is open, with its number.
    """
    held = locked(licence)
    case_id = case_id or new_id()
    if not by.may_act(Deed.FILL, party=held.holder_id, service=service.pk, case=case_id):
        raise NotAllowed(_("您不能代表该申请人办理。"))
    upon = spec_of(service.current_id).outcome.upon if service.current_id else None
    if upon is None or spec_of(service.current_id).licence_kind != held.kind:
        raise NotFound(_("这个事项不办理这种证照。"))
    if (before := Concern.objects.filter(case=case_id, licence=held).first()) is not None:
        return before.case
    if reason := unfit(held, upon.act, at=at) or taken(held, upon.act):
        raise Refused(reason)
    case = cases.open_case(service=service, applicant=held.holder, by=by, at=at, case_id=case_id, door=door)
    ends_on = held.valid_until if upon.deemed else None
    Concern.objects.create(case=case, licence=held, act=upon.act, chosen_at=at, ends_on=ends_on)
    submission = Submission.objects.get(case=case, submitted_at=None)
    submission.answers = {**submission.answers, **filled(held, upon, form_of(case.version_id))}
    submission.save(update_fields=["answers"])
    return case


def filled(licence: Licence, upon: Upon, form: Form) -> dict[str, Any]:
    """The answers a licence gives: what it says, as the form takes it. What it does not say is left open."""
    known = {**licence.facts, "number": licence.number, "holder": licence.holder.name}
    dates = {"valid_until": str(licence.valid_until or "")}
    answers = {}
    for name, declared in upon.fills.items():
        facts = (declared,) if isinstance(declared, str) else declared
        source = dates if form.fields[name].kind is Kind.DATE else known
        if value := next((source[fact] for fact in facts if source.get(fact)), ""):
            answers[name] = value
    return answers

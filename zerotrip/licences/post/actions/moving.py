"""What every step of a parcel has in common: lock, move along the table, journal, tell the applicant.

Locks are taken in one order everywhere: batch, case, parcel. The case comes before the parcel because
a parcel that arrives closes its case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.cases.actions.outcome import deliver
from zerotrip.cases.models import Case
from zerotrip.cases.states import Status as CaseStatus
from zerotrip.channels.actions import tell
from zerotrip.errors import NotFound
from zerotrip.ledger import actions as ledger
from zerotrip.licences.post.models import Label, Shipment
from zerotrip.licences.post.states import TRANSITIONS, Status, Step
from zerotrip.parties.access import SYSTEM
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor


def locked_case(case_id: UUID) -> Case:
    """The case, locked until the transaction ends."""
    return Case.objects.select_for_update(no_key=True).get(pk=case_id)


def locked(shipment_id: UUID) -> Shipment:
    """The parcel with its case, both locked until the transaction ends. Raises NotFound."""
    case_id = Shipment.objects.filter(pk=shipment_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound(_("没有找到这个件。"))
    case = locked_case(case_id)
    shipment = Shipment.objects.select_for_update(no_key=True).get(pk=shipment_id)
    shipment.case = case
    return shipment


def present_label(shipment: Shipment) -> Label | None:
    """The label that counts, if there is one."""
    return Label.objects.filter(shipment=shipment, ended_at=None).first()


def move(
    shipment: Shipment,
    step: Step,
    *,
    by: Actor,
    at: datetime,
    because: str = "",
    details: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Change a locked parcel as the table allows, or not at all, and write its journal."""
    sources, to = TRANSITIONS[step]
    if shipment.status not in sources:
        raise AssertionError(f"{step} does not lead from {shipment.status}")
    facts = {"from": shipment.status, "to": to.value, **(details or {})}
    ledger.append(shipment, step.value, by=by, at=at, reason=because, details=facts)
    if shipment.status == Status.UNDELIVERED:
        changes.setdefault("reason", "")
    changes["status"] = to
    for name, value in changes.items():
        setattr(shipment, name, value)
    shipment.save(update_fields=[*changes, "ledger_length", "ledger_head"])


def end_label(shipment: Shipment, *, at: datetime) -> None:
    """The present label counts no more; it is kept, and out of any batch it was not handed over in."""
    label = present_label(shipment)
    if label is None:
        return
    label.ended_at = at
    if label.handed_over_at is None:
        label.batch = None
    label.save(update_fields=["ended_at", "batch"])


def arrived(shipment: Shipment, *, at: datetime) -> None:
    """The applicant has the result, or wants no paper: the case closes, and they are told."""
    if shipment.case.status == CaseStatus.ISSUED:
        deliver(shipment.case, by=SYSTEM, at=at)


def tell_applicant(template: str, shipment: Shipment, *, at: datetime, **context: Any) -> None:
    """Queue a notice to everybody who acts for the applicant, in this transaction."""
    case = shipment.case
    outcome = case.spec.outcome.name.model_dump()
    writes = Writes()
    tell(
        writes,
        party=case.applicant_id,
        template=template,
        context={"number": case.number, "outcome": outcome, **context},
        link=f"/cases/{case.number}/",
        key=f"{shipment.pk}:{shipment.ledger_length}",
        at=at,
    )
    writes.send()

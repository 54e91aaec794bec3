"""The next edition of a licence: the same number, printed anew, in place of the one before."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.cases.actions.owed import OWED
from zerotrip.errors import Refused
from zerotrip.files import actions as files
from zerotrip.files.content import PDF
from zerotrip.ledger import actions as ledger
from zerotrip.licences.actions.stopping import locked, tell_holder
from zerotrip.licences.certificates import draw
from zerotrip.licences.identifiers import next_edition
from zerotrip.licences.models import Licence
from zerotrip.licences.queries import current_of
from zerotrip.licences.states import TRANSITIONS, Origin, Status

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor

LARGEST = 50 * 1024 * 1024
"""Bytes of a certificate."""
MOST_EDITIONS = 999
"""As many as the three digits of an identifier can tell."""


def next_edition_of(
    held: Licence,
    origin: Origin,
    *,
    facts: dict[str, str],
    by: Actor,
    at: datetime,
    reason: str,
    case: Case | None = None,
    version_id: UUID | None = None,
    valid_from: date | None = None,
    valid_until: date | bool | None = False,
) -> Licence:
    """Print the next edition of a licence whose row is locked, within the caller's transaction.

    What is not given stays as it was, and a suspension goes on. Without a case of its own the new
    edition is the outcome of the case of the old one. Raises Refused when the old one is not in force.
    """
    if held.status not in TRANSITIONS["replace"][0] or held.edition >= MOST_EDITIONS:
        raise Refused(_("证照现在是“%(status)s”，不能换发。") % {"status": held.status_said})
    made = Licence(
        kind=held.kind,
        number=held.number,
        edition=held.edition + 1,
        origin=origin,
        replaces=held,
        identifier=next_edition(held.identifier),
        title=held.title,
        title_en=held.title_en,
        holder=held.holder,
        issuer=held.issuer,
        area_path=held.area_path,
        case_id=case.pk if case else held.case_id,
        version_id=version_id or held.version_id,
        facts=facts,
        issued_at=at,
        valid_from=valid_from or held.valid_from,
        valid_until=held.valid_until if isinstance(valid_until, bool) else valid_until,
        status=held.status,
        stopped_at=held.stopped_at,
        stopped_by_id=held.stopped_by_id,
        stopped_because=held.stopped_because,
    )
    made.blob = files.store(io.BytesIO(draw(made, at=at)), at=at, allowed={PDF}, limit=LARGEST)
    _replace(held, made, reason=reason, keeps_case=case is not None, by=by, at=at)
    details = {"number": made.number, "edition": made.edition, "sha256": made.blob_id, "replaces": str(held.pk)}
    ledger.append(made, origin.value, by=by, at=at, reason=reason, details=details)
    made.save(force_insert=True)
    return made


def _replace(held: Licence, made: Licence, *, reason: str, keeps_case: bool, by: Actor, at: datetime) -> None:
    details: dict[str, Any] = {"by": str(made.pk), "edition": made.edition, "origin": made.origin}
    ledger.append(held, "replace", by=by, at=at, reason=reason, details=details)
    held.status, held.stopped_at, held.stopped_by_id = Status.REPLACED, at, by.user_id
    held.stopped_because = reason
    if not keeps_case:
        held.case = None
    held.save(
        update_fields=[
            "status",
            "stopped_at",
            "stopped_by",
            "stopped_because",
            "case",
            "ledger_length",
            "ledger_head",
        ]
    )


def fulfil(case: Case, *, by: Actor, at: datetime) -> None:
    """What a conditional licence waited for has come: print it without that condition.

    One that was stopped, that never had the condition or was printed without it already stays as it is.
    """
    licence = Licence.objects.filter(case=case).first()
    if licence is None:
        return
    held = locked(current_of(licence))
    conditions = held.facts.get("conditions", "").splitlines()
    left = [line for line in conditions if not line.startswith(OWED)]
    if held.status != Status.VALID or left == conditions:
        return
    facts = {name: text for name, text in held.facts.items() if name != "conditions"}
    if left:
        facts["conditions"] = "\n".join(left)
    made = next_edition_of(held, Origin.FULFIL, facts=facts, by=by, at=at, reason="所附条件已经满足。")
    tell_holder("licence_fulfilled", made, at)

"""Suspending a licence for a time, letting it hold again, ending it for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.places import give_up_places
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.queries import history
from zerotrip.licences.access import require_may_stop
from zerotrip.licences.models import Licence
from zerotrip.licences.queries import current_of
from zerotrip.licences.states import ENDED, TRANSITIONS, Ground, Status
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor

_NOTICES = {"suspend": "licence_suspended", "resume": "licence_resumed", "revoke": "licence_revoked"}


def suspend(licence: Licence, *, reason: str, by: Actor, at: datetime, key: str = "") -> Licence:
    """Stop a licence for a time. See ``_by_leader`` for what it raises."""
    return _by_leader("suspend", licence, reason=reason, by=by, at=at, key=key)


def resume(licence: Licence, *, reason: str, by: Actor, at: datetime, key: str = "") -> Licence:
    """Let a suspended licence hold again. See ``_by_leader`` for what it raises."""
    return _by_leader("resume", licence, reason=reason, by=by, at=at, key=key)


@transaction.atomic
def _by_leader(step: str, licence: Licence, *, reason: str, by: Actor, at: datetime, key: str) -> Licence:
    """The same press again (same key, same person) changes nothing. Raises NotAllowed unless ``by`` leads
    the issuer, Invalid without a reason, Refused when the licence is not in a status from which this is
    possible."""
    held = locked(licence)
    require_may_stop(held, by)
    if key and history(held.pk).filter(action=step, actor=by.user_id, details__key=key).exists():
        return held
    return change(step, held, reason=reason, by=by, at=at, key=key)


@transaction.atomic
def stop(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Suspend or revoke the licence of a case, as the rules of its service say; none, or one that was, stays.

    What was granted by the case may have been changed since: it is the present edition that stops.
    """
    licence = Licence.objects.filter(case=case).first()
    if licence is None:
        return
    held = locked(current_of(licence))
    if held.status in TRANSITIONS[what][0]:
        ground = Ground.ANNUL if what == "revoke" else Ground.NONE
        change(what, held, reason=reason, by=by, at=at, ground=ground)


def keep(case: Case, what: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Nothing was issued that could be suspended or revoked: the journal of the case says what happened."""


def locked(licence: Licence) -> Licence:
    """The licence's row, locked for change until the transaction ends. Raises NotFound."""
    found = Licence.objects.select_for_update(of=("self",)).filter(pk=licence.pk).first()
    if found is None:
        raise NotFound(_("没有找到这份证照。"))
    return found


def change(
    step: str,
    held: Licence,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    ground: Ground = Ground.NONE,
    key: str = "",
) -> Licence:
    """Take one step of the table with a licence whose row is locked, and tell its holder.

    Ending it takes a ground. By ``key`` the journal knows the same press again. Raises Refused or Invalid
    as the public actions do.
    """
    sources, to = TRANSITIONS[step]
    if held.status not in sources:
        raise Refused(_("证照现在是“%(status)s”，不能这样做。") % {"status": held.status_said})
    if not (because := reason.strip()):
        raise Invalid(_("请写明理由。"), {"reason": [_("请写明理由。")]})
    stopped = to is not Status.VALID
    details = {"from": held.status, "to": to.value, **({"ground": ground.value} if ground else {})}
    details |= {"key": key} if key else {}
    ledger.append(held, step, by=by, at=at, reason=because, details=details)
    held.status, held.ground = to, ground
    held.stopped_at = at if stopped else None
    held.stopped_by_id = by.user_id if stopped else None
    held.stopped_because = because if stopped else ""
    held.save(
        update_fields=[
            "status",
            "ground",
            "stopped_at",
            "stopped_by",
            "stopped_because",
            "ledger_length",
            "ledger_head",
        ]
    )
    if to is Status.REVOKED:
        editions = Licence.objects.filter(kind=held.kind, number=held.number)
        give_up_places(editions.values_list("case", flat=True), at=at)
    if ground is Ground.CANCEL:
        tell_holder("licence_cancelled", held, at)
    else:
        ended = _both(ground) if ground else ""
        tell_holder(_NOTICES[step], held, at, reason=because, ended=ended)
    return held


def _both(ground: Ground) -> dict[str, str]:
    from zerotrip.cases.actions.step import both

    return both(ENDED[ground])


def tell_holder(template: str, licence: Licence, at: datetime, **context: object) -> None:
    """Queue a notice to everybody who acts for the holder, in this transaction."""
    writes = Writes()
    tell(
        writes,
        party=licence.holder_id,
        template=template,
        context={"title": {"zh": licence.title, "en": licence.title_en}, "number": licence.number, **context},
        link="/licences/",
        key=f"{licence.pk}:{licence.ledger_length}",
        at=at,
    )
    writes.send()

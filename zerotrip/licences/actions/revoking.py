"""Taking a licence back (撤销、撤回、吊销): one proposes, a leader confirms, never the same hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.bars import bar
from zerotrip.cases.models import BarKind, Case
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.licences.access import require_may_confirm, require_may_propose
from zerotrip.licences.actions.stopping import change, locked
from zerotrip.licences.models import Hands, Revocation
from zerotrip.licences.states import TRANSITIONS, Ground
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.licences.models import Licence, TwoHands
    from zerotrip.parties.access import Actor

GROUNDS = (Ground.ANNUL, Ground.WITHDRAW, Ground.PENALTY)


@transaction.atomic
def propose_revocation(
    licence: Licence,
    *,
    ground: str,
    reasons: str,
    by: Actor,
    at: datetime,
    fraud: bool = False,
    proposal: UUID | None = None,
) -> Revocation:
    """Propose to take a licence back for good. ``proposal`` is made by the page: sent twice, it counts once.

    ``fraud``: it was got by deceit, bribery or other improper means (行政许可法 art. 79). Raises NotAllowed
    unless ``by`` works for the issuer, Invalid without ground or reasons, or for fraud on another ground than
    annulment; Refused when the licence is not in force or somebody proposed it already.
    """
    held = locked(licence)
    require_may_propose(held, by)
    if (
        proposal is not None
        and (before := Revocation.objects.filter(pk=proposal, licence=held).first()) is not None
    ):
        return before
    problems: dict[str, list[str]] = {}
    if ground not in GROUNDS:
        problems["ground"] = [_("请选择撤销、撤回还是吊销。")]
    elif fraud and ground != Ground.ANNUL:
        problems["ground"] = [_("以欺骗、贿赂等不正当手段取得的，应当撤销。")]
    if not reasons.strip():
        problems["reasons"] = [_("请写明事实、理由和依据，持证人会看到。")]
    if problems:
        raise Invalid(_("请写明依据和理由。"), problems)
    if held.status not in TRANSITIONS["revoke"][0]:
        raise Refused(_("证照现在是“%(status)s”，不能这样做。") % {"status": held.status_said})
    if Revocation.objects.filter(licence=held, status=Hands.OPEN).exists():
        raise Refused(_("已经有人提出，正等负责人确认。"))
    made = Revocation(
        licence=held,
        ground=ground,
        fraud=fraud,
        reasons=reasons.strip(),
        proposed_by_id=by.account,
        proposed_at=at,
    )
    if proposal is not None:
        made.pk = proposal
    _note(held, "propose_revocation", made, reason=made.reasons, by=by, at=at)
    made.save(force_insert=True)
    return made


@transaction.atomic
def confirm_revocation(revocation: Revocation, *, by: Actor, at: datetime, opinion: str = "") -> Revocation:
    """Confirm it: the licence is ended and its holder told, with the remedies. Fraud bars them for a time.

    Raises NotAllowed for whoever proposed it, Stale when it was settled otherwise.
    """
    case = Case.objects.select_for_update(of=("self",)).filter(licence=revocation.licence_id).first()
    found, held = _open(revocation, by)
    if found.status == Hands.CONFIRMED:
        return found
    settle(found, Hands.CONFIRMED, opinion=opinion, by=by, at=at)
    change("revoke", held, reason=found.reasons, by=by, at=at, ground=Ground(found.ground))
    if case is not None:
        details = {"ground": found.ground, **({"fraud": True} if found.fraud else {})}
        ledger.append(case, "licence_revoked", by=by, at=at, reason=found.reasons, details=details)
        case.save(update_fields=["ledger_length", "ledger_head"])
        if found.fraud:
            _bar(case, found, at=at)
    found.save()
    return found


@transaction.atomic
def turn_revocation_down(revocation: Revocation, *, opinion: str, by: Actor, at: datetime) -> Revocation:
    """Do not follow the proposal, and say why. The licence stays as it is."""
    found, held = _open(revocation, by)
    if found.status == Hands.TURNED_DOWN:
        return found
    settle(found, Hands.TURNED_DOWN, opinion=opinion, by=by, at=at)
    _note(held, "turn_revocation_down", found, reason=found.opinion, by=by, at=at)
    found.save()
    return found


def _open(revocation: Revocation, by: Actor) -> tuple[Revocation, Licence]:
    """The proposal and its licence, locked, for somebody who may settle it."""
    held = locked(revocation.licence)
    found = Revocation.objects.filter(pk=revocation.pk).first()
    if found is None:
        raise NotFound(_("没有找到这项提议。"))
    found.licence = held
    require_may_confirm(held, by)
    return found, held


def settle(found: TwoHands, status: Hands, *, opinion: str, by: Actor, at: datetime) -> None:
    """Put the second hand to a proposal, which the caller saves.

    Raises NotAllowed for the first hand, Stale when it is settled, Invalid when turned down without a word.
    """
    if found.proposed_by_id == by.user_id:
        raise NotAllowed(_("提出的人不能自己确认，请交由另一位负责人办理。"))
    if found.status != Hands.OPEN:
        raise Stale(_("这项提议已经处理：%(status)s。") % {"status": Hands(found.status).label})
    if status is Hands.TURNED_DOWN and not opinion.strip():
        raise Invalid(_("请写明为什么不同意。"), {"opinion": [_("请写明为什么不同意，提出的人会看到。")]})
    found.status, found.opinion = status, opinion.strip()
    found.settled_by_id, found.settled_at = by.account, at


def _bar(case: Case, found: Revocation, *, at: datetime) -> None:
    writes = Writes()
    bar(writes, case, BarKind.FRAUD, reason=found.reasons, at=at)
    writes.send()


def _note(held: Licence, action: str, about: Revocation, *, reason: str, by: Actor, at: datetime) -> None:
    ledger.append(held, action, by=by, at=at, reason=reason, details={"ground": about.ground})
    held.save(update_fields=["ledger_length", "ledger_head"])

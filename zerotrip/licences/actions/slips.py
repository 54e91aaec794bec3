"""A slip of the pen, put right (笔误更正): what was decided stays decided, what was meant is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.models import Case, Decision
from zerotrip.catalogue.queries import spec_of
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.licences.access import require_may_confirm_on, require_may_propose_on
from zerotrip.licences.actions.editions import next_edition_of
from zerotrip.licences.actions.revoking import settle
from zerotrip.licences.actions.stopping import locked, tell_holder
from zerotrip.licences.models import Hands, Licence, Slip
from zerotrip.licences.queries import FACT, correctable
from zerotrip.licences.states import TRANSITIONS, Origin
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor

LONGEST = 2000
"""Characters of one corrected text."""


@transaction.atomic
def propose_slip(
    case: Case,
    *,
    texts: Mapping[str, str],
    reasons: str,
    by: Actor,
    at: datetime,
    proposal: UUID | None = None,
) -> Slip:
    """Propose what the licence of a case, or its decision, is to say at some places instead.

    ``texts``: place → the right text, see ``queries.correctable``; a place left as it is, is no change.
    Raises NotAllowed unless ``by`` works for the department, Invalid without a change or reasons, Refused
    while another is open or the licence is not in force.
    """
    held = _case(case)
    require_may_propose_on(held, by)
    if proposal is not None and (before := Slip.objects.filter(pk=proposal, case=held).first()) is not None:
        return before
    if Slip.objects.filter(case=held, status=Hands.OPEN).exists():
        raise Refused(_("已经有人提出，正等负责人确认。"))
    licence = Licence.objects.filter(case=held).first()
    changes = _changes(held, licence, texts, reasons)
    on_licence = any(_printed_at(change, licence) for change in changes)
    if on_licence and licence is not None and licence.status not in TRANSITIONS["replace"][0]:
        raise Refused(_("证照现在是“%(status)s”，不能换发。") % {"status": licence.status_said})
    made = Slip(
        case=held,
        licence=licence if on_licence else None,
        changes=changes,
        reasons=reasons.strip(),
        proposed_by_id=by.account,
        proposed_at=at,
    )
    if proposal is not None:
        made.pk = proposal
    _note(held, "propose_slip", made, reason=made.reasons, by=by, at=at)
    made.save(force_insert=True)
    return made


def _changes(case: Case, licence: Licence | None, texts: Mapping[str, str], reasons: str) -> list[dict[str, str]]:
    changes, problems = [], {}
    for line in correctable(case, licence):
        after = texts.get(line.place, line.before).replace("\r\n", "\n").strip()
        if after == line.before:
            continue
        if not after or len(after) > LONGEST:
            problems[line.place] = [_("请填写更正后的文字，不超过 %(most)d 字。") % {"most": LONGEST}]
        changes.append({"place": line.place, "label": line.label, "before": line.before, "after": after})
    if not reasons.strip():
        problems["reasons"] = [_("请写明怎么错的、凭什么更正。")]
    if not changes:
        problems[""] = [_("请至少更正一处。")]
    if problems:
        raise Invalid(_("请写明要更正的内容和理由。"), problems)
    return changes


def _printed_at(change: Mapping[str, str], licence: Licence | None) -> str:
    """Under which name the licence says what a change is about; nothing where only the decision says it."""
    if change["place"].startswith(FACT):
        return change["place"].removeprefix(FACT)
    both = change["place"] == "conditions" and licence and licence.facts.get("conditions") == change["before"]
    return "conditions" if both else ""


@transaction.atomic
def confirm_slip(slip: Slip, *, by: Actor, at: datetime, opinion: str = "") -> Slip:
    """Confirm it: the licence is printed as its next edition, the decision reads as it was meant, the
    applicant is told. Raises NotAllowed for whoever proposed it, Stale when what it corrects has changed.
    """
    found, case = _open(slip, by)
    if found.status == Hands.CONFIRMED:
        return found
    settle(found, Hands.CONFIRMED, opinion=opinion, by=by, at=at)
    if found.licence is not None:
        found.made = _printed(found, by=by, at=at)
    _rewrite(case, found)
    _note(case, "confirm_slip", found, reason=found.reasons, by=by, at=at)
    found.save()
    if found.made is not None:
        tell_holder("licence_corrected", found.made, at)
    else:
        _tell_applicant(case, at)
    return found


def _printed(slip: Slip, *, by: Actor, at: datetime) -> Licence:
    if slip.licence is None:
        raise AssertionError("the caller looked")
    held = locked(slip.licence)
    told = {name: change for change in slip.changes if (name := _printed_at(change, slip.licence))}
    if any(held.facts.get(name) != change["before"] for name, change in told.items()):
        raise Refused(_("证照内容已经变动，请重新提出更正。"))
    facts = {**held.facts, **{name: change["after"] for name, change in told.items()}}
    return next_edition_of(held, Origin.CORRECT, facts=facts, by=by, at=at, reason=slip.reasons)


def _rewrite(case: Case, slip: Slip) -> None:
    """The texts of the decision as they were meant; the slip keeps what they said."""
    told = {change["place"]: change["after"] for change in slip.changes if not change["place"].startswith(FACT)}
    if told:
        Decision.objects.filter(case=case).update(**told)


@transaction.atomic
def turn_slip_down(slip: Slip, *, opinion: str, by: Actor, at: datetime) -> Slip:
    """Do not follow the proposal, and say why. Everything stays as it is."""
    found, case = _open(slip, by)
    if found.status == Hands.TURNED_DOWN:
        return found
    settle(found, Hands.TURNED_DOWN, opinion=opinion, by=by, at=at)
    _note(case, "turn_slip_down", found, reason=found.opinion, by=by, at=at)
    found.save()
    return found


def _case(case: Case) -> Case:
    related = ("applicant", "department")
    return Case.objects.select_for_update(of=("self",)).select_related(*related).get(pk=case.pk)


def _open(slip: Slip, by: Actor) -> tuple[Slip, Case]:
    """The proposal and its case, locked, for somebody who may settle it."""
    case = _case(slip.case)
    found = Slip.objects.select_related("licence").filter(pk=slip.pk).first()
    if found is None:
        raise NotFound(_("没有找到这项提议。"))
    require_may_confirm_on(case, by)
    return found, case


def _note(case: Case, action: str, slip: Slip, *, reason: str, by: Actor, at: datetime) -> None:
    details: dict[str, Any] = {"changes": slip.changes}
    ledger.append(case, action, by=by, at=at, reason=reason, details=details)
    case.save(update_fields=["ledger_length", "ledger_head"])


def _tell_applicant(case: Case, at: datetime) -> None:
    writes = Writes()
    tell(
        writes,
        party=case.applicant_id,
        template="decision_corrected",
        context={"number": case.number, "service": spec_of(case.version_id).name.model_dump()},
        link=f"/cases/{case.number}/",
        key=f"{case.pk}:{case.ledger_length}",
        at=at,
    )
    writes.send()

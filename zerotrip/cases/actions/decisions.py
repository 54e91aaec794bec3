"""Deciding: at once, or drafted by one and approved by others; for, against, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.bars import bar, require_licence
from zerotrip.cases.actions.commitments import begin_check
from zerotrip.cases.actions.hearing import require_heard
from zerotrip.cases.actions.owed import end_procedures, require_made_up, require_proved, wind_up
from zerotrip.cases.actions.places import require_turn, take_place
from zerotrip.cases.actions.stages import (
    ON_THE_WAY,
    complete,
    leave_to_the_decision,
    start_clocks,
)
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.clocks import DELIVERY
from zerotrip.cases.joins import obstacles
from zerotrip.cases.models import (
    Approval,
    Assignment,
    BarKind,
    Case,
    Clock,
    ClockName,
    Proposal,
    ProposalKind,
    ProposalStatus,
    Verdict,
)
from zerotrip.cases.outcomes import granted, require
from zerotrip.cases.states import Result, Status, Step
from zerotrip.cases.tasks import produce
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.rows import fetch, wanted

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

STEP_OF = {
    Result.GRANTED: Step.GRANT,
    Result.REFUSED: Step.REFUSE,
    Result.TERMINATED: Step.TERMINATE,
}
"""The step by which each decision is taken."""


@transaction.atomic
def grant(
    assignment: Assignment, *, by: Actor, at: datetime, reasons: str = "", conditions: str = "", key: str = ""
) -> Case:
    """Decide for the applicant. The outcome is made by a job enqueued with this decision.

    Raises Refused while an opinion that has to be favourable is not, or it is not its turn (art. 57).
    """
    work = begin(Step.GRANT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    _grant(work, reasons.strip(), conditions.strip())
    return work.done()


@transaction.atomic
def refuse(
    assignment: Assignment, *, reasons: str, by: Actor, at: datetime, falsehood: bool = False, key: str = ""
) -> Case:
    """Decide against the applicant, with reasons (Administrative Licensing Law, art. 38).

    ``falsehood``: facts were kept back or false materials handed in, which is warned of, and bars for a year
    from what directly concerns safety (art. 78). Raises NotAllowed where nobody else had the case in hand.
    """
    work = begin(Step.REFUSE, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if falsehood:
        require_licence(work)
        _require_another_hand(work)
    _end_against(work, Result.REFUSED, _required(reasons), falsehood=falsehood)
    return work.done()


def _require_another_hand(work: Work) -> None:
    """Nobody is found to have deceived by one person alone, even where one person decides."""
    others = {one.done_by_id for one in work.assignments if one.done_at} - {None, work.by.user_id}
    if not others:
        raise NotAllowed(_("这个办件一直由您一人办理。认定材料虚假须有另一人经手，请交由他人决定。"))


@transaction.atomic
def terminate(assignment: Assignment, *, reasons: str, by: Actor, at: datetime, key: str = "") -> Case:
    """End the case without deciding on the merits: its object fell away, or nobody is left to receive it."""
    return end_against(Step.TERMINATE, Result.TERMINATED, assignment, reasons, by=by, at=at, key=key)


def end_against(
    step: Step, result: Result, assignment: Assignment, reasons: str, *, by: Actor, at: datetime, key: str
) -> Case:
    """Close the case against the applicant: the stage fails, clocks stop, the applicant is told why."""
    work = begin(step, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    _end_against(work, result, _required(reasons))
    return work.done()


@transaction.atomic
def deem(case: Case, *, law: str, by: Actor, at: datetime) -> Case:
    """Grant by silence: nothing was decided before the licence to be renewed ran out (行政许可法 art. 50).

    Nobody's name stands under it. Whatever was open of the service is over.
    """
    work = begin(Step.DEEM, case.pk, by=by, at=at)
    reasons = f"在许可有效期届满前没有作出是否准予延续的决定，依照{law}，视为准予延续。"
    over = [one.pk for one in work.open if one.kind not in ON_THE_WAY]
    work.writes.change_all(wanted(Clock, assignment_id=over, ended_at=None), ended_at=at)
    leave_to_the_decision(work)
    end_procedures(work)
    delivery = start_clocks(work, {ClockName.DELIVERY: DELIVERY})[ClockName.DELIVERY]
    work.decide(Result.GRANTED, reasons)
    work.move(
        Status.GRANTED,
        reason=reasons,
        accepted_at=work.case.accepted_at or at,
        decided_at=at,
        due_at=delivery.due_at,
        suspended=False,
    )
    work.tell_applicant("deemed_renewed", law=law)
    work.writes.defer(produce, case=str(work.case.pk))
    return work.done()


def _grant(work: Work, reasons: str, conditions: str) -> None:
    require(work.case, Step.GRANT, at=work.at)
    require_heard(work)
    _require_favourable(work)
    require_turn(work)
    require_proved(work)
    granted(work.case, at=work.at)
    owed = require_made_up(work)
    conditions = "\n".join(filter(None, (conditions, owed)))
    complete(work, Verdict.PASS, reasons)
    leave_to_the_decision(work)
    begin_check(work)
    delivery = start_clocks(work, {ClockName.DELIVERY: DELIVERY})[ClockName.DELIVERY]
    take_place(work)
    work.decide(Result.GRANTED, reasons, conditions)
    work.move(Status.GRANTED, reason=reasons, decided_at=work.at, due_at=delivery.due_at)
    work.tell_applicant("granted")
    work.writes.defer(produce, case=str(work.case.pk))


def _require_favourable(work: Work) -> None:
    against = obstacles(work.spec, work.assignments)
    if against:
        names = _("、").join(str(stage.name) for stage in against)
        raise Refused(_("%(stages)s没有通过，按这个事项的规则不能准予。") % {"stages": names})


def _end_against(work: Work, result: Result, reasons: str, *, falsehood: bool = False) -> None:
    if result is Result.REFUSED:
        require_heard(work)
    complete(work, Verdict.FAIL, reasons)
    wind_up(work)
    work.decide(result, reasons, falsehood=falsehood)
    details = {"falsehood": True} if falsehood else {}
    work.move(Status.CLOSED, reason=reasons, details=details, decided_at=work.at, due_at=None, suspended=False)
    work.tell_applicant(result.value, reasons=reasons)
    if falsehood:
        bar(work.writes, work.case, BarKind.FALSE, reason=reasons, at=work.at)


def _required(reasons: str) -> str:
    if not reasons.strip():
        raise Invalid(_("请写明理由。"), {"reasons": [_("请写明理由和依据，申请人会看到。")]})
    return reasons.strip()


@transaction.atomic
def draft_decision(
    assignment: Assignment,
    *,
    verdict: Result,
    by: Actor,
    at: datetime,
    reasons: str = "",
    conditions: str = "",
    falsehood: bool = False,
    key: str = "",
) -> Case:
    """Draft the decision and hand it to those who approve it, level by level.

    ``falsehood``: as of ``refuse``. Raises Invalid for a refusal or termination without reasons, or a
    falsehood that is not refused; Refused for a grant against opinions.
    """
    work = begin(Step.DRAFT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if verdict is not Result.TERMINATED:
        require_heard(work)
    if verdict is Result.GRANTED:
        require(work.case, Step.GRANT, at=at)
        _require_favourable(work)
        require_turn(work)
        require_proved(work)
        require_made_up(work)
    else:
        reasons, conditions = _required(reasons), ""
    if falsehood:
        require_licence(work)
        if verdict is not Result.REFUSED:
            text = _("认定材料虚假的，应当拟作不予许可的决定。")
            raise Invalid(text, {"falsehood": [text]})
    work.writes.insert(
        Proposal(
            case_id=work.case.pk,
            assignment_id=assignment.pk,
            kind=ProposalKind.DECISION,
            verdict=verdict,
            reasons=reasons.strip(),
            conditions=conditions.strip(),
            falsehood=falsehood,
            levels=list(work.spec.approval.levels),
            drafted_by_id=by.account,
            drafted_at=at,
        )
    )
    _turn_to(work, work.spec.approval.levels[0])
    details = {"verdict": verdict.value, **({"falsehood": True} if falsehood else {})}
    work.move(Status.DECIDING, reason=reasons.strip(), details=details)
    return work.done()


@transaction.atomic
def approve(assignment: Assignment, *, by: Actor, at: datetime, opinion: str = "", key: str = "") -> Case:
    """Approve a drafted decision. The last approval is the decision.

    Raises NotAllowed for whoever drafted it or approved it before (four eyes).
    """
    work = begin(Step.APPROVE, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    proposal = open_proposal(work, ProposalKind.DECISION)
    sign(work, proposal, approved=True, opinion=opinion.strip())
    if proposal.level < len(proposal.levels):
        _turn_to(work, proposal.levels[proposal.level])
        work.move(Status.DECIDING, reason=opinion.strip(), details={"level": proposal.level})
        return work.done()
    work.note(Step.APPROVE, reason=opinion.strip(), details={"level": proposal.level})
    verdict = Result(proposal.verdict)
    work.step = STEP_OF[verdict]
    if verdict is Result.GRANTED:
        _grant(work, proposal.reasons, proposal.conditions)
    else:
        _end_against(work, verdict, proposal.reasons, falsehood=proposal.falsehood)
    return work.done()


@transaction.atomic
def return_draft(assignment: Assignment, *, opinion: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Send a drafted decision back to whoever drafts, with what to change."""
    work = begin(Step.RETURN, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    proposal = open_proposal(work, ProposalKind.DECISION)
    if not opinion.strip():
        raise Invalid(_("请写明要改什么。"), {"opinion": [_("请写明要改什么，拟稿人会看到。")]})
    sign(work, proposal, approved=False, opinion=opinion.strip())
    _turn_to(work, work.spec.approval.draft)
    work.move(Status.DECIDING, reason=opinion.strip(), details={"level": proposal.level + 1})
    return work.done()


def open_proposal(work: Work, kind: ProposalKind) -> Proposal:
    """The draft of this kind that waits for approval. Raises Stale when there is none."""
    found = fetch(Proposal, case_id=work.case.pk, kind=kind.value, status=ProposalStatus.OPEN.value)
    if not found:
        raise Stale(_("没有待批的拟稿，请刷新后查看最新情况。"))
    return found[0]


def sign(work: Work, proposal: Proposal, *, approved: bool, opinion: str) -> None:
    """Put one hand to a draft. Raises NotAllowed for one that was in it already."""
    hands = {proposal.drafted_by_id} | {each.by_id for each in fetch(Approval, proposal_id=proposal.pk)}
    if work.by.account in hands:
        raise NotAllowed(_("拟稿人和前一级批准人不能再批准同一份拟稿，请交由他人办理。"))
    work.writes.insert(
        Approval(
            proposal_id=proposal.pk,
            level=proposal.level + 1,
            approved=approved,
            opinion=opinion,
            drafted_by_id=proposal.drafted_by_id,
            by_id=work.by.account,
            at=work.at,
        )
    )
    if approved:
        proposal.level += 1
    if not approved or proposal.level == len(proposal.levels):
        proposal.status = ProposalStatus.APPROVED if approved else ProposalStatus.RETURNED
        proposal.ended_at = work.at
    work.writes.change(proposal, "level", "status", "ended_at")


def _turn_to(work: Work, role: str) -> None:
    work.mine.role, work.mine.assignee_id = role, None
    work.writes.change(work.mine, "role", "assignee_id")

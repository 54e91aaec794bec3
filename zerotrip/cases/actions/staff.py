"""The steps of intake and review: accept, decline, give an opinion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases.actions.decisions import end_against
from zerotrip.cases.actions.hearing import require_not_presiding
from zerotrip.cases.actions.owed import begin_owing, begin_owing_unproved
from zerotrip.cases.actions.places import require_left
from zerotrip.cases.actions.stages import (
    close_clocks,
    close_stage_clock,
    complete,
    open_stages,
    start_clocks,
    start_limits,
)
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Assignment, Case, ClockName, Mode, Verdict
from zerotrip.cases.states import Result, Step
from zerotrip.catalogue.queries import findings_form_of
from zerotrip.errors import Invalid, Stale

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

FOUND = "found-"
"""Before the place of something a stage has to find."""


@transaction.atomic
def accept(assignment: Assignment, *, by: Actor, at: datetime, opinion: str = "", key: str = "") -> Case:
    """Accept the application. The promised and the statutory limit begin to run.

    A rehearsal is taken up, not accepted: no limit of the law runs before everything is there. What had no
    answer in the time for it is accepted from the day it was received, whoever says so (art. 32, no. 4).
    """
    work = begin(Step.ACCEPT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if work.case.mode == Mode.FORMAL:
        require_left(work.spec, at=at)
    silent = _answers_too_late(work)
    complete(work, Verdict.PASS, opinion)
    close_clocks(work)
    if work.case.mode != Mode.FORMAL:
        started = start_clocks(work, {ClockName.REHEARSAL: work.spec.promised})
        due_at = started[ClockName.REHEARSAL].due_at
        work.move(open_stages(work, due_at=due_at), reason=opinion, due_at=due_at)
        work.tell_applicant("rehearsal_begun", due=due_at)
        return work.done()
    handed_in = max((r for r in work.rounds if r.submitted_at), key=lambda r: r.round)
    since = handed_in.submitted_at if silent and handed_in.submitted_at else at
    due_at = start_limits(work, since=since)[ClockName.PROMISED].due_at
    to = open_stages(work, due_at=due_at, decision_only=handed_in.committed)
    owed = [*begin_owing(work, handed_in), *begin_owing_unproved(work, handed_in.owed)]
    details: dict[str, Any] = {"owed": [[each.key, each.due_at.isoformat()] for each in owed]} if owed else {}
    if silent:
        details["silent_since"] = since.isoformat()
    work.move(to, reason=opinion, accepted_at=since, due_at=due_at, details=details)
    if owed:
        work.tell_applicant("accepted_with_gaps", due=due_at, count=len(owed), by=max(o.due_at for o in owed))
    else:
        work.tell_applicant("accepted", due=due_at)
    return work.done()


@transaction.atomic
def accept_by_silence(assignment: Assignment, *, by: Actor, at: datetime) -> Case:
    """Accept what nobody answered in time, from the day it was received (行政许可法 art. 32, no. 4).

    Raises Stale while there is time left, and of a rehearsal, to which the law does not apply.
    """
    mine = Assignment.objects.select_related("case").get(pk=assignment.pk)
    if mine.due_at is None or at <= mine.due_at or mine.waiting or mine.case.mode != Mode.FORMAL:
        raise Stale(_("这一环节还没有到期。"))
    return accept(mine, opinion=_("逾期未告知补正，自收到申请材料之日起视为受理。"), by=by, at=at)


def _answers_too_late(work: Work) -> bool:
    """Whether the time for the one notice, or for acceptance, is over."""
    mine = work.assignment
    return mine is not None and mine.due_at is not None and work.at > mine.due_at


@transaction.atomic
def decline(
    assignment: Assignment, *, reasons: str, by: Actor, at: datetime, elsewhere: str = "", key: str = ""
) -> Case:
    """Do not accept: not for this service, or not for this authority. Reasons are required.

    ``elsewhere`` names the authority that is competent, where another one is (art. 32, no. 2).
    """
    if reasons.strip() and elsewhere.strip():
        reasons = f"{reasons.strip()}\n" + _("请向%(agency)s申请。") % {"agency": elsewhere.strip()}
    return end_against(Step.DECLINE, Result.DECLINED, assignment, reasons, by=by, at=at, key=key)


@transaction.atomic
def review(
    assignment: Assignment,
    *,
    verdict: Verdict,
    by: Actor,
    at: datetime,
    opinion: str = "",
    conditions: str = "",
    found: Mapping[str, Any] | None = None,
    key: str = "",
) -> Case:
    """Give the opinion of one stage. The stages whose turn it then is open.

    ``found`` is what the stage has to find, by field. Where two people examine, it is the opinion of the
    first, and counts once another confirms it (``confirm_review``). Raises Invalid when a stage is not passed
    without an opinion, passed on conditions without them, or favourably without what it has to find.
    """
    work = begin(Step.REVIEW, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    require_not_presiding(work)
    opinion, conditions = opinion.strip(), conditions.strip()
    if verdict is Verdict.FAIL and not opinion:
        raise Invalid(_("不通过时请写明意见。"), {"opinion": [_("请写明不通过的理由和依据。")]})
    if verdict is Verdict.CONDITIONAL and not conditions:
        raise Invalid(_("有条件通过时请写明条件。"), {"conditions": [_("请写明要满足什么条件。")]})
    conditions = conditions if verdict is Verdict.CONDITIONAL else ""
    findings = {} if verdict is Verdict.FAIL else _findings(work, found or {})
    if work.mine.two_people:
        _hand_to_another(work, verdict, (opinion, conditions, findings))
        return work.done()
    complete(work, verdict, opinion, conditions=conditions, findings=findings)
    _after_review(work, opinion, _opinion(verdict, conditions))
    return work.done()


def _hand_to_another(work: Work, verdict: Verdict, said: tuple[str, str, dict[str, Any]]) -> None:
    """Keep the opinion of the first of two, and turn the work to any other of the department."""
    mine = work.mine
    mine.opinion, mine.conditions, mine.findings = said
    mine.proposed, mine.remark = verdict, ""
    mine.first_by_id, mine.first_at, mine.assignee_id = work.by.account, work.at, None
    work.writes.change(
        mine,
        *("opinion", "conditions", "findings", "proposed", "remark", "first_by_id", "first_at", "assignee_id"),
    )
    work.stay(reason=mine.opinion, details={**_opinion(verdict, mine.conditions), "first": True})


@transaction.atomic
def confirm_review(assignment: Assignment, *, by: Actor, at: datetime, remark: str = "", key: str = "") -> Case:
    """Confirm the opinion of the first of two (行政许可法 art. 34): it is now that of the stage.

    Raises NotAllowed for the first, Stale when there is none to confirm any more.
    """
    work = begin(Step.CONFIRM_REVIEW, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    require_not_presiding(work)
    mine = work.mine
    mine.remark = remark.strip()
    work.writes.change(mine, "remark")
    verdict = Verdict(mine.proposed)
    complete(work, verdict, mine.opinion, conditions=mine.conditions, findings=mine.findings)
    reason = "\n".join(filter(None, (mine.opinion, mine.remark)))
    _after_review(work, reason, _opinion(verdict, mine.conditions))
    return work.done()


@transaction.atomic
def send_back(assignment: Assignment, *, remark: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Disagree with the opinion of the first of two: it goes back to them, with why.

    Raises Invalid without a word, and as ``confirm_review`` does.
    """
    work = begin(Step.SEND_BACK, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if not remark.strip():
        raise Invalid(_("请写明不同意什么。"), {"remark": [_("请写明不同意什么，第一人会看到。")]})
    mine = work.mine
    mine.assignee_id, mine.remark, mine.proposed = mine.first_by_id, remark.strip(), Verdict.NONE
    mine.first_by_id, mine.first_at = None, None
    work.writes.change(mine, "assignee_id", "remark", "proposed", "first_by_id", "first_at")
    work.stay(reason=mine.remark)
    return work.done()


@transaction.atomic
def pass_over(assignment: Assignment, *, by: Actor, at: datetime) -> Case:
    """Count the silence of a department as the service says: as agreement, or as objection.

    Raises Stale when the opinion is not overdue, or silence means nothing here.
    """
    work = begin(Step.REVIEW, assignment.case_id, assignment_id=assignment.pk, by=by, at=at)
    mine = work.assignment
    if mine is None or mine.due_at is None or at <= mine.due_at:
        raise Stale(_("这一环节还没有到期。"))
    stage = work.spec.stage(mine.stage)
    if stage.silence == "remind":
        raise Stale(_("这一环节逾期不视为已有意见。"))
    verdict = Verdict.SILENT if stage.silence == "agree" else Verdict.OBJECTED
    complete(work, verdict, str(stage.silence_basis or ""))
    _after_review(work, str(stage.silence_basis or ""), {"verdict": verdict.value})
    return work.done()


def _findings(work: Work, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the stage found, checked as a form is."""
    stage = work.assignment.stage if work.assignment else ""
    form = findings_form_of(work.case.version_id, stage)
    checked = form.check(found, today=timezone.localdate(work.at))
    if checked.problems:
        told = {f"{FOUND}{place}": texts for place, texts in checked.problems.items()}
        raise Invalid(_("请写明认定的内容。"), told)
    return checked.values


def _opinion(verdict: Verdict, conditions: str) -> dict[str, Any]:
    """An opinion as the journal keeps it."""
    return {"verdict": verdict.value, **({"conditions": conditions} if conditions else {})}


def _after_review(work: Work, reason: str, details: dict[str, Any]) -> None:
    close_stage_clock(work)
    work.move(open_stages(work, due_at=work.case.due_at), reason=reason, details=details)

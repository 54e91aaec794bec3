"""The steps of staff: request corrections, accept, decline, review, grant, refuse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.stages import close_clocks, complete, open_stages, start_clocks
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.clocks import DELIVERY
from zerotrip.cases.models import (
    Assignment,
    AssignmentStatus,
    Case,
    ClockName,
    Correction,
    Decision,
    Material,
    Submission,
    Verdict,
)
from zerotrip.cases.states import Result, Status, Step
from zerotrip.cases.tasks import produce
from zerotrip.catalogue.queries import form_of
from zerotrip.errors import Invalid
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def request_correction(
    assignment: Assignment,
    *,
    items: Mapping[str, str],
    by: Actor,
    at: datetime,
    note: str = "",
    key: str = "",
) -> Case:
    """Name once everything that is missing or wrong (Administrative Licensing Law, art. 32).

    ``items`` maps a field path or ``material:<key>`` to what the applicant should do. A new round
    opens for the applicant with what was submitted; staff go on seeing the submitted one.
    Raises Invalid when nothing is named, a place does not exist, or a message is empty.
    """
    work = begin(Step.REQUEST_CORRECTION, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    named = _named_places(work, items)
    submission = max(work.rounds, key=lambda submission: submission.round)
    work.writes.insert(
        Correction(
            case_id=work.case.pk,
            round=submission.round,
            items=[{"place": place, "message": message} for place, message in named.items()],
            note=note.strip(),
            requested_by_id=by.account,
            requested_at=at,
        )
    )
    _open_next_round(work, submission)
    for held in work.open:
        held.waiting, held.due_at = True, None
        work.writes.change(held, "waiting", "due_at")
    close_clocks(work)
    work.move(Status.CORRECTING, reason=note.strip(), details={"places": list(named)}, due_at=None)
    work.tell_applicant("correction_requested", count=len(named))
    return work.done()


def _named_places(work: Work, items: Mapping[str, str]) -> dict[str, str]:
    places = set(form_of(work.case.version_id).places())
    places.update(f"material:{material.id}" for material in work.spec.materials)
    problems: dict[str, list[str]] = {}
    named = {place: message.strip() for place, message in items.items()}
    for place, message in named.items():
        if place.split(".", 1)[0] not in places:
            problems[place] = [_("表单里没有这一项。")]
        elif not message:
            problems[place] = [_("请写明要补正什么。")]
    if not named:
        raise Invalid(_("请至少指出一处需要补正的内容。"))
    if problems:
        raise Invalid(_("请写明每一处要补正什么。"), problems)
    return named


def _open_next_round(work: Work, submission: Submission) -> None:
    opened = Submission(
        case_id=work.case.pk, round=submission.round + 1, answers=submission.answers, started_at=work.at
    )
    work.writes.insert(opened)
    work.writes.insert(
        *(
            Material(submission_id=opened.pk, key=m.key, blob_id=m.blob_id, name=m.name, added_at=m.added_at)
            for m in fetch(Material, submission_id=submission.pk)
        )
    )


@transaction.atomic
def accept(assignment: Assignment, *, by: Actor, at: datetime, opinion: str = "", key: str = "") -> Case:
    """Accept the application. The promised and the statutory limit begin to run."""
    work = begin(Step.ACCEPT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    complete(work, Verdict.PASS, opinion)
    close_clocks(work)
    started = start_clocks(work, {ClockName.PROMISED: work.spec.promised, ClockName.STATUTORY: work.spec.statutory})
    due_at = started[ClockName.PROMISED].due_at
    to = open_stages(work, done=frozenset({assignment.stage}), due_at=due_at)
    work.move(to, reason=opinion, accepted_at=at, due_at=due_at)
    work.tell_applicant("accepted", due=due_at)
    return work.done()


@transaction.atomic
def decline(assignment: Assignment, *, reasons: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Do not accept: not for this service, or not for this authority. Reasons are required."""
    return _end_against(Step.DECLINE, Result.DECLINED, assignment, reasons, by=by, at=at, key=key)


@transaction.atomic
def review(
    assignment: Assignment, *, verdict: Verdict, by: Actor, at: datetime, opinion: str = "", key: str = ""
) -> Case:
    """Give the verdict of one stage. When all stages before it are done, the next ones open.

    Raises Invalid when a stage is not passed without an opinion.
    """
    work = begin(Step.REVIEW, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    opinion = opinion.strip()
    if verdict is Verdict.FAIL and not opinion:
        raise Invalid(_("不通过时请写明意见。"), {"opinion": [_("请写明不通过的理由和依据。")]})
    complete(work, verdict, opinion)
    to = _after_review(work)
    work.move(to, reason=opinion, details={"verdict": verdict.value})
    return work.done()


def _after_review(work: Work) -> Status:
    if work.open:
        return Status.REVIEWING
    done = frozenset(a.stage for a in work.assignments if a.status == AssignmentStatus.DONE)
    return open_stages(work, done=done, due_at=work.case.due_at)


@transaction.atomic
def grant(assignment: Assignment, *, by: Actor, at: datetime, reasons: str = "", key: str = "") -> Case:
    """Decide for the applicant. The outcome is made by a job enqueued with this decision."""
    work = begin(Step.GRANT, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    complete(work, Verdict.PASS, reasons.strip())
    close_clocks(work)
    delivery = start_clocks(work, {ClockName.DELIVERY: DELIVERY})[ClockName.DELIVERY]
    _decide(work, Result.GRANTED, reasons.strip())
    work.move(Status.GRANTED, reason=reasons.strip(), decided_at=at, due_at=delivery.due_at)
    work.tell_applicant("granted")
    work.writes.defer(produce, case=str(work.case.pk))
    return work.done()


@transaction.atomic
def refuse(assignment: Assignment, *, reasons: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Decide against the applicant, with reasons (Administrative Licensing Law, art. 38)."""
    return _end_against(Step.REFUSE, Result.REFUSED, assignment, reasons, by=by, at=at, key=key)


def _end_against(
    step: Step, result: Result, assignment: Assignment, reasons: str, *, by: Actor, at: datetime, key: str
) -> Case:
    """Close the case against the applicant: the stage fails, clocks stop, the applicant is told why."""
    work = begin(step, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    reasons = _required_reasons(reasons)
    complete(work, Verdict.FAIL, reasons)
    close_clocks(work)
    _decide(work, result, reasons)
    work.move(Status.CLOSED, reason=reasons, decided_at=at, due_at=None)
    work.tell_applicant(result.value, reasons=reasons)
    return work.done()


def _required_reasons(reasons: str) -> str:
    if not reasons.strip():
        raise Invalid(_("请写明理由。"), {"reasons": [_("请写明理由和依据，申请人会看到。")]})
    return reasons.strip()


def _decide(work: Work, verdict: Result, reasons: str) -> None:
    work.writes.insert(
        Decision(
            case_id=work.case.pk,
            verdict=verdict,
            reasons=reasons,
            decided_by_id=work.by.account,
            decided_at=work.at,
        )
    )

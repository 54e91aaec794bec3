"""The single notice of corrections: sent, taken back, lapsed, taken up again (行政许可法 art. 32)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions.stages import close_clocks
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import (
    Assignment,
    AssignmentStatus,
    Case,
    Clock,
    ClockName,
    Correction,
    Material,
    Submission,
)
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.queries import form_of, spec_of
from zerotrip.catalogue.spec import StageKind
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation, Requirement
from zerotrip.duties.models import Status as DutyStatus
from zerotrip.errors import Invalid, Refused, Stale
from zerotrip.questions.words import Words
from zerotrip.rows import Wanted, fetch, fetch_all, wanted
from zerotrip.workdays.queries import calendar_for

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
    again_because: str = "",
    key: str = "",
) -> Case:
    """Name once everything that is missing or wrong (Administrative Licensing Law, art. 32).

    ``items`` maps a field path or ``material:<key>`` to what the applicant should do. A new round
    opens for the applicant with what was submitted; staff go on seeing the submitted one.
    Raises Invalid when nothing is named, a place does not exist, or a message is empty, and for a
    second notice that does not say why this was not named in the first.
    """
    work = begin(Step.REQUEST_CORRECTION, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    named = _named_places(work, items)
    submission = max((r for r in work.rounds if r.submitted_at), key=lambda submission: submission.round)
    because = _why_again(submission, again_because)
    close_clocks(work)
    correction = Correction(
        case_id=work.case.pk,
        round=submission.round,
        items=[{"place": place, "message": message} for place, message in named.items()],
        note=note.strip(),
        again_because=because,
        requested_by_id=by.account,
        requested_at=at,
    )
    work.writes.insert(correction)
    due_at = _await_answer(work, correction)
    if not any(found.submitted_at is None for found in work.rounds):  # one begun before a notice taken back stays
        open_next_round(work, submission)
    for held in work.open:
        held.waiting, held.due_at = True, None
        work.writes.change(held, "waiting", "due_at")
    details = {"places": list(named), **({"again_because": because} if because else {})}
    work.move(Status.CORRECTING, reason=note.strip(), details=details, due_at=due_at)
    if due_at is None:
        work.tell_applicant("correction_requested", count=len(named))
    else:
        work.tell_applicant("correction_due", count=len(named), due=due_at)
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


def _why_again(submission: Submission, because: str) -> str:
    """The law knows one notice. A further one has to say why its points were not in the first."""
    if submission.round == 1:
        return ""
    if not because.strip():
        text = _("材料应当一次性告知。请写明为什么上次没有一并告知。")
        raise Invalid(text, {"again_because": [text]})
    return because.strip()


def _await_answer(work: Work, correction: Correction) -> datetime | None:
    """Let the applicant owe an answer by a day, where the service limits it."""
    rule = work.spec.corrections
    if rule is None:
        return None
    owed = duties.Owed(
        slug=_answer_slug(work),
        kind=Kind.ANSWER,
        name=Words(zh="补正答复", en="Answer to the notice of corrections"),
        limit=rule.within,
        consequence="lapse" if rule.lapse else "report",
        remind=rule.remind,
    )
    obligation = duties.owe(
        work.writes,
        owed,
        subject=work.case.pk,
        key=str(correction.pk),
        owner=work.case.applicant_id,
        watcher=work.case.department_id,
        area_path=work.case.area_path,
        at=work.at,
        link=f"/cases/{work.case.number}/",
        context={"number": work.case.number, "service": work.spec.name.model_dump()},
    )
    return obligation.due_at


def answered(work: Work) -> None:
    """The answer is in: what was owed is done."""
    for obligation in _owed_answers(work):
        duties.keep(work.writes, obligation, by=work.by, at=work.at)


def no_longer_asked(work: Work) -> None:
    """Nobody waits for the answer any more."""
    for obligation in _owed_answers(work):
        duties.drop(work.writes, obligation, by=work.by, at=work.at, note=work.step.value)


def _owed_answers(work: Work) -> list[Obligation]:
    """The open obligation to answer, if the service limits the time for it."""
    if work.spec.corrections is None:
        return []
    requirement = Requirement.key(_answer_slug(work))
    return fetch(Obligation, subject=work.case.pk, requirement_id=requirement, status=DutyStatus.OPEN.value)


def _answer_slug(work: Work) -> str:
    return f"{work.case.version_id}:answer"


def open_next_round(work: Work, submission: Submission) -> Submission:
    """A round for the applicant that begins with what was handed in."""
    opened = Submission(
        case_id=work.case.pk,
        round=submission.round + 1,
        answers=submission.answers,
        owed=submission.owed,
        committed=submission.committed,
        started_at=work.at,
    )
    work.writes.insert(opened)
    work.writes.insert(
        *(
            Material(submission_id=opened.pk, key=m.key, blob_id=m.blob_id, name=m.name, added_at=m.added_at)
            for m in fetch(Material, submission_id=submission.pk)
        )
    )
    return opened


@transaction.atomic
def take_back(assignment: Assignment, *, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Take an unanswered notice back. Its text is kept; so is what the applicant had begun to change.

    The five days go on from where the notice cut them off: the time in which it waited counts as ours.
    Raises Invalid without a reason.
    """
    work = begin(Step.TAKE_BACK, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    if not reason.strip():
        raise Invalid(_("请写明为什么收回。"), {"reason": [_("请写明为什么收回，申请人会看到。")]})
    (correction,) = _open_correction(work)
    correction.taken_back_at, correction.taken_back_by_id = at, by.user_id
    work.writes.change(correction, "taken_back_at", "taken_back_by_id")
    no_longer_asked(work)
    notice = _notice_since_receipt(work)
    _staff_go_on(work, notice)
    work.move(Status.SUBMITTED, reason=reason.strip(), due_at=notice.due_at)
    work.tell_applicant("correction_taken_back", reason=reason.strip())
    return work.done()


def open_corrections(work: Work) -> Wanted[Correction]:
    """What ``Correction.is_open`` says, of the case of this step: one at the most."""
    return wanted(
        Correction, case_id=work.case.pk, answered_at=None, taken_back_at=None, lapsed_at=None, dropped_at=None
    )


def _open_correction(work: Work) -> list[Correction]:
    (found,) = fetch_all(open_corrections(work))
    if not found:
        raise Stale(_("补正告知已经答复或收回，请刷新后查看最新情况。"))
    return found


def _notice_since_receipt(work: Work) -> Clock:
    received = max(found.submitted_at for found in work.rounds if found.submitted_at)
    calendar = calendar_for(work.case.area_path)
    limit = clocks.notice_of(work.spec)
    notice = clocks.start(work.case, ClockName.NOTICE, limit, at=received, calendar=calendar)
    work.writes.insert(notice)
    return notice


def _staff_go_on(work: Work, notice: Clock) -> None:
    for held in work.open:
        held.waiting, held.due_at = False, notice.due_at
        work.writes.change(held, "waiting", "due_at")


@transaction.atomic
def lapse(case: Case, *, by: Actor, at: datetime) -> Case:
    """The applicant did not answer in time: the application counts as withdrawn, as the service says.

    Raises Stale when the answer is not overdue (any more).
    """
    work = begin(Step.LAPSE, case.pk, by=by, at=at)
    rule = work.spec.corrections
    (correction,) = _open_correction(work)
    overdue = [owed for owed in _owed_answers(work) if owed.due_at < at]
    if rule is None or not rule.lapse or not overdue:
        raise Stale(_("补正还没有到期。"))
    for obligation in overdue:
        duties.miss(work.writes, obligation, by=by, at=at)
        duties.drop(work.writes, obligation, by=by, at=at, note=work.step.value)
    correction.lapsed_at = at
    work.writes.change(correction, "lapsed_at")
    for held in work.open:
        held.status, held.waiting = AssignmentStatus.CANCELLED, False
        work.writes.change(held, "status", "waiting")
    work.move(Status.CLOSED, reason=str(rule.within.basis), due_at=None)
    until = reopen_until(work.case)
    if until is None:
        work.tell_applicant("lapsed")
    else:
        work.tell_applicant("lapsed_may_reopen", due=until)
    return work.done()


def reopen_until(case: Case) -> datetime | None:
    """Until when a lapsed application can be taken up again; None when it cannot."""
    rule = spec_of(case.version_id).corrections
    if rule is None or rule.reopen is None or case.closed_at is None:
        return None
    return clocks.stage_due(rule.reopen, at=case.closed_at, calendar=calendar_for(case.area_path))


@transaction.atomic
def reopen(case: Case, *, by: Actor, at: datetime, key: str = "") -> Case:
    """Take a lapsed application up again: the same notice waits for its answer, with what was begun.

    Raises Refused when the time for that has passed.
    """
    work = begin(Step.REOPEN, case.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    until = reopen_until(work.case)
    if until is None or at > until:
        raise Refused(_("恢复办理的期限已过，请重新申报。已经填好的内容可以照抄。"))
    (correction,) = fetch(Correction, case_id=work.case.pk, answered_at=None, taken_back_at=None)
    correction.lapsed_at = None
    work.writes.change(correction, "lapsed_at")
    due_at = _await_answer(work, correction)
    intake = max((w for w in work.assignments if w.kind == StageKind.INTAKE), key=lambda w: w.opened_at)
    intake.status, intake.waiting, intake.due_at = AssignmentStatus.OPEN, True, None
    work.writes.change(intake, "status", "waiting", "due_at")
    work.move(Status.CORRECTING, due_at=due_at)
    return work.done()

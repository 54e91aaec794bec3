"""Notification and commitment (告知承诺): signed, decided on, checked, and what a false one leads to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.access import power_in, require_may_act
from zerotrip.cases.actions.stages import close_stage_clock, complete, open_on_the_way
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Assignment, Bar, BarKind, Case, Commitment, Found, Submission, Verdict
from zerotrip.cases.outcomes import stop
from zerotrip.cases.states import Step
from zerotrip.catalogue.queries import spec_of
from zerotrip.catalogue.spec import CHECK_STAGE, StageKind
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation, Requirement
from zerotrip.duties.models import Status as DutyStatus
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import Deed, Role
from zerotrip.questions.words import Words
from zerotrip.rows import fetch
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.catalogue.spec import Limit, Promise
    from zerotrip.parties.access import Actor


def barred_until(party: UUID, *, at: datetime) -> datetime | None:
    """Until when a party may not commit, because a commitment of theirs was false; None when it may."""
    bars = Bar.objects.in_force(at).filter(party=party, kind=BarKind.COMMIT)
    latest = bars.order_by("-until").first()
    return latest.until if latest else None


@transaction.atomic
def commit(case: Case, *, name: str, by: Actor, at: datetime) -> Commitment:
    """Sign the commitment of the service in a draft, with one's own name.

    What was read is kept word for word. Raises Refused when the service has none or the applicant is
    barred, Invalid when the name is not the signer's.
    """
    submission = _draft(case, by)
    power = power_in(case, by)
    if power is not None and power.assists:
        raise Refused(_("告知承诺须由申请人本人阅读并签署，窗口不能代签。请申请人用手机打开办件签署。"))
    promise = spec_of(case.version_id).promise
    if promise is None:
        raise Refused(_("这个事项不能以告知承诺方式办理。"))
    until = barred_until(case.applicant_id, at=at)
    if until is not None:
        text = _("申请人曾作不实承诺，%(day)s前不适用告知承诺。可以按一般程序提交材料。")
        raise Refused(text % {"day": clocks.day_of(until)})
    if " ".join(name.split()) != by.name:
        text = _("请签本人姓名“%(name)s”。") % {"name": by.name}
        raise Invalid(text, {"name": [text]})
    signed, _made = Commitment.objects.update_or_create(
        case_id=case.pk,
        defaults={
            "conditions": [words.model_dump() for words in promise.conditions],
            "liability": promise.liability.model_dump(),
            "signed_name": by.name,
            "signed_by_id": by.account,
            "signed_at": at,
        },
    )
    submission.committed = True
    submission.save(update_fields=["committed"])
    return signed


@transaction.atomic
def take_commitment_back(case: Case, *, by: Actor, at: datetime) -> None:
    """Go back to proving what was committed to, while the draft is not handed in."""
    submission = _draft(case, by)
    Commitment.objects.filter(case=case.pk).delete()
    submission.committed = False
    submission.save(update_fields=["committed"])


def _draft(case: Case, by: Actor) -> Submission:
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require_may_act(case, by, Deed.FILL)
    submission = Submission.objects.filter(case=case.pk, submitted_at=None, round=1).first()
    if submission is None:
        raise Stale(_("办件已经提交，不能再改办理方式。"))
    return submission


def begin_check(work: Work) -> None:
    """With a grant that rests on a commitment its check is due, within the days the service says."""
    promise = work.spec.promise
    if promise is None or not fetch(Commitment, case_id=work.case.pk):
        return
    _open_check(work, promise.check)


def _open_check(work: Work, limit: Limit) -> None:
    department = work.case.department_id
    open_on_the_way(work, CHECK_STAGE, StageKind.CHECK, department=department, limit=limit)


@transaction.atomic
def check(assignment: Assignment, *, found: Found, finding: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Record what the check found: true; to be put right and checked again; or false.

    What seems false goes to the leader, who confirms it: that revokes the licence and bars the applicant
    from committing for a time. Raises Invalid without a finding, except when all is true.
    """
    work = begin(Step.CHECK, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    promise, finding = work.spec.promise, finding.strip()
    if promise is None:
        raise AssertionError("a check follows a promise")
    if found is not Found.TRUE and not finding:
        raise Invalid(_("请写明核查发现的问题。"), {"finding": [_("请写明核查发现的问题，申请人会看到。")]})
    if found is Found.FALSE and not _confirmed(work, finding):
        return work.done()
    (commitment,) = fetch(Commitment, case_id=work.case.pk)
    commitment.found, commitment.finding, commitment.found_at = found, finding, at
    work.writes.change(commitment, "found", "finding", "found_at")
    close_stage_clock(work)
    _settle_rectification(work, found)
    if found is Found.TRUE:
        complete(work, Verdict.PASS, finding)
    elif found is Found.MENDING:
        complete(work, Verdict.CONDITIONAL, finding, conditions=finding)
        _order_rectification(work, promise, finding)
    else:
        complete(work, Verdict.FAIL, finding)
        _draw_consequences(work, promise, finding)
    work.stay(reason=finding, details={"found": found.value})
    return work.done()


def _confirmed(work: Work, finding: str) -> bool:
    """Whether a leader confirms what another found to be false: a licence is not revoked by one hand.

    The first finding turns the work to the leader. Raises NotAllowed for a leader who found it themselves.
    """
    assignment = work.mine
    if assignment.role != Role.LEADER:
        assignment.role, assignment.opinion, assignment.assignee_id = Role.LEADER, finding, None
        work.writes.change(assignment, "role", "opinion", "assignee_id")
        work.stay(reason=finding, details={"found": "reported"})
        return False
    mine = Entry.objects.filter(subject=work.case.pk, action=Step.CHECK, actor=work.by.user_id)
    if mine.filter(details__stage=assignment.stage).exists():
        raise NotAllowed(_("发现问题的人不能自己认定，请交由另一位负责人办理。"))
    return True


def _order_rectification(work: Work, promise: Promise, finding: str) -> None:
    owed = duties.Owed(
        slug=_rectify_slug(work),
        kind=Kind.RECTIFY,
        name=Words(zh="按核查意见整改", en="Put right what the check found"),
        limit=promise.correct,
        consequence="report",
        remind=(3, 1),
    )
    obligation = duties.owe(
        work.writes,
        owed,
        subject=work.case.pk,
        key=str(work.assignment.pk if work.assignment else ""),
        owner=work.case.applicant_id,
        watcher=work.case.department_id,
        area_path=work.case.area_path,
        at=work.at,
        link=f"/cases/{work.case.number}/",
        context={"number": work.case.number, "service": work.spec.name.model_dump()},
    )
    _open_check(work, promise.correct)
    work.tell_applicant("rectification_ordered", finding=finding, due=obligation.due_at)


def _rectify_slug(work: Work) -> str:
    return f"{work.case.version_id}:rectify"


def _settle_rectification(work: Work, found: Found) -> None:
    requirement = Requirement.key(_rectify_slug(work))
    for owed in fetch(Obligation, subject=work.case.pk, requirement_id=requirement, status=DutyStatus.OPEN.value):
        settle = duties.keep if found is Found.TRUE else duties.drop
        settle(work.writes, owed, by=work.by, at=work.at, note=found.value)


def _draw_consequences(work: Work, promise: Promise, finding: str) -> None:
    calendar = calendar_for(work.case.area_path)
    until = clocks.stage_due(promise.bar, at=work.at, calendar=calendar)
    work.writes.insert(
        Bar(party_id=work.case.applicant_id, case_id=work.case.pk, reason=finding, since=work.at, until=until)
    )
    reason = _("告知承诺不实：%(finding)s") % {"finding": finding}
    stop(work.case, "revoke", reason=reason, by=work.by, at=work.at)
    work.tell_applicant("commitment_false", finding=finding, until=until)

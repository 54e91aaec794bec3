"""Helping with a need: answer it, plan, do it, ask others, hand it on, decline. Each helper for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions import targets
from zerotrip.cases.actions.enclosing import LONGEST, enclose, tell_one
from zerotrip.cases.actions.needs import open_help, tell_helper
from zerotrip.cases.actions.stages import cancel_stages, close_clocks, close_stage_clock, complete
from zerotrip.cases.actions.step import Work, begin, rating_token
from zerotrip.cases.helping import Standing, declined, had_it, standing
from zerotrip.cases.models import Assignment, AssignmentStatus, Case, ClockName, Verdict
from zerotrip.cases.states import Status, Step
from zerotrip.catalogue.queries import stage_name
from zerotrip.catalogue.spec import LEAD_STAGE, StageKind
from zerotrip.channels.actions import tell
from zerotrip.duties import actions as duties
from zerotrip.duties.models import Kind, Obligation, Requirement
from zerotrip.duties.models import Status as DutyStatus
from zerotrip.errors import Invalid, Refused
from zerotrip.parties.models import Party, User
from zerotrip.questions.words import Words
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.cases.routing import Target
    from zerotrip.files.attaching import Handed
    from zerotrip.parties.access import Actor


@transaction.atomic
def answer_need(
    assignment: Assignment, *, text: str, files: Sequence[Handed] = (), by: Actor, at: datetime, key: str = ""
) -> Case:
    """The first answer to the firm: who looks after it, and what comes next. It is one's own from now on.

    Raises Invalid without a word.
    """
    work = _begin(Step.ANSWER, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(text, "text", _("请写几句答复，企业会看到。"))
    return _told(work, "answer", said, ClockName.ANSWER, template="need_answered", files=files)


@transaction.atomic
def plan_need(
    assignment: Assignment, *, text: str, files: Sequence[Handed] = (), by: Actor, at: datetime, key: str = ""
) -> Case:
    """Tell the firm what will be done and by when. A plan is an answer too. Raises Invalid without a word."""
    work = _begin(Step.PLAN, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(text, "text", _("请写明方案：怎么解决、什么时候办好。"))
    return _told(work, "plan", said, ClockName.ANSWER, ClockName.PLAN, template="need_planned", files=files)


def _told(work: Work, what: str, said: str, *ends: ClockName, template: str, files: Sequence[Handed] = ()) -> Case:
    """Keep what was said, tell it the firm, and stop the clocks that ran until it was."""
    _say(work, what, said)
    _end(work, *ends)
    close_own_clock(work)
    due_again(work)
    work.stay(reason=said, details=enclose(work, files, assignment=work.mine))
    work.tell_applicant(template, who=work.by.name, said=said)
    return work.done()


@transaction.atomic
def report_need(
    assignment: Assignment, *, text: str, files: Sequence[Handed] = (), by: Actor, at: datetime, key: str = ""
) -> Case:
    """Tell the firm how far it is. Raises Invalid without a word."""
    work = _begin(Step.REPORT, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(text, "text", _("请写明进展。"))
    take_on(work)
    work.stay(reason=said, details=enclose(work, files, assignment=work.mine))
    work.tell_applicant("need_reported", who=by.name, said=said)
    return work.done()


@transaction.atomic
def ask_helper(assignment: Assignment, *, to: Target, what: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Ask somebody else to help too: work of their own, with their own time to answer. One's own goes on.

    Raises Invalid without what is asked, Refused when they are at it already.
    """
    work = _begin(Step.ASK_HELPER, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(what, "what", _("请写明请对方做什么。"))
    _require_not_at_it(work, to)
    take_on(work)
    opened = open_help(work, to, limit=work.spec.need.answer if work.spec.need else None)
    tell_helper(work, opened, to, what=said, by=by.name)
    work.stay(reason=said, details={"whom": to.called})
    return work.done()


@transaction.atomic
def hand_on(assignment: Assignment, *, to: Target, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Give a need to somebody who is nearer to it. It does not come back to whoever had it: that is a circle.

    Raises Invalid without a reason, Refused for a circle, naming it, and for whoever is at it already.
    """
    work = _begin(Step.HAND_ON, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(reason, "reason", _("请写明为什么转办，对方会看到。"))
    _pass_to(work, to, said)
    return work.done()


@transaction.atomic
def move_need(assignment: Assignment, *, to: Target, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Move a need that lies with another office to somebody else: by whoever leads with its subject, or leads an
    office above that one. Whoever had it, those who help too, the firm and whoever has it now are told.

    Raises Invalid without a reason, NotAllowed for a need that is not theirs to move, Refused as ``hand_on``.
    """
    work = _begin(Step.MOVE, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(reason, "reason", _("请写明为什么调整，原来的帮办人和对方会看到。"))
    others = [one for one in work.open if one.kind == StageKind.HELP]
    _pass_to(work, to, said)
    for one in others:
        tell_one(work, one, "staff_need_moved", who=to.called, by=by.name, said=said)
    return work.done()


def _pass_to(work: Work, to: Target, said: str) -> None:
    """Close a piece of help and open another's, who is told with the reason; the firm is told who it is now."""
    _require_not_at_it(work, to)
    _require_no_circle(work, to)
    mine = work.mine
    mine.status, mine.waiting = AssignmentStatus.CANCELLED, False
    mine.findings = {**mine.findings, "handed_to": to.called}
    work.writes.change(mine, "status", "waiting", "findings")
    close_own_clock(work)
    answered = not any(one.name == ClockName.ANSWER and one.ended_at is None for one in work.clocks)
    limit = work.spec.need.answer if answered and work.spec.need else None
    opened = open_help(work, to, limit=limit)
    tell_helper(work, opened, to, what=said, by=work.by.name)
    work.stay(reason=said, details={"whom": to.called})
    work.tell_applicant("need_handed_on", who=to.called)


@transaction.atomic
def decline_help(assignment: Assignment, *, reason: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Say that one cannot help, and why. When all who were asked say so, whoever leads gets it with all reasons.

    Raises Invalid without a reason.
    """
    work = _begin(Step.DECLINE_HELP, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(reason, "reason", _("请写明为什么不能办，牵头部门会看到。"))
    complete(work, Verdict.FAIL, said)
    close_own_clock(work)
    _after(work, said)
    return work.done()


@transaction.atomic
def resolve_need(
    assignment: Assignment, *, outcome: str, files: Sequence[Handed] = (), by: Actor, at: datetime, key: str = ""
) -> Case:
    """Say that one's part is done, and what came of it. When all are done, the firm is asked whether it is settled.

    Raises Invalid without what came of it.
    """
    work = _begin(Step.RESOLVE, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(outcome, "outcome", _("请写明办成了什么，企业会看到。"))
    enclosed = enclose(work, files, assignment=work.mine)
    _say(work, "result", said)
    complete(work, Verdict.PASS, said)
    _end(work, ClockName.ANSWER)
    close_own_clock(work)
    _after(work, said, enclosed)
    return work.done()


@transaction.atomic
def cannot_resolve(assignment: Assignment, *, reasons: str, by: Actor, at: datetime, key: str = "") -> Case:
    """Close a need that cannot be met, with the reasons, which the firm gets; it may rate that too, and have it
    looked at one level up. Only whoever leads. Raises Invalid without reasons."""
    work = _begin(Step.CANNOT, assignment, by=by, at=at, key=key)
    if work.replayed:
        return work.case
    said = _written(reasons, "reasons", _("请写明为什么不能解决、企业还可以怎么做。"))
    complete(work, Verdict.FAIL, said)
    cancel_stages(work)
    close_clocks(work)
    work.move(Status.CLOSED, reason=said, due_at=None)
    ask_firm(work, "need_unresolved", said)
    return work.done()


def _begin(step: Step, assignment: Assignment, *, by: Actor, at: datetime, key: str) -> Work:
    same = {"stage": assignment.stage}
    return begin(step, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same=same)


def _written(text: str, place: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(missing, {place: [missing]})
    if len(said) > LONGEST:
        told = _("请不要超过 %(most)d 字，现在有 %(count)d 字。") % {"most": LONGEST, "count": len(said)}
        raise Invalid(told, {place: [told]})
    return said


def take_on(work: Work) -> None:
    """Whoever does something with a need of nobody in particular has it from now on: the firm knows a name."""
    mine = work.mine
    if mine.assignee_id is None and work.by.user_id is not None:
        mine.assignee_id = work.by.user_id
        work.writes.change(mine, "assignee_id")


def _say(work: Work, what: str, said: str) -> None:
    take_on(work)
    mine = work.mine
    mine.findings = {**mine.findings, what: said, f"{what}_at": work.at.isoformat()}
    work.writes.change(mine, "findings")


def _end(work: Work, *names: ClockName) -> None:
    """Stop these clocks of the case, if they run."""
    for clock in work.clocks:
        if clock.name in names and clock.assignment_id is None and clock.ended_at is None:
            clock.ended_at = work.at
            work.writes.change(clock, "ended_at")


def close_own_clock(work: Work) -> None:
    """The helper's own time to answer is over, if they had any."""
    close_stage_clock(work)
    for clock in work.clocks:
        if clock.assignment_id == work.mine.pk:
            clock.ended_at = work.at


def due_again(work: Work) -> None:
    """The case is due with the next clock that runs, and so is work without a clock of its own."""
    case = work.case
    case.due_at = clocks.soonest(work.clocks)
    work.also("due_at")
    own = {one.assignment_id for one in work.clocks if one.assignment_id and one.ended_at is None}
    for one in work.open:
        if one.pk not in own and one.due_at != case.due_at:
            one.due_at = case.due_at
            work.writes.change(one, "due_at")


def _after(work: Work, said: str, enclosed: Mapping[str, Any] | None = None) -> None:
    """Where the need is, now that one of its helpers answered for themselves."""
    where = standing(work.assignments)
    details = {"verdict": work.mine.verdict, **(enclosed or {})}
    if where is Standing.SETTLED:
        close_clocks(work)
        work.move(Status.CONFIRMING, reason=said, details=details, due_at=None)
        _owe_confirmation(work)
        results = [one.opinion for one in work.assignments if one.verdict == Verdict.PASS and one.opinion]
        ask_firm(work, "need_resolved", "；".join(results))
        return
    due_again(work)
    work.stay(reason=said, details=details)
    if where is Standing.DECLINED:
        _to_the_lead(work)


def _to_the_lead(work: Work) -> None:
    """Everybody declined: whoever leads has it, with all the reasons."""
    work.case.department = Party.objects.get(pk=work.case.department_id)
    target = targets.leading(work.case)
    opened = open_help(work, target, stage=LEAD_STAGE, limit=work.spec.need.answer if work.spec.need else None)
    reasons = "；".join(f"{stage_name(work.spec, stage)}：{why}" for stage, why in declined(work.assignments))
    tell_helper(work, opened, target, "staff_need_declined", reasons=reasons)


def ask_firm(work: Work, template: str, said: str) -> None:
    """Ask the firm whether it is settled, with a link that works without signing in."""
    case = work.case
    tell(
        work.writes,
        party=case.applicant_id,
        template=template,
        context={
            "number": case.number,
            "service": work.spec.name.model_dump(),
            "subject": case.subject,
            "said": said,
        },
        link=f"/rate/{rating_token(case.pk)}/",
        key=f"{case.pk}:{case.ledger_length}:{template}",
        at=work.at,
    )


def _owe_confirmation(work: Work) -> None:
    need, case = work.spec.need, work.case
    if need is None:
        raise AssertionError("only needs are confirmed")
    owed = duties.Owed(
        slug=confirmation_slug(work),
        kind=Kind.CONFIRM,
        name=Words(zh="确认诉求是否解决", en="Confirm whether the need is settled"),
        limit=need.confirm,
        consequence="settled",
        remind=(2,),
    )
    duties.owe(
        work.writes,
        owed,
        subject=case.pk,
        key=f"{case.ledger_length}",
        owner=case.applicant_id,
        watcher=case.department_id,
        area_path=case.area_path,
        link=f"/rate/{rating_token(case.pk)}/",
        context={"number": case.number, "service": work.spec.name.model_dump(), "subject": case.subject},
        at=work.at,
    )


def confirmation_slug(work: Work) -> str:
    """Names what the firm owes: of this version, with its limit."""
    return f"{work.spec.id}:{work.case.version_id}:confirm"


def owed_confirmations(work: Work) -> list[Obligation]:
    """What waits for the firm's word, if anything does."""
    requirement = Requirement.key(confirmation_slug(work))
    return fetch(Obligation, subject=work.case.pk, requirement_id=requirement, status=DutyStatus.OPEN.value)


def _require_not_at_it(work: Work, to: Target) -> None:
    for one in work.open:
        if one.kind == StageKind.HELP and to.is_same(
            department_id=one.department_id, role=one.role, account=one.assignee_id
        ):
            raise Refused(_("%(name)s已经在帮办这件诉求。") % {"name": to.called})
    if to.account is not None:
        keeps_out = Party.objects.filter(
            pk=work.case.applicant_id,
            members__person=to.person,
            members__kind="agent",
            members__during__contains=work.at,
        )
        if keeps_out.exists():
            raise Refused(_("%(name)s是申请人一方或由其代办，应当回避。") % {"name": to.name})


def _require_no_circle(work: Work, to: Target) -> None:
    """A need does not come back to whoever handed it on: they would have to do it, or say why they cannot."""
    before = sorted(had_it(work.assignments), key=lambda one: one.opened_at)
    if not any(to.is_same(department_id=o.department_id, role=o.role, account=o.assignee_id) for o in before):
        return
    chain = _(" → ").join([*_chain(before), to.called])
    if work.step is Step.MOVE:
        raise Refused(_("转办绕成了圈：%(chain)s。请另选没有经手过的人。") % {"chain": chain})
    raise Refused(_("转办绕成了圈：%(chain)s。请自己办理，请人协办，或者写明原因退回。") % {"chain": chain})


def _chain(works: list[Assignment]) -> list[str]:
    people = [work.assignee_id for work in works if work.assignee_id]
    accounts = {user.pk: user.person.name for user in User.objects.filter(pk__in=people)}
    offices = dict(Party.objects.filter(pk__in=[w.department_id for w in works]).values_list("pk", "name"))
    return [
        accounts[work.assignee_id] if work.assignee_id else offices.get(work.department_id, "") for work in works
    ]

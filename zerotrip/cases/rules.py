"""May this happen now, and by this person? One function gives the reason, one the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from zerotrip.cases.access import has_helped, require_may_act, why_keep_out
from zerotrip.cases.models import TAKING_ROLES, Assignment, AssignmentStatus, Case, Mode
from zerotrip.cases.states import Result, Status, Step, allowed
from zerotrip.catalogue.queries import district_of, spec_of
from zerotrip.catalogue.spec import LEAD_STAGE, StageKind
from zerotrip.errors import NotAllowed, Refused, Stale
from zerotrip.parties.models import LEADING_ROLES, Deed, MandateKind, Role
from zerotrip.parties.queries import offices_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.parties.access import Actor

APPLICANT_DEEDS = {
    Step.SUBMIT: Deed.SUBMIT,
    Step.CORRECT: Deed.CORRECT,
    Step.WITHDRAW: Deed.WITHDRAW,
    Step.FORMALISE: Deed.SUBMIT,
    Step.REOPEN: Deed.CORRECT,
    Step.RAISE: Deed.SUBMIT,
    Step.CONFIRM: Deed.RECEIVE,
    Step.DISSATISFIED: Deed.RECEIVE,
}
"""The applicant's steps, and what a mandate has to allow for each."""
APPLICANT_STEPS = frozenset(APPLICANT_DEEDS)
SYSTEM_STEPS = frozenset({Step.ISSUE, Step.DELIVER, Step.LAPSE, Step.DEEM})


EXAMINING = (Step.CONFIRM_REVIEW, Step.SEND_BACK)
"""What the second of two does with the opinion of the first."""


def stage_steps(case: Case, assignment: Assignment) -> tuple[Step, ...]:
    """What the work calls for, the usual one first, whoever does it."""
    return tuple(_stage_steps(case, assignment))


def _stage_steps(case: Case, assignment: Assignment) -> Iterator[Step]:
    kind = StageKind(assignment.kind)
    if kind is StageKind.INTAKE:
        yield from (Step.ACCEPT, Step.REQUEST_CORRECTION, Step.DECLINE, Step.TAKE_BACK)
    elif kind is StageKind.REVIEW:
        yield from EXAMINING if assignment.first_by_id else (Step.REVIEW,)
    elif kind is StageKind.APPROVAL:
        yield from (Step.EXTEND, Step.DENY_EXTENSION)
    elif kind is StageKind.MAKE_UP:
        yield Step.CHECK_MAKE_UP
    elif kind is StageKind.CHECK:
        yield Step.CHECK
    elif kind is StageKind.CALL_BACK:
        yield Step.CALL_BACK
    elif kind is StageKind.HELP:
        yield from _helping_steps(assignment)
    elif kind is StageKind.DECISION:
        yield from _decision_steps(case, assignment)
    if kind in (StageKind.REVIEW, StageKind.DECISION):
        yield from (Step.SUSPEND, Step.RESUME, Step.ASK_EXTENSION)
        if case.mode == Mode.FORMAL and spec_of(case.version_id).category == "permit":
            yield Step.HEAR
    if kind is StageKind.DECISION and not spec_of(case.version_id).approval.levels:
        yield Step.TERMINATE


def _helping_steps(assignment: Assignment) -> Iterator[Step]:
    """What whoever helps can do: answer, plan, do it. Who leads has nobody to give it back to."""
    said = assignment.findings
    if "answer" not in said and "plan" not in said:
        yield Step.ANSWER
    if "plan" not in said:
        yield Step.PLAN
    yield from (Step.RESOLVE, Step.REPORT, Step.ADD, Step.ASK_HELPER, Step.HAND_ON, Step.SPLIT)
    yield Step.CANNOT if leads(assignment) else Step.DECLINE_HELP
    yield Step.MOVE


def leads(assignment: Assignment) -> bool:
    """Whether it is the work of whoever leads with a need, or is above those who helped."""
    return assignment.stage.partition(".")[0] == LEAD_STAGE


def _decision_steps(case: Case, assignment: Assignment) -> Iterator[Step]:
    approval = spec_of(case.version_id).approval
    if case.mode != Mode.FORMAL:
        yield Step.CONCLUDE
    elif not approval.levels:
        yield from (Step.GRANT, Step.REFUSE)
    elif assignment.role == approval.draft:
        yield Step.DRAFT
    else:
        yield from (Step.APPROVE, Step.RETURN)


def why_not(step: Step, case: Case, actor: Actor, assignment: Assignment | None = None) -> Exception | None:
    """Why ``actor`` may not take ``step`` now, or None if nothing stands against it."""
    return _not_theirs(step, case, actor, assignment) or _too_late(step, case, assignment)


def may(step: Step, case: Case, actor: Actor, assignment: Assignment | None = None) -> bool:
    """Whether ``step`` may be taken now."""
    return why_not(step, case, actor, assignment) is None


def require(step: Step, case: Case, actor: Actor, assignment: Assignment | None = None) -> None:
    """Raise the reason why ``step`` may not be taken, if there is one."""
    reason = why_not(step, case, actor, assignment)
    if reason is not None:
        raise reason


def _not_theirs(step: Step, case: Case, actor: Actor, assignment: Assignment | None) -> Exception | None:
    if step is Step.RAISE and (actor.is_system or actor.seats_as(*TAKING_ROLES)):
        return None  # staff write down what a firm says it needs; it is told at once, and may take it back
    if step in APPLICANT_DEEDS or (step in (Step.HEAR, Step.ADD) and assignment is None):
        try:
            require_may_act(case, actor, APPLICANT_DEEDS.get(step, Deed.CORRECT))
        except NotAllowed as reason:
            return reason
        return None
    if assignment is None:
        return None if actor.is_system else NotAllowed(_("这一步由系统自动完成。"))
    if step not in stage_steps(case, assignment):
        if assignment.two_people and step in (Step.REVIEW, *EXAMINING):
            return _too_late(step, case, assignment) or Stale(_("这一环节的意见已有变化，请刷新后查看最新情况。"))
        return Refused(_("这一环节不能这样做。"))
    if step is Step.CALL_BACK and had_a_hand(case, actor):
        return NotAllowed(_("您办理过这个办件，不能自己回访，请交由他人办理。"))
    if step in EXAMINING and assignment.first_by_id == actor.user_id:
        return NotAllowed(_("您是第一人，意见须由同一部门的另一人确认。"))
    if step is Step.MOVE:
        return _not_their_lead(case, actor, assignment)
    return _not_their_work(case, actor, assignment) or _typed_by_them(step, case, actor)


def had_a_hand(case: Case, actor: Actor) -> bool:
    """Whether somebody did any work of a case: what is said of it is said of them."""
    mine = Q(done_by=actor.user_id) | Q(first_by=actor.user_id)
    done = Assignment.objects.filter(mine, case=case.pk).exclude(kind=StageKind.CALL_BACK)
    return actor.user_id is not None and done.exists()


def reads_rating(case: Case, actor: Actor) -> bool:
    """What ``Rating.visible_to`` says to staff, of one case."""
    return any(
        case.area_path.startswith(seat.area_path)
        and (
            seat.role == Role.SUPERVISOR
            or (seat.role in LEADING_ROLES and seat.department_id == case.department_id)
        )
        for seat in actor.seats
    )


def _not_their_work(case: Case, actor: Actor, assignment: Assignment) -> Exception | None:
    """Whose turn it is: the role of the work in its department and area; not the applicant's side."""
    if actor.is_system:
        return None
    if reason := why_keep_out(case, actor):
        return NotAllowed(reason)
    department, area, role = assignment.department_id, assignment.area_path, assignment.role
    if actor.stands_in(assignment.assignee_id, department_id=department, area_path=area, role=role):
        return None
    if not actor.sits(department_id=department, area_path=area, roles=(role,)):
        return NotAllowed(_("这一环节不由您的部门或岗位办理。"))
    if assignment.assignee_id is not None and assignment.assignee_id != actor.user_id:
        return NotAllowed(_("这一环节已指定专人办理。需要换人的，请先改派。"))
    return None


def _not_their_lead(case: Case, actor: Actor, assignment: Assignment) -> Exception | None:
    """Who moves what lies with another: whoever leads with the subject, or leads an office above the one that has
    it, of their own area or below. One's own is handed on."""
    if reason := why_keep_out(case, actor):
        return NotAllowed(reason)
    if _not_their_work(case, actor, assignment) is None:
        return Refused(_("这件在您手上，请直接转办。"))
    leads_in = {
        seat.department_id
        for seat in actor.seats_as(*LEADING_ROLES)
        if seat.department_id in case.departments
        and case.area_path.startswith(seat.area_path)
        and assignment.department.area_path.startswith(seat.area_path)
    }
    if leads_in and (case.department_id in leads_in or leads_in & set(offices_above(assignment.department_id))):
        return None
    return NotAllowed(_("由这方面诉求的牵头部门，或者承办部门的上级部门负责人调整。"))


SINGLE_COUNTER = frozenset({Step.ACCEPT, Step.REQUEST_CORRECTION, Step.TAKE_BACK})
"""What whoever keyed a case in at the counter may do to it where the district says so (综合窗口)."""


def _typed_by_them(step: Step, case: Case, actor: Actor) -> Exception | None:
    """Four eyes: whoever keyed in what the applicant said neither examines nor decides on it."""
    if actor.is_system or not has_helped(case, actor, MandateKind.ASSISTED):
        return None
    if step not in SINGLE_COUNTER:
        return NotAllowed(_("这个办件由您在窗口代为录入，应当由他人审查和决定。"))
    if not district_of(case.version_id).counter.accepts_own:
        return NotAllowed(_("这个办件由您在窗口代为录入，本区规定由他人受理。"))
    return None


def _too_late(step: Step, case: Case, assignment: Assignment | None) -> Exception | None:
    if assignment is not None and assignment.status == AssignmentStatus.DONE:
        return Stale(_("这一环节已经办理完毕，请刷新后查看最新情况。"))
    if assignment is not None and assignment.status == AssignmentStatus.CANCELLED:
        return Stale(_("这一环节已经取消：%(status)s。") % {"status": standing(case)})
    if not allowed(step, case.status) or (step is Step.REOPEN and case.result != Result.LAPSED):
        return Stale(_("办件现在是“%(status)s”，不能“%(step)s”。") % {"status": standing(case), "step": step.label})
    if step is Step.FORMALISE and case.mode == Mode.FORMAL:
        return Stale(_("办件已经是正式办理。"))
    return _stopped(step, case)


BLOCKED_BY_PROCEDURE = frozenset({Step.GRANT, Step.REFUSE, Step.DRAFT, Step.APPROVE, Step.CONCLUDE})
"""What waits for the end of a special procedure: its result may change the decision."""


def _stopped(step: Step, case: Case) -> Exception | None:
    if case.suspended and step in BLOCKED_BY_PROCEDURE:
        return Refused(_("特别程序还没有结束。请先登记它的结果，再作决定。"))
    if not case.suspended and step is Step.RESUME:
        return Stale(_("现在没有进行中的特别程序。"))
    return None


def standing(case: Case) -> str:
    """Where the case is, in the reader's words: its result once closed, else its status."""
    return standing_as(case.status, case.result)


def standing_as(status: str, result: str) -> str:
    """Where a case of this status and result is, in the reader's words."""
    if status == Status.CLOSED and result != Result.GRANTED:
        return str(Result(result).label)
    return str(Status(status).label)


def editable_places(case: Case, unlocked: frozenset[str]) -> frozenset[str] | None:
    """What the applicant may change now: None for everything, else only these places.

    A draft is open everywhere; after that only what a correction names, or what was open in a rehearsal.
    """
    return None if case.status == Status.DRAFT else unlocked


def first_role(case: Case, kind: StageKind) -> Role:
    """Who does a new piece of work: the drafter, where a decision is drafted."""
    from zerotrip.cases.models import STAGE_ROLES

    approval = spec_of(case.version_id).approval
    if kind is StageKind.DECISION and approval.levels and case.mode == Mode.FORMAL:
        return Role(approval.draft)
    return STAGE_ROLES[kind]

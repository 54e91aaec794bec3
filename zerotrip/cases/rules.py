"""When a step may happen. Each rule has one function that says why not; buttons and guards share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases.models import STAGE_ROLES, Assignment, AssignmentStatus, Case
from zerotrip.cases.states import Result, Status, Step, allowed
from zerotrip.catalogue.spec import StageKind
from zerotrip.errors import NotAllowed, Refused, Stale

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

APPLICANT_STEPS = frozenset({Step.SUBMIT, Step.CORRECT, Step.WITHDRAW})
STAGE_STEPS: dict[StageKind, tuple[Step, ...]] = {
    StageKind.INTAKE: (Step.ACCEPT, Step.REQUEST_CORRECTION, Step.DECLINE),
    StageKind.REVIEW: (Step.REVIEW,),
    StageKind.DECISION: (Step.GRANT, Step.REFUSE),
}
"""What can be done in a stage, the usual one first."""


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
    if step in APPLICANT_STEPS:
        if case.applicant_id not in actor.acts_for:
            return NotAllowed(_("只有申请人或其经办人可以这样做。"))
        return None
    if assignment is None:
        return None if actor.is_system else NotAllowed(_("这一步由系统自动完成。"))
    kind = StageKind(assignment.kind)
    if step not in STAGE_STEPS[kind]:
        return Refused(_("这一环节不能这样做。"))
    if case.applicant_id in actor.acts_for:
        return NotAllowed(_("您是申请人或其经办人，应当回避，请交由他人办理。"))
    role = STAGE_ROLES[kind]
    if not actor.sits(department_id=assignment.department_id, area_path=assignment.area_path, roles=(role,)):
        return NotAllowed(_("这一环节不由您的部门或岗位办理。"))
    return None


def _too_late(step: Step, case: Case, assignment: Assignment | None) -> Exception | None:
    if assignment is not None and assignment.status == AssignmentStatus.DONE:
        return Stale(_("这一环节已经办理完毕，请刷新后查看最新情况。"))
    if assignment is not None and assignment.status == AssignmentStatus.CANCELLED:
        return Stale(_("这一环节已经取消：%(status)s。") % {"status": standing(case)})
    if not allowed(step, case.status):
        return Stale(_("办件现在是“%(status)s”，不能“%(step)s”。") % {"status": standing(case), "step": step.label})
    return None


def standing(case: Case) -> str:
    """Where the case is, in the reader's words: its result once closed, else its status."""
    if case.status == Status.CLOSED and case.result != Result.GRANTED:
        return str(Result(case.result).label)
    return str(Status(case.status).label)


def editable_places(case: Case, correction_places: frozenset[str]) -> frozenset[str] | None:
    """What the applicant may change now: None for everything, else only these places.

    A draft is open everywhere. During a correction only the named fields and materials unlock.
    """
    if case.status == Status.DRAFT:
        return None
    return correction_places if case.status == Status.CORRECTING else frozenset()

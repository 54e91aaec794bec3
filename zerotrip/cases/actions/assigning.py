"""Who does a piece of work: given, taken, given back, handed over by whoever leaves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases import leaving
from zerotrip.cases.actions.holding import (
    Answer,
    Held,
    each,
    hold,
    replayed,
    require_manages,
    require_theirs,
    why_not_theirs,
)
from zerotrip.cases.models import Assignment, Case
from zerotrip.cases.queries import assigned_to
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.parties.models import LEADING_ROLES, User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def assign(assignment: Assignment, *, to: Actor, by: Actor, at: datetime, key: str = "") -> Assignment:
    """Give a piece of open work to somebody of the department who may do it; nobody else may until it is given on.

    Raises NotAllowed unless ``by`` leads or supervises the department, Refused when ``to`` has not the
    role or acts for the applicant, Stale when the work is done.
    """
    held = hold(assignment.case_id, by=by, at=at, key=key)
    if replayed(held, "assign", stage=assignment.stage):
        return assignment
    work = held.work(assignment.pk)
    require_manages(by, department_id=work.department_id, area_path=work.area_path)
    require_theirs(held.case, work, to)
    if work.assignee_id != to.account:
        _give(held, work, "assign", to)
        held.done()
    return work


@transaction.atomic
def take(assignment: Assignment, *, by: Actor, at: datetime, key: str = "") -> Assignment:
    """Take work that is nobody's yet: from now on it is one's own. Raises Stale when somebody was faster."""
    held = hold(assignment.case_id, by=by, at=at, key=key)
    if replayed(held, "take", stage=assignment.stage):
        return assignment
    work = held.work(assignment.pk)
    require_theirs(held.case, work, by)
    if work.assignee_id not in (None, by.user_id):
        raise Stale(_("已经由另一位同事办理。"))
    if work.assignee_id is None:
        _give(held, work, "take", by)
        held.done()
    return work


@transaction.atomic
def give_back(assignment: Assignment, *, by: Actor, at: datetime, key: str = "") -> Assignment:
    """Let work be anybody's again: one's own, or that of the department one leads. Raises NotAllowed else."""
    held = hold(assignment.case_id, by=by, at=at, key=key)
    if replayed(held, "give_back", stage=assignment.stage):
        return assignment
    work = held.work(assignment.pk)
    if work.assignee_id is None:
        raise Refused(_("这一环节没有指定专人。"))
    if work.assignee_id != by.user_id:
        require_manages(by, department_id=work.department_id, area_path=work.area_path)
    _give(held, work, "give_back", None)
    held.done()
    return work


def _give(held: Held, work: Assignment, action: str, to: Actor | None) -> None:
    """The one change: whose the work is, with whose it was."""
    before = str(work.assignee_id) if work.assignee_id else None
    work.assignee_id = to.account if to else None
    held.writes.change(work, "assignee_id")
    held.note(
        action,
        stage=work.stage,
        before=before,
        to=str(work.assignee_id) if work.assignee_id else None,
        name=to.name if to else "",
    )


def assign_all(works: Iterable[Assignment], *, to: Actor, by: Actor, at: datetime, key: str = "") -> list[Answer]:
    """Give several pieces of work to one person, with an answer for each."""
    said = _("已指派给%(name)s") % {"name": to.name}
    return each(works, lambda work: _said(assign(work, to=to, by=by, at=at, key=key), said))


def take_all(works: Iterable[Assignment], *, by: Actor, at: datetime, key: str = "") -> list[Answer]:
    """Take several pieces of work, with an answer for each."""
    return each(works, lambda work: _said(take(work, by=by, at=at, key=key), _("已领取")))


def give_back_all(works: Iterable[Assignment], *, by: Actor, at: datetime, key: str = "") -> list[Answer]:
    """Give several pieces of work back, with an answer for each."""
    return each(works, lambda work: _said(give_back(work, by=by, at=at, key=key), _("已退回待领")))


def _said(_work: Assignment, words: str) -> str:
    return words


def hand_over(leaver: User, *, to: Actor, by: Actor, at: datetime, key: str = "") -> list[Answer]:
    """Give all that is assigned to somebody to another, with the green cases they look after and what else the
    apps above hand over (``leaving``); answers for each piece of work.

    What the other may not do goes back to its department, so that nothing stays with whoever is gone.
    One transaction a case: killed anywhere, pressing again does the rest. Raises NotAllowed unless ``by``
    is the leaver or leads a department of the work, Invalid for handing over to oneself.
    """
    if to.account == leaver.pk:
        text = _("请选择另一位同事。")
        raise Invalid(text, {"to": [text]})
    works = assigned_to(leaver.pk)
    answers = each(works, lambda work: _hand(work, leaver, to, by=by, at=at, key=key))
    for case in Case.objects.filter(contact=leaver, closed_at=None).order_by("pk"):
        _look_after(case.pk, leaver, to, by=by, at=at, key=key)
    leaving.hand_over(leaver, to=to, by=by, at=at)
    return answers


@transaction.atomic
def _hand(assignment: Assignment, leaver: User, to: Actor, *, by: Actor, at: datetime, key: str) -> str:
    held = hold(assignment.case_id, by=by, at=at, key=key)
    work = held.work(assignment.pk)
    if work.assignee_id != leaver.pk:
        raise Stale(_("已经由另一位同事办理。"))
    _require_may_hand_over(leaver, work.department_id, work.area_path, by)
    why_not = why_not_theirs(held.case, work, to)
    _give(held, work, "hand_over", None if why_not else to)
    held.done()
    if why_not:
        return _("退回部门待领：%(reason)s") % {"reason": why_not}
    return _("已移交给%(name)s") % {"name": to.name}


def _require_may_hand_over(leaver: User, department: UUID, area_path: str, by: Actor) -> None:
    leads = by.sits(department_id=department, area_path=area_path, roles=LEADING_ROLES)
    if not (leads or by.is_system or by.user_id == leaver.pk):
        raise NotAllowed(_("移交由本人或本部门负责人办理。"))


@transaction.atomic
def _look_after(case_id: UUID, leaver: User, to: Actor, *, by: Actor, at: datetime, key: str) -> None:
    """The green channel has a named person to the end: the other, or as before where they may not."""
    held = hold(case_id, by=by, at=at, key=key)
    case = held.case
    leads = by.sits(department_id=case.department_id, area_path=case.area_path, roles=LEADING_ROLES)
    if case.contact_id != leaver.pk or not (leads or by.is_system or by.user_id == leaver.pk):
        return
    case.contact_id = to.account
    held.note("contact", before=str(leaver.pk), to=str(to.account), name=to.name)
    held.done()


def give_back_everything(leaver: User, *, by: Actor, at: datetime) -> int:
    """Let all that is assigned to somebody be anybody's again. Returns how many pieces of work."""
    return sum(answer.done for answer in give_back_all(assigned_to(leaver.pk), by=by, at=at))

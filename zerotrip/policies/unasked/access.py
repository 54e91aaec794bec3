"""Who may run a policy: those who work in the department that pays; who may let the money go: its leaders."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.parties.models import LEADING_ROLES, WORKING_ROLES
from zerotrip.policies.unasked.models import Grant, GrantStatus, PaymentList, Run, RunStatus

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


def may_work(run: Run, by: Actor) -> bool:
    """Whether this person works on runs of this department over this area."""
    return by.sits(department_id=run.department_id, area_path=run.area_path, roles=WORKING_ROLES)


def require_may_work(run: Run, by: Actor) -> None:
    """Raises NotAllowed."""
    if not may_work(run, by):
        raise NotAllowed(_("只有发放部门的工作人员可以办理。"))


def leads(run: Run, by: Actor) -> bool:
    """Whether this person answers for the department."""
    return by.sits(department_id=run.department_id, area_path=run.area_path, roles=LEADING_ROLES)


def may_approve(payment: PaymentList, run: Run, by: Actor) -> bool:
    """Whether this person may let a list be paid: a leader, and no hand that made it."""
    return leads(run, by) and by.user_id not in (payment.made_by_id, payment.drafted_by_id)


def require_may_approve(payment: PaymentList, run: Run, by: Actor) -> None:
    """Raises NotAllowed."""
    if not leads(run, by):
        raise NotAllowed(_("只有发放部门的负责人可以审批。"))
    if not may_approve(payment, run, by):
        raise NotAllowed(_("测算或编制清单的人不能审批，请由另一位负责人审批。"))


def load_run(run_id: UUID, by: Actor) -> Run:
    """A run for those who may see it. Raises NotFound."""
    rows = Run.objects.visible_to(by).select_related("version", "department", "drafted_by", "announced_by")
    run = rows.filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("没有找到这一批。"))
    return run


def load_grant(grant_id: UUID, by: Actor) -> Grant:
    """A grant of a run for staff who may see it. Raises NotFound."""
    rows = Grant.objects.filter(run__in=Run.objects.visible_to(by)).select_related(
        "party", "run__version", "run__department", "payment"
    )
    grant = rows.filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("没有找到这一笔。"))
    return grant


SHOWN = (GrantStatus.PROPOSED, GrantStatus.AGREED, GrantStatus.PAYABLE, GrantStatus.PAID, GrantStatus.RETURNED)


def load_own(grant_id: UUID, by: Actor) -> Grant:
    """A grant of somebody one acts for. Raises NotFound: what is not announced is nobody's yet."""
    rows = Grant.objects.filter(party__in=by.acts_for, run__isnull=False).exclude(
        run__status__in=(RunStatus.DRAFT, RunStatus.ABANDONED)
    )
    grant = rows.select_related("party", "run__version", "run__department", "payment").filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("没有找到这笔补贴。"))
    return grant

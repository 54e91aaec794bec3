"""Who may see a licence, and who may stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.cases.access import works_on
from zerotrip.errors import NotAllowed, NotFound
from zerotrip.licences.models import Licence
from zerotrip.parties.models import LEADING_ROLES, WORKING_ROLES, Role

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor


def load(licence_id: UUID, actor: Actor) -> Licence:
    """The licence, if ``actor`` may see it. Raises NotFound alike for both reasons."""
    licence = (
        Licence.objects.visible_to(actor)
        .select_related("holder", "issuer", "blob", "case")
        .filter(pk=licence_id)
        .first()
    )
    if licence is None:
        raise NotFound(_("没有找到这份证照。"))
    return licence


def _works_for(department: UUID, area_path: str, holder: UUID, actor: Actor, roles: tuple[Role, ...]) -> bool:
    """In one of these roles of the department, over the area, and on nobody's side."""
    return holder not in actor.acts_for and actor.sits(department_id=department, area_path=area_path, roles=roles)


def may_propose(licence: Licence, actor: Actor) -> bool:
    """Whether ``actor`` may propose to end a licence: whoever does the work of cases for its issuer."""
    return _works_for(licence.issuer_id, licence.area_path, licence.holder_id, actor, WORKING_ROLES)


def may_confirm(licence: Licence, actor: Actor) -> bool:
    """Whether ``actor`` may confirm that a licence is ended, or stop it: a leader of its issuer."""
    return _works_for(licence.issuer_id, licence.area_path, licence.holder_id, actor, LEADING_ROLES)


def may_propose_on(case: Case, actor: Actor) -> bool:
    """Whether ``actor`` may propose to correct what was decided in a case."""
    return works_on(case, actor, WORKING_ROLES)


def may_confirm_on(case: Case, actor: Actor) -> bool:
    """Whether ``actor`` may confirm such a correction: a leader of the department."""
    return works_on(case, actor, LEADING_ROLES)


def require_may_propose(licence: Licence, actor: Actor) -> None:
    """Refuse unless ``may_propose``."""
    _require(may_propose(licence, actor), _("只有发证机关的工作人员可以提出，持证一方的应当回避。"))


def require_may_confirm(licence: Licence, actor: Actor) -> None:
    """Refuse unless ``may_confirm``."""
    _require(may_confirm(licence, actor), _("只有发证机关的负责人可以确认，持证一方的应当回避。"))


def require_may_propose_on(case: Case, actor: Actor) -> None:
    """Refuse unless ``may_propose_on``."""
    _require(may_propose_on(case, actor), _("只有承办部门的工作人员可以提出，申请人一方的应当回避。"))


def require_may_confirm_on(case: Case, actor: Actor) -> None:
    """Refuse unless ``may_confirm_on``."""
    _require(may_confirm_on(case, actor), _("只有承办部门的负责人可以确认，申请人一方的应当回避。"))


def _require(may: bool, reason: str) -> None:
    if not may:
        raise NotAllowed(reason)


def may_stop(licence: Licence, actor: Actor) -> bool:
    """Whether ``actor`` may suspend or resume: a leader of the issuer, over its area."""
    return actor.sits(department_id=licence.issuer_id, area_path=licence.area_path, roles=[Role.LEADER])


def require_may_stop(licence: Licence, actor: Actor) -> None:
    """Refuse unless ``may_stop``."""
    if not may_stop(licence, actor):
        raise NotAllowed(_("只有发证机关的负责人可以暂停或者恢复证照。"))

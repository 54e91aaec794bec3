"""Who may do what with a project or a lead. The button and the guard ask the same function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, Refused
from zerotrip.parties.models import LEADING_ROLES, WORKING_ROLES

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat
    from zerotrip.projects.models import Lead, Project


def seats_to_register(actor: Actor) -> tuple[Seat, ...]:
    """The seats from which a project or a lead may be registered, one for each department."""
    found = {seat.department_id: seat for seat in reversed(actor.seats) if seat.role in WORKING_ROLES}
    return tuple(reversed(found.values()))


def leads_department(actor: Actor, row: Project | Lead) -> bool:
    """Whether the actor answers for the department that follows it."""
    return actor.sits(department_id=row.department_id, area_path=row.area_path, roles=LEADING_ROLES)


def _is_or_stands_in(actor: Actor, account: object) -> bool:
    return bool(actor.seats) and (actor.user_id == account or any(c.user_id == account for c in actor.covers))


def may_steer(project: Project, actor: Actor) -> bool:
    """Whether the actor moves the project: its steward, who stands in for them, or who leads the department."""
    return project.ended_at is None and (
        _is_or_stands_in(actor, project.steward_id) or leads_department(actor, project)
    )


def require_steer(project: Project, actor: Actor) -> None:
    """Raise Refused for a project that is not followed any more, NotAllowed unless ``may_steer``."""
    if project.ended_at is not None:
        raise Refused(_("这个项目已不再跟踪，不能修改。"))
    if not may_steer(project, actor):
        raise NotAllowed(_("项目由它的管家或本部门负责人办理。"))


def may_follow(lead: Lead, actor: Actor) -> bool:
    """Whether the actor moves a lead: who follows it, who stands in for them, or who leads the department."""
    return _is_or_stands_in(actor, lead.handler_id) or leads_department(actor, lead)


def require_follow(lead: Lead, actor: Actor) -> None:
    """Raise NotAllowed unless ``may_follow``."""
    if not may_follow(lead, actor):
        raise NotAllowed(_("线索由跟进人或本部门负责人办理。"))

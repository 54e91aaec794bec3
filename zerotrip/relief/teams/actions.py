"""Every write to who belongs to a task force: one seat there begins, or ends; the history stays."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.actions import appoint, dismiss
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind, Role, User
from zerotrip.parties.queries import area_path_of
from zerotrip.relief.routing.actions import see_to_rules
from zerotrip.relief.teams.access import may_man
from zerotrip.relief.teams.queries import TEAM_ROLES
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor


@transaction.atomic
def join(team_id: UUID, *, account: UUID | None, role: str, by: Actor, at: datetime, area: str = "") -> Membership:
    """A member of staff belongs to a task force from now on, over its area or the part ``area`` (a code) of it.

    Rules that waited for somebody there are followed again. Raises Invalid with what is wrong at its place,
    NotAllowed for whoever does not lead over the team's area, Refused when they belong to it in this role already.
    """
    team = _locked(team_id, by)
    path = area_path_of(area) if area else team.area_path
    problems: dict[str, list[str]] = {}
    person = _of_staff(account, at=at)
    if person is None:
        problems["person"] = [_("请选择一位工作人员。")]
    if role not in TEAM_ROLES:
        problems["role"] = [_("请选择帮办或者负责。")]
    if not path.startswith(team.area_path):
        problems["area"] = [_("请选择专班辖区之内的区划。")]
    if person is None or problems:
        raise Invalid(_("还没有保存，请看下面的提示。"), problems)
    seat = appoint(person, department=team, role=Role(role), area_path=path, by=by, at=at)
    _note(team, seat, "joined", by=by, at=at)
    see_to_rules(at=at, office=team.pk)
    return seat


@transaction.atomic
def leave(seat_id: UUID, *, by: Actor, at: datetime) -> Membership:
    """A member of a task force belongs to it no longer. Raises NotFound, NotAllowed, Refused when it has ended."""
    seat = Membership.objects.select_related("person").filter(pk=seat_id, kind=MembershipKind.STAFF).first()
    if seat is None or seat.organisation.kind != PartyKind.TEAM:
        raise NotFound(_("没有找到这个专班成员。"))
    team = _locked(seat.organisation_id, by)
    seat.refresh_from_db(fields=["during"])
    if seat.during.lower >= at:
        raise Refused(_("刚刚加入，请稍后再试。"))
    dismiss(seat, by=by, at=at)
    _note(team, seat, "left", by=by, at=at)
    see_to_rules(at=at, office=team.pk)
    return seat


def _locked(team_id: UUID, by: Actor) -> Party:
    teams = Party.objects.live().select_for_update(of=("self",)).filter(kind=PartyKind.TEAM)
    team = teams.filter(pk=team_id).first()
    if team is None:
        raise NotFound(_("没有找到这个专班。"))
    if not may_man(by, team):
        raise NotAllowed(_("专班的人由管辖其范围的部门负责人或专班负责人安排。"))
    return team


def _of_staff(account: UUID | None, *, at: datetime) -> Party | None:
    """The person of an account, if they hold a seat anywhere: only staff join."""
    user = User.objects.filter(pk=account, is_active=True).first() if account else None
    if user is None:
        return None
    seats = Membership.objects.in_force(at).filter(person=user.person_id, kind=MembershipKind.STAFF)
    return user.person if seats.exists() else None


def _note(team: Party, seat: Membership, step: str, *, by: Actor, at: datetime) -> None:
    """Journal it on the team, and tell whoever it is about."""
    details = {"person": str(seat.person_id), "name": seat.person.name, "role": seat.role, "area": seat.area_path}
    ledger.append(team, step, by=by, at=at, details=details)
    team.save(update_fields=["ledger_length", "ledger_head"])
    writes = Writes()
    tell(
        writes,
        party=seat.person_id,
        template=f"staff_team_{step}",
        context={
            "team": {"zh": team.name, "en": team.name_en or team.name},
            "role": str(Role(seat.role).label),
        },
        link=f"/desk/needs/teams/{team.pk}/",
        key=f"{seat.pk}:{step}",
        at=at,
    )
    writes.send()

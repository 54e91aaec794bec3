"""Reads over task forces and who belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind, Role, User
from zerotrip.parties.queries import seats_in_force

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

TEAM_ROLES = (Role.HELPER, Role.LEADER)
"""In which roles somebody belongs to a task force: who helps, and who answers for it."""


def teams(actor: Actor, *, at: datetime) -> QuerySet[Party]:
    """The task forces there are, each with how many belong to it and how many rules go there."""
    there = Q(members__kind=MembershipKind.STAFF, members__during__contains=at)
    routed = Q(routed_to__removed_at=None, routed_to__stopped="")
    found = Party.objects.visible_to(actor).live().filter(kind=PartyKind.TEAM)
    return found.annotate(
        people=Count("members__person", filter=there, distinct=True),
        rules=Count("routed_to", filter=routed, distinct=True),
    ).order_by("area_path", "name", "pk")


def members(team: Party, *, at: datetime) -> list[Membership]:
    """Who belongs to a task force, who leads it first."""
    seats = Membership.objects.in_force(at).filter(organisation=team, kind=MembershipKind.STAFF)
    rows = seats.select_related("person").order_by("person__name", "pk")
    return sorted(rows, key=lambda seat: seat.role != Role.LEADER)


def former(team: Party, *, at: datetime) -> QuerySet[Membership]:
    """Who belonged to it before, latest first."""
    seats = Membership.objects.filter(organisation=team, kind=MembershipKind.STAFF, during__endswith__lte=at)
    return seats.select_related("person").order_by("-during__endswith", "pk")


def joinable(team: Party, *, at: datetime) -> list[tuple[UUID, str, Party]]:
    """Members of staff who could join, by name: account, name, an office of theirs; each once."""
    found: dict[UUID, tuple[str, Party]] = {}
    for seat in seats_in_force(at=at):
        account: User = seat.person.account
        near = seat.area_path.startswith(team.area_path) or team.area_path.startswith(seat.area_path)
        if account.is_active and near and seat.organisation_id != team.pk:
            found.setdefault(account.pk, (seat.person.name, seat.organisation))
    return sorted(((key, *words) for key, words in found.items()), key=lambda one: (one[1], one[2].name))

"""Who is acting. Built once at the edge from the account and its memberships, then passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from zerotrip.errors import NotAllowed
from zerotrip.parties.models import Membership, MembershipKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from zerotrip.parties.models import User


@dataclass(frozen=True, slots=True)
class Seat:
    """A role in a department over an area."""

    department_id: UUID
    department: str
    role: str
    area_path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at one moment: who they are, which seats they hold, whom they may act for.

    Every ``visible_to`` and every rule reads this and nothing else, so that permission costs one
    query a request.
    """

    user_id: UUID | None
    person_id: UUID | None
    name: str
    seats: tuple[Seat, ...] = ()
    represents: frozenset[UUID] = frozenset()
    is_system: bool = False

    @property
    def is_staff(self) -> bool:
        """Holds a seat in some department."""
        return bool(self.seats)

    @property
    def account(self) -> UUID:
        """The account, where only somebody signed in can be acting. Raises NotAllowed for nobody and the system."""
        if self.user_id is None:
            raise NotAllowed("请先登录。")
        return self.user_id

    @property
    def person(self) -> UUID:
        """The person, where only somebody signed in can be acting. Raises NotAllowed."""
        if self.person_id is None:
            raise NotAllowed("请先登录。")
        return self.person_id

    @property
    def acts_for(self) -> frozenset[UUID]:
        """The parties this actor may apply for: oneself and the enterprises represented."""
        return self.represents | {self.person_id} if self.person_id else self.represents

    def seats_as(self, *roles: Role) -> tuple[Seat, ...]:
        """The seats held in one of ``roles``."""
        return tuple(seat for seat in self.seats if seat.role in roles)

    def sits(self, *, department_id: UUID, area_path: str, roles: Iterable[str]) -> bool:
        """Whether a seat in this department, over this area, in one of these roles is held."""
        return any(
            seat.department_id == department_id and seat.role in roles and area_path.startswith(seat.area_path)
            for seat in self.seats
        )


NOBODY = Actor(user_id=None, person_id=None, name="")
SYSTEM = Actor(user_id=None, person_id=None, name="系统", is_system=True)


def actor_for(user: User, *, at: datetime) -> Actor:
    """The actor behind an account at ``at``, in one query."""
    seats: list[Seat] = []
    represents: set[UUID] = set()
    memberships = (
        Membership.objects.filter(person_id=user.person_id, organisation__ended_at=None)
        .in_force(at)
        .values_list("kind", "role", "area_path", "organisation_id", "organisation__name")
    )
    for kind, role, area_path, organisation_id, organisation in memberships:
        if kind == MembershipKind.STAFF:
            seats.append(Seat(organisation_id, organisation, role, area_path))
        else:
            represents.add(organisation_id)
    return Actor(
        user_id=user.pk,
        person_id=user.person_id,
        name=user.person.name,
        seats=tuple(seats),
        represents=frozenset(represents),
    )


def require_acts_for(actor: Actor, party_id: UUID) -> None:
    """Refuse unless ``actor`` may apply for this party."""
    if party_id not in actor.acts_for:
        raise NotAllowed("您不能代表该申请人办理。")

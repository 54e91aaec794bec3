"""Who is acting. Built once at the edge from the account and its memberships, then passed in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import CharField, F, Value
from django.db.models.functions import JSONObject

from zerotrip.compiled import Compiled
from zerotrip.errors import NotAllowed
from zerotrip.parties.models import (
    HANDS,
    Absence,
    Mandate,
    MandateKind,
    Membership,
    MembershipKind,
    Role,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.parties.models import Deed, User


@dataclass(frozen=True, slots=True)
class Seat:
    """A role in a department over an area."""

    department_id: UUID
    department: str
    role: str
    area_path: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody who is away, and whose assigned work the actor does meanwhile, from the seats they hold."""

    user_id: UUID
    name: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """A mandate in force, as its agent has it: in whose name, for what, in which steps."""

    mandate_id: UUID
    principal_id: UUID
    kind: str
    given: str
    deeds: frozenset[str]
    services: frozenset[str] = frozenset()
    case_id: UUID | None = None

    @property
    def assists(self) -> bool:
        """Whether a clerk keys in for somebody who is there, rather than files for somebody who is not."""
        return self.kind == MandateKind.ASSISTED

    def reaches(self, *, party: UUID, service: str, case: UUID | None) -> bool:
        """Whether it is about this case of this party in this service."""
        if party != self.principal_id:
            return False
        return service in self.services if self.case_id is None else case == self.case_id


def power_of(mandate: Mandate) -> Power:
    """What a mandate lets its agent do while it is in force."""
    return Power(
        mandate_id=mandate.pk,
        principal_id=mandate.principal_id,
        kind=mandate.kind,
        given=mandate.given,
        deeds=frozenset(mandate.deeds),
        services=frozenset(mandate.services),
        case_id=mandate.case,
    )


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
    covers: tuple[Cover, ...] = ()
    powers: tuple[Power, ...] = ()
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

    def power(
        self, deed: Deed | None = None, *, party: UUID, service: str, case: UUID | None = None
    ) -> Power | None:
        """The mandate under which this actor may do ``deed``, or anything at all, in a party's name."""
        return next(
            (
                power
                for power in self.powers
                if power.reaches(party=party, service=service, case=case) and (deed is None or deed in power.deeds)
            ),
            None,
        )

    def may_act(self, deed: Deed, *, party: UUID, service: str, case: UUID | None = None) -> bool:
        """Whether this actor may do ``deed`` for a party, in this case of this service.

        As themselves, for an enterprise they represent, or under a mandate in force. Whoever asks
        who may act for whom asks here.
        """
        if party in self.acts_for:
            return True
        return self.power(deed, party=party, service=service, case=case) is not None

    def seats_as(self, *roles: Role) -> tuple[Seat, ...]:
        """The seats held in one of ``roles``."""
        return tuple(seat for seat in self.seats if seat.role in roles)

    def sits(self, *, department_id: UUID, area_path: str, roles: Iterable[str]) -> bool:
        """Whether a seat in this department, over this area, in one of these roles is held."""
        return _seated(self.seats, department_id, area_path, roles)

    def stands_in(self, account: UUID | None, *, department_id: UUID, area_path: str, role: str) -> bool:
        """Whether what is assigned to ``account`` in that role of a department may be done by this actor now."""
        return any(
            cover.user_id == account and _seated(cover.seats, department_id, area_path, (role,))
            for cover in self.covers
        )


def _seated(seats: Iterable[Seat], department_id: UUID, area_path: str, roles: Iterable[str]) -> bool:
    among = frozenset(roles)
    return any(
        seat.department_id == department_id and seat.role in among and area_path.startswith(seat.area_path)
        for seat in seats
    )


NOBODY = Actor(user_id=None, person_id=None, name="")
SYSTEM = Actor(user_id=None, person_id=None, name="系统", is_system=True)


_MANDATE = "mandate"


def actor_for(user: User, *, at: datetime) -> Actor:
    """The actor behind an account at ``at``, with those they stand in for and their mandates, in one query."""
    seats: list[Seat] = []
    represents: set[UUID] = set()
    covered: dict[tuple[UUID, str], list[Seat]] = {}
    powers: list[Power] = []
    held = _HELD.rows(account=user.pk, person=user.person_id, at=at)
    for person, kind, role, area_path, office, called, account, name, scope in held:
        if kind == _MANDATE:
            powers.append(_power(office, person, role, json.loads(scope)))
        elif person != user.person_id:
            covered.setdefault((account, name), []).append(Seat(office, called, role, area_path))
        elif kind == MembershipKind.STAFF:
            seats.append(Seat(office, called, role, area_path))
        elif kind == MembershipKind.AGENT:
            represents.add(office)
    return Actor(
        user_id=user.pk,
        person_id=user.person_id,
        name=user.person.name,
        seats=tuple(seats),
        represents=frozenset(represents),
        covers=_covers(seats, covered),
        powers=tuple(powers),
    )


def _statement(account: UUID, person: UUID, at: datetime) -> Any:
    """Memberships, those of whom one stands in for, and mandates, as rows of the same columns."""
    kinds = (MembershipKind.STAFF, MembershipKind.AGENT)  # being named to help gives no right of its own
    in_force = Membership.objects.filter(organisation__ended_at=None, kind__in=kinds).in_force(at)
    away = Absence.objects.in_force(at).filter(stand_in=person).values("person")
    theirs = in_force.filter(kind=MembershipKind.STAFF, role__in=HANDS, person__in=away)
    columns = ("person_id", "kind", "role", "area_path", "organisation_id", "organisation__name")
    whose = ("person__account__id", "person__name", JSONObject())
    rows = in_force.filter(person_id=person).values_list(*columns, *whose)
    return rows.union(theirs.values_list(*columns, *whose), _mandates(account, at))


_HELD = Compiled(_statement, account=UUID, person=UUID, at=datetime)


def _mandates(account: UUID, at: datetime) -> Any:
    return (
        Mandate.objects.in_force(at)
        .filter(agent=account)
        .values_list(
            "principal_id",
            Value(_MANDATE, CharField()),
            "kind",
            Value("", CharField()),
            "id",
            "principal__name",
            "agent_id",
            Value("", CharField()),
            JSONObject(given=F("given"), deeds=F("deeds"), services=F("services"), case=F("case")),
        )
    )


def _power(mandate_id: UUID, principal_id: UUID, kind: str, scope: dict[str, Any]) -> Power:
    return Power(
        mandate_id=mandate_id,
        principal_id=principal_id,
        kind=kind,
        given=scope["given"],
        deeds=frozenset(scope["deeds"]),
        services=frozenset(scope["services"]),
        case_id=UUID(scope["case"]) if scope["case"] else None,
    )


def _covers(seats: list[Seat], covered: dict[tuple[UUID, str], list[Seat]]) -> tuple[Cover, ...]:
    """Those stood in for, as far as one works over the same area of the same department oneself."""
    found = []
    for (account, name), theirs in covered.items():
        shared = tuple(seat for seat in theirs if _seated(seats, seat.department_id, seat.area_path, HANDS))
        if shared:
            found.append(Cover(account, name, shared))
    return tuple(found)

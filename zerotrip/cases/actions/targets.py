"""Who can be given a need: a person with a seat over the place, an office, whoever has the duty, whoever leads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from zerotrip.cases.models import TAKING_ROLES, Assignment, AssignmentStatus
from zerotrip.cases.routing import Target
from zerotrip.errors import Refused
from zerotrip.parties.access import actor_for
from zerotrip.parties.models import LEADING_ROLES, Membership, MembershipKind, Party, Role, User
from zerotrip.parties.queries import away, offices_above, seats_over

if TYPE_CHECKING:
    from zerotrip.cases.models import Case

HELPFUL = (Role.HELPER, Role.DUTY, Role.REVIEWER, Role.CLERK, Role.LEADER, Role.HEAD, Role.SUPERVISOR)
"""In which of several seats somebody helps, and who of an office is asked: the first there is."""


def target_of(seat: Membership) -> Target:
    """The person in a seat."""
    account = seat.person.account
    return Target(
        department_id=seat.organisation_id,
        office=seat.organisation.name,
        role=seat.role,
        account=account.pk,
        person=seat.person_id,
        name=seat.person.name,
    )


def office_of(seat: Membership) -> Target:
    """The seat whoever sits in it."""
    return Target(department_id=seat.organisation_id, office=seat.organisation.name, role=seat.role)


def of_person(account: UUID, *, area_path: str, at: datetime) -> Target:
    """Somebody by their account, in the seat they help from. Raises Refused when they have none over the place."""
    user = User.objects.filter(pk=account).first()
    seats = [
        one
        for one in seats_over(TAKING_ROLES, area_path=area_path, at=at)
        if user is not None and one.person_id == user.person_id
    ]
    if not seats:
        name = user.person.name if user else ""
        raise Refused(_("%(name)s没有管辖这里的岗位，请另选他人。") % {"name": name})
    if not (there := reachable(seats, at=at)):
        raise Refused(_("%(name)s外出，没有人代班，请另选他人。") % {"name": seats[0].person.name})
    return target_of(_first(there))


def of_office(office: UUID, *, area_path: str, at: datetime, role: str = "") -> Target:
    """A department or a team, by the role in which its people help. Raises Refused when nobody sits there."""
    roles = (Role(role),) if role else TAKING_ROLES
    seats = [one for one in seats_over(roles, area_path=area_path, at=at) if one.organisation_id == office]
    if not seats:
        name = Party.objects.filter(pk=office).values_list("name", flat=True).first() or ""
        raise Refused(_("%(name)s现在没有管辖这里的人，请另选。") % {"name": name})
    return office_of(_first(seats))


def _first(seats: Iterable[Membership]) -> Membership:
    return min(seats, key=lambda one: HELPFUL.index(Role(one.role)))


def reachable(seats: Collection[Membership], *, at: datetime) -> list[Membership]:
    """Those of these seats whose person is there, or has somebody standing in who may do what they do."""
    gone = away({one.person_id for one in seats}, at=at)
    stand_ins = {user.person_id: user for user in User.objects.filter(person__in=set(gone.values()))}
    found = []
    for seat in seats:
        other = stand_ins.get(gone[seat.person_id]) if seat.person_id in gone else None
        if seat.person_id not in gone or (other is not None and _covers(other, seat, at=at)):
            found.append(seat)
    return found


def _covers(other: User, seat: Membership, *, at: datetime) -> bool:
    return actor_for(other, at=at).stands_in(
        seat.person.account.pk, department_id=seat.organisation_id, area_path=seat.area_path, role=seat.role
    )


def on_duty(case: Case, *, at: datetime) -> Target | None:
    """The duty officer for the place of a case: of the nearest area that has one who can be reached, and of
    several the one with the least to do. None: no area above has any."""
    seats = [
        seat
        for seat in reachable(seats_over((Role.DUTY,), area_path=case.area_path, at=at), at=at)
        if not _acts_for(seat, case.applicant_id, at=at)
    ]
    nearest = [seat for seat in seats if seat.area_path == seats[0].area_path]
    if not nearest:
        return None
    busy = Assignment.objects.filter(
        assignee__in=[seat.person.account.pk for seat in nearest], status=AssignmentStatus.OPEN
    )
    load: dict[UUID, int] = dict(busy.values_list("assignee").annotate(n=Count("pk")).order_by())
    return target_of(min(nearest, key=lambda seat: (load.get(seat.person.account.pk, 0), str(seat.person_id))))


def _acts_for(seat: Membership, applicant: UUID, *, at: datetime) -> bool:
    """Whoever acts for the firm keeps out of helping it."""
    agents = Membership.objects.in_force(at).filter(kind=MembershipKind.AGENT)
    return agents.filter(person=seat.person_id, organisation=applicant).exists()


def leading(case: Case) -> Target:
    """Whoever leads the department the subject belongs to: always somebody's work, even of an empty seat."""
    return Target(department_id=case.department_id, office=case.department.name, role=Role.LEADER)


def above(case: Case, *, since: Iterable[Assignment], level: int, at: datetime) -> Target:
    """One level up from those who had a need: their leader, then the head, then the same of the department above
    and of the one the subject belongs to; from the third time on, supervision.

    Seats that had it already, and whoever handled it, are passed over. Nobody left: supervision too; without any
    supervisor, the leader of the subject's department.
    """
    handled = list(since)
    if level < SUPERVISED_FROM:
        hands = {who for one in handled for who in (one.assignee_id, one.done_by_id) if who}
        had = {(one.department_id, one.role) for one in handled}
        first = next((one.department_id for one in reversed(handled)), case.department_id)
        there = seats_over(LEADING_ROLES, area_path=case.area_path, at=at)
        for office, role in (*_levels(first), *_levels(case.department_id)):
            seats = [
                one
                for one in there
                if (one.organisation_id, one.role) == (office, role) and one.person.account.pk not in hands
            ]
            if seats and (office, role) not in had:
                return office_of(seats[0])
    watching = seats_over((Role.SUPERVISOR,), area_path=case.area_path, at=at)
    return office_of(watching[0]) if watching else leading(case)


SUPERVISED_FROM = 3
"""How often a firm is not content before supervision takes its need on."""


def _levels(office: UUID | None) -> Iterator[tuple[UUID, str]]:
    """The seats that answer for an office, from below, then those of the one it is part of."""
    for each in offices_above(office):
        for role in LEADING_ROLES:
            yield each, role.value

"""What the forms of visits offer: offices, people who go, forms to fill in; and what was typed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from zerotrip.duties.editions import name_of
from zerotrip.duties.models import Kind, Requirement
from zerotrip.duties.queries import checklists
from zerotrip.duties.rules import issuing_seats
from zerotrip.parties.queries import colleagues
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import typed

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat
    from zerotrip.web.requests import Request


def offices(actor: Actor) -> list[Seat]:
    """The offices somebody gives visits from, each once, the widest area first."""
    found: dict[UUID, Seat] = {}
    for seat in sorted(issuing_seats(Kind.VISIT, actor), key=lambda one: len(one.area_path)):
        found.setdefault(seat.department_id, seat)
    return list(found.values())


def office_typed(request: Request) -> UUID | None:
    """The office that was chosen; the only one where there is one."""
    there = offices(request.actor)
    chosen = uuid_from(typed(request, "office", most=40))
    if any(seat.department_id == chosen for seat in there):
        return chosen
    return there[0].department_id if there else None


def people(actor: Actor, *, at: datetime) -> list[tuple[UUID, str, str]]:
    """Who can go: oneself first, then the colleagues of one's offices, by name; with the office."""
    found: dict[UUID, tuple[UUID, str, str]] = {}
    there = [seat.department_id for seat in offices(actor)]
    for seat in colleagues(there, at=at):
        found.setdefault(seat.person_id, (seat.person_id, seat.person.name, seat.organisation.name))
    return sorted(found.values(), key=lambda one: (one[0] != actor.person_id, one[1]))


def forms() -> list[Requirement]:
    """The forms of visits there are."""
    return checklists(Kind.VISIT)


def form_called(name: str | None) -> UUID | None:
    """The form of this name in its pack; the general one, or the first, where there is none of it."""
    there = forms()
    by_name = {name_of(one): one.pk for one in there}
    return by_name.get(name or "visit") or (there[0].pk if there else None)

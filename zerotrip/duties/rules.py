"""May this be answered, looked at, passed on, closed now? One rule for the button and for the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.duties.models import ORDERED, Kind, Status
from zerotrip.parties.models import HANDS, HELPING_ROLES, LEADING_ROLES

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation, Requirement
    from zerotrip.parties.access import Actor, Seat


def issuing_seats(kind: Kind, actor: Actor) -> tuple[Seat, ...]:
    """The seats from which somebody may give orders: leaders, and for visits also those who help enterprises."""
    roles = (*LEADING_ROLES, *HELPING_ROLES) if kind is Kind.VISIT else LEADING_ROLES
    return actor.seats_as(*roles)


def answers_for(obligation: Obligation, actor: Actor) -> bool:
    """Whether somebody is, acts for, or works in the office of whoever owes it."""
    if obligation.owner_id in actor.acts_for:
        return True
    return any(
        seat.department_id == obligation.owner_id and obligation.area_path.startswith(seat.area_path)
        for seat in actor.seats_as(*HANDS)
    )


def watches(obligation: Obligation, actor: Actor) -> bool:
    """Whether somebody works in the office that looks after it."""
    return any(
        seat.department_id == obligation.watcher_id and obligation.area_path.startswith(seat.area_path)
        for seat in actor.seats_as(*HANDS)
    )


def may_answer(obligation: Obligation, actor: Actor) -> bool:
    """Whoever owes it may answer, and answer anew as long as nobody has found the answer good."""
    requirement = obligation.requirement
    if obligation.kind not in ORDERED or requirement.closed_at is not None:
        return False
    again = obligation.status == Status.KEPT and not requirement.checked
    waits = obligation.status in (Status.OPEN, Status.HANDED_IN)
    return (waits or again) and answers_for(obligation, actor)


def may_check(obligation: Obligation, actor: Actor) -> bool:
    """Whoever looks after it says whether an answer will do; whether a firm has recovered its figures say."""
    if obligation.kind == Kind.WARNING:
        return False
    return obligation.status == Status.HANDED_IN and watches(obligation, actor)


def may_pass_on(obligation: Obligation, actor: Actor) -> bool:
    """Whoever leads the office that owes a task may ask it of those below, once only: no further down than that.

    Somebody has to bring the answers together; a task passed on twice has nobody who sees all of them.
    """
    if obligation.kind != Kind.TASK or obligation.part_of_id is not None or obligation.status != Status.OPEN:
        return False
    return any(seat.department_id == obligation.owner_id for seat in actor.seats_as(*LEADING_ROLES))


def may_manage(requirement: Requirement, actor: Actor) -> bool:
    """Whoever issued an order, or leads the office that did, may add to it, move its days, urge, close it."""
    if requirement.issuer_id is None or requirement.closed_at is not None:
        return False
    if requirement.issued_by_id == actor.user_id and any(
        seat.department_id == requirement.issuer_id for seat in actor.seats
    ):
        return True
    return any(
        seat.department_id == requirement.issuer_id and requirement.area_path.startswith(seat.area_path)
        for seat in actor.seats_as(*LEADING_ROLES)
    )

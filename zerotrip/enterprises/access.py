"""Who may see and do what with the record of an enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotrip.errors import NotFound
from zerotrip.parties.models import LEADING_ROLES, Party, PartyKind, Role

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor, Seat

MERGING = (*LEADING_ROLES, Role.ADMINISTRATOR)
"""Who answers for there being one record of each enterprise."""


def load(uscc: str, actor: Actor) -> Party:
    """The enterprise of this code that ``actor`` may see. One that was merged leads to the one it is now.

    Raises NotFound.
    """
    firms = Party.objects.visible_to(actor).filter(kind=PartyKind.ENTERPRISE)
    found = firms.live().filter(uscc=uscc.upper()).first()
    if found is None:
        ended = firms.filter(uscc=uscc.upper(), merged_into__isnull=False).order_by("-ended_at").first()
        found = survivor_of(ended) if ended is not None else None
    if found is None or not _sees(found, actor):
        raise NotFound("没有找到这家企业，或它不在您的辖区。")
    return found


def survivor_of(party: Party) -> Party:
    """The party it goes on as: itself, unless it was merged, once or several times."""
    for _step in range(20):  # a chain is short; a ring cannot be made, for what has ended is not merged into
        if party.merged_into is None:
            return party
        party = party.merged_into
    return party


def _sees(party: Party, actor: Actor) -> bool:
    return party.pk in actor.acts_for or any(over(seat, party) for seat in actor.seats)


def over(seat: Seat, party: Party) -> bool:
    """Whether a seat is over the area of a party. Nobody's is over one that is nowhere."""
    return bool(party.area_path) and party.area_path.startswith(seat.area_path)


def may_merge(actor: Actor, *parties: Party) -> bool:
    """Whether somebody may say that these are one, or two: who leads over the areas of all."""
    seats = actor.seats_as(*MERGING)
    return all(any(over(seat, party) for seat in seats) for party in parties)


def may_state(actor: Actor, party: Party) -> bool:
    """Whether somebody may record facts of it as an office: who works over its area."""
    return any(over(seat, party) for seat in actor.seats)

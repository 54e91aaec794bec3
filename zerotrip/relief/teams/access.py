"""Who says who belongs to a task force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.enterprises.access import over
from zerotrip.errors import NotFound
from zerotrip.parties.models import LEADING_ROLES, Party, PartyKind

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor


def load(team_id: UUID, actor: Actor) -> Party:
    """A task force ``actor`` may see. Raises NotFound."""
    found = Party.objects.visible_to(actor).live().filter(pk=team_id, kind=PartyKind.TEAM).first()
    if found is None:
        raise NotFound(_("没有找到这个专班。"))
    return found


def may_man(actor: Actor, team: Party) -> bool:
    """Whether somebody says who belongs to a task force: whoever leads an office, or the team, over its area."""
    return actor.is_system or any(over(seat, team) for seat in actor.seats_as(*LEADING_ROLES))

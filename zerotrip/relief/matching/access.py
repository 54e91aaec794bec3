"""Who may see an entry or an introduction, and who may do what to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.parties.models import HANDS
from zerotrip.relief.models import Introduction, Meeting, Resource
from zerotrip.relief.models.resources import SEEING_ROLES

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.spec import Side

SHOWING = (Meeting.INTRODUCED, Meeting.SUCCEEDED)
"""Where both sides see each other's contacts."""


def load(resource_id: UUID, actor: Actor) -> Resource:
    """The entry, if ``actor`` may see it in full. Raises NotFound alike for both reasons."""
    found = Resource.objects.visible_to(actor).select_related("party").filter(pk=resource_id).first()
    if found is None:
        raise NotFound(_("没有找到这条供需信息。"))
    return found


def load_offer(resource_id: UUID) -> Resource:
    """An offer everybody may know of, for its public face. Raises NotFound."""
    found = Resource.objects.available().select_related("party").filter(pk=resource_id, side="offer").first()
    if found is None:
        raise NotFound(_("这条供给已经落实、撤下或正在预留中。"))
    return found


def load_introduction(introduction_id: UUID, actor: Actor) -> Introduction:
    """The introduction with both sides, if ``actor`` may see it. Raises NotFound."""
    seen = Introduction.objects.visible_to(actor).select_related("offer__party", "want__party")
    found = seen.filter(pk=introduction_id).first()
    if found is None:
        raise NotFound(_("没有找到这次牵线。"))
    return found


def works_over(actor: Actor, area_path: str) -> bool:
    """Whether a seat that does work is held over the area."""
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS))


def may_manage(resource: Resource, actor: Actor) -> bool:
    """Whether ``actor`` may change an entry: whose it is, or staff of its area in their name."""
    return actor.is_system or resource.party_id in actor.acts_for or works_over(actor, resource.area_path)


def require_manager(resource: Resource, actor: Actor) -> None:
    """Raises NotAllowed unless ``actor`` may change the entry."""
    if not may_manage(resource, actor):
        raise NotAllowed(_("只有发布的一方或所在地的工作人员可以操作。"))


def own_side(introduction: Introduction, actor: Actor) -> Side | None:
    """The side on which ``actor`` stands for a party; None for staff and for nobody."""
    if introduction.want_party_id in actor.acts_for:
        return "want"
    return "offer" if introduction.offer_party_id in actor.acts_for else None


def sides(introduction: Introduction, actor: Actor) -> tuple[Side, ...]:
    """The sides ``actor`` may speak for: one's own, or as staff those that lie in one's area."""
    if (own := own_side(introduction, actor)) is not None:
        return (own,)
    found: list[Side] = []
    if works_over(actor, introduction.offer_area):
        found.append("offer")
    if works_over(actor, introduction.want_area):
        found.append("want")
    return tuple(found)


def require_side(introduction: Introduction, side: Side, actor: Actor) -> None:
    """Raises NotAllowed unless ``actor`` may speak for this side."""
    if side not in sides(introduction, actor):
        raise NotAllowed(_("您不能代表这一方操作。"))


def sees_contacts(introduction: Introduction, side: Side, actor: Actor) -> bool:
    """Whether ``actor``, who may see the introduction, is shown who is on ``side``, and how to reach them.

    One's own, and to staff those of their area, always; the other side once both have agreed.
    """
    if own_side(introduction, actor) == side:
        return True
    area = introduction.offer_area if side == "offer" else introduction.want_area
    if own_side(introduction, actor) is None and any(
        area.startswith(seat.area_path) for seat in actor.seats_as(*SEEING_ROLES)
    ):
        return True
    return introduction.status in SHOWING

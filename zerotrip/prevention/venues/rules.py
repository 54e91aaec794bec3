"""Who may check at a door, and whom it lets in. The page and the action ask the same functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed
from zerotrip.parties.models import HANDS
from zerotrip.prevention.gates.rules import stands_at, stood_at
from zerotrip.prevention.models import HealthColour, Outcome, ToldBy, TurnedAway
from zerotrip.prevention.venues.spec import Without

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Site
    from zerotrip.prevention.venues.spec import VenuesSpec


def may_check(actor: Actor, site: Site, *, at: datetime | None = None) -> bool:
    """Whether the actor checks people at a door: whose site it is, staff of the area, who stands there now.

    Of what a phone sends later, who stood there ``at`` the moment.
    """
    if site.owner_id is not None and site.owner_id in actor.acts_for:
        return True
    if any(site.area_path.startswith(seat.area_path) for seat in actor.seats_as(*HANDS)):
        return True
    return stands_at(actor, site) if at is None else stood_at(actor, site, at=at)


def require_check(actor: Actor, site: Site, *, at: datetime | None = None) -> None:
    """Raise NotAllowed unless ``may_check``."""
    if not may_check(actor, site, at=at):
        raise NotAllowed(_("由场所的人、负责这个区域的工作人员，或者正在这里值守的人查验。"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the door does."""

    outcome: Outcome
    reasons: tuple[TurnedAway, ...] = ()

    @property
    def let_in(self) -> bool:
        """Whether they come in."""
        return self.outcome != Outcome.AWAY


def judged(
    spec: VenuesSpec,
    *,
    colour: str,
    told_by: str,
    temperature: Decimal | None,
    mask: bool,
    report: bool = False,
) -> Verdict:
    """Whether somebody is let in, by the district's rules.

    What keeps them out stands first: fever, the colour (also one the keeper sees while the service is down), the
    mask. Then what holds for whoever has no code, and while the service does not answer. ``report``: a test report
    that is fresh enough was shown.
    """
    out = []
    if temperature is not None and temperature >= spec.fever:
        out.append(TurnedAway.FEVER)
    if colour in spec.refuse_codes:
        out.append(TurnedAway.COLOUR)
    if spec.masks and not mask:
        out.append(TurnedAway.MASK)
    if out:
        return Verdict(Outcome.AWAY, tuple(out))
    if colour == HealthColour.NONE:
        return _without(spec.no_code, TurnedAway.NO_CODE, report=report)
    if told_by == ToldBy.DOWN:
        return _without(spec.down, TurnedAway.DOWN, report=report)
    return Verdict(Outcome.IN)


def _without(rule: Without, why: TurnedAway, *, report: bool) -> Verdict:
    if rule == Without.REGISTER or (rule == Without.REPORT and report):
        return Verdict(Outcome.REGISTERED, (why,))
    return Verdict(Outcome.AWAY, (why, TurnedAway.REPORT) if rule == Without.REPORT else (why,))

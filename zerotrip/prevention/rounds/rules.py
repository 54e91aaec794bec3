"""Who may open and close rounds, have the missing called, and run points. The button and the guard ask the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.duties import editions
from zerotrip.duties.models import Window
from zerotrip.duties.standing.declared import SORT, spec_of
from zerotrip.duties.standing.sources import REPORT
from zerotrip.errors import NotAllowed, Refused
from zerotrip.parties.models import HANDS, LEADING_ROLES
from zerotrip.prevention.models import Measure
from zerotrip.prevention.models.rounds import followed

if TYPE_CHECKING:
    from zerotrip.duties.models import Requirement
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Role


def _sits(actor: Actor, area_path: str, roles: tuple[Role, ...]) -> bool:
    return any(area_path.startswith(seat.area_path) for seat in actor.seats_as(*roles))


def may_lead(actor: Actor, area_path: str) -> bool:
    """Whether the actor opens, closes and plans rounds of an area: whoever leads an office over it."""
    return _sits(actor, area_path, LEADING_ROLES)


def require_lead(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless ``may_lead``."""
    if not may_lead(actor, area_path):
        raise NotAllowed(_("由负责这个区域的部门负责人办理。"))


def may_follow(actor: Actor, area_path: str) -> bool:
    """Whether the actor calls the missing of an area, has them called, and tells how long queues are."""
    return _sits(actor, area_path, HANDS)


def require_follow(actor: Actor, area_path: str) -> None:
    """Raise NotAllowed unless ``may_follow``."""
    if not may_follow(actor, area_path):
        raise NotAllowed(_("由负责这个区域的工作人员办理。"))


def screenings() -> list[Requirement]:
    """The duties of people to be sampled."""
    rows = [(row, spec_of(row)) for row in editions.standing(SORT)]
    return [row for row, spec in rows if spec.measure == Measure.SCREENING.value and spec.who == "person"]


def rounds() -> list[Requirement]:
    """Those whose windows are opened by hand."""
    return [row for row in screenings() if spec_of(row).by_hand]


def has_callers(window: Window) -> bool:
    """Whether the missing of a window get a caller: those of a round, and firms of a survey."""
    spec = spec_of(window.requirement)
    return is_screening(window) or (spec.by_hand and spec.who == "enterprise" and spec.act == REPORT)


def is_followed(window: Window, *, at: datetime) -> bool:
    """Whether the missing of a window are called at a moment, and excused: see ``models.rounds.followed``."""
    return Window.objects.filter(followed(at), pk=window.pk).exists()


def require_followed(window: Window, *, at: datetime) -> None:
    """Raise Refused unless ``is_followed``."""
    if not is_followed(window, at=at):
        raise Refused(_("这一次已经结束，没来的人名单不再变动。还要联系的，请到正在进行的那一次里登记。"))


def is_screening(window: Window) -> bool:
    """Whether a window, of whatever edition, asks people to be sampled."""
    spec = spec_of(window.requirement)
    return spec.measure == Measure.SCREENING.value and spec.who == "person"

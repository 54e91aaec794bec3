"""What goes of sealed areas with an event: what doors asked for, and which doors were sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import DoorRequest, Measure, SealedPlace

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended


def requests(ended: Ended) -> int:
    """Delete what doors asked for."""
    past = ended.past("settled_at", "sealed__during__endswith")
    return DoorRequest.objects.filter(ended.rows(), past).delete()[0]


def doors(ended: Ended) -> int:
    """Delete the doors; that a grid or a building was sealed, by whom and why, stays on record."""
    going = ended.rows(at="during__startswith") & ended.past("during__endswith")
    rows = SealedPlace.objects.exclude(door="").filter(going)
    return rows.delete()[0]


PURGES = {"prevention.DoorRequest": requests, "prevention.SealedPlace": doors}
"""By the table."""
HOLDS = {
    "prevention.DoorRequest": Holds(
        "prevention.DoorRequest",
        _("封控住户要什么：门牌、物品和药品、人数、电话"),
        _("把餐食、药品和物资送到户"),
        Basis.HEALTH,
        Expiry.OVER,
        _("删除整条；还在封控、没有送到的不删"),
        Measure.SUPPLIES,
    ),
    "prevention.SealedPlace": Holds(
        "prevention.SealedPlace",
        _("封控到户的门牌和起止时间"),
        _("知道哪些门封着，门口不放行"),
        Basis.HEALTH,
        Expiry.OVER,
        _("删除门牌；哪个区域封过、谁决定的留下"),
        Measure.SUPPLIES,
    ),
}

"""The people in movements go with the event; what is left says what moved from where to where, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import LotFile, Movement

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "lots"
HOLDS = [
    Holds(
        "prevention.Movement",
        _("货物从哪里到哪里；经手人姓名和电话、车牌、个人买家"),
        _("问题货物追得到每一个经手的人"),
        Basis.EMERGENCY,
        Expiry.DAY,
        _("清空姓名、电话、车牌和个人买家；货物的来去留下"),
    ),
    Holds(
        "prevention.LotFile",
        _("货物的证明和消杀记录，消杀人姓名"),
        _("消杀、检测有据可查"),
        Basis.EMERGENCY,
        Expiry.DAY,
        _("清空消杀人姓名；证明留下"),
    ),
]


def purge(ended: Ended) -> int:
    """Take the names of handlers, drivers and buyers out of movements, and of who disinfected out of its log.

    The trace of goods stays: records of imported cold-chain food are kept for two years at least (《进口冷链食品
    预防性全面消毒工作方案》, 2020-11-08). How many rows there were.
    """
    named = ~Q(handler="") | ~Q(handler_phone="") | ~Q(plate="") | (Q(outside_person=True) & ~Q(outside=""))
    outside = Case(When(outside_person=True, then=Value("")), default=F("outside"), output_field=CharField())
    moved = Movement.objects.filter(ended.rows()).filter(named)
    gone = moved.update(handler="", handler_phone="", plate="", outside=outside)
    logs = LotFile.objects.filter(ended.rows(area="holder__area_path", at="done_at"), is_log=True).exclude(who="")
    return gone + LotFile.objects.filter(pk__in=list(logs.values_list("pk", flat=True))).update(who="")

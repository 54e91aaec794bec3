"""Who was called in a round and what was said, and which doors were to come when, goes with the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Call, Caller, GridSlot, PointPlan

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from zerotrip.prevention.events.purging import Ended

NAME = "calls"
PLANS = "point plans"


def _held(table: str, what: StrPromise, purpose: StrPromise, basis: Basis = Basis.EMERGENCY) -> Holds:
    return Holds(table, what, purpose, basis, Expiry.OVER, _("删除整条"))


HOLDS = [
    _held("prevention.Caller", _("没有来的人和企业由谁联系"), _("逐人联系，不漏一人")),
    _held("prevention.Call", _("每次联系的结果和说明，如身体不便"), _("下次联系的人知道情况"), Basis.HEALTH),
]
PLANS_HOLD = [
    _held("prevention.PointPlan", _("一轮采样怎样安排到点"), _("住户知道几点到哪里采样")),
    _held("prevention.GridSlot", _("哪个网格、从哪户到哪户、几点到哪个点"), _("错开时间，不聚集")),
]


def purge(ended: Ended) -> int:
    """Delete the callers of the area and their calls."""
    callers = Caller.objects.filter(ended.rows(at="given_at"), ended.past("ended_at", "window__ends"))
    gone = Call.objects.filter(caller__in=callers.values("pk"))._raw_delete("default")
    return gone + callers._raw_delete("default")


def purge_plans(ended: Ended) -> int:
    """Delete the plans of points of the area."""
    plans = PointPlan.objects.filter(ended.rows(at="made_at"), ended.past("window__ends"))
    GridSlot.objects.filter(plan__in=plans.values("pk"))._raw_delete("default")
    return plans._raw_delete("default")

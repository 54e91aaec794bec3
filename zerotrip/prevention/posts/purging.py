"""What goes of posts with an event: who stood where and when. Credited time stays, as a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Gap, Measure, Plan, Shift, Worker

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from zerotrip.prevention.events.purging import Ended


def _held(table: str, what: StrPromise, purpose: StrPromise, expiry: Expiry = Expiry.DAY) -> Holds:
    return Holds(table, what, purpose, Basis.OFFICE, expiry, _("删除整条，只留累计工时"), Measure.POSTS)


HOLDS = [
    _held("prevention.Shift", _("谁在哪个岗位值哪个班、什么时候签到签退"), _("岗位不空，工时算得清")),
    _held("prevention.Swap", _("谁请谁换班、原因"), _("换班双方和负责人都同意")),
    _held("prevention.Gap", _("哪个班缺人"), _("提前一天补上")),
    _held("prevention.Plan", _("一次排班：谁排的，没有排成的原因"), _("排班可以重新算出来")),
]
WORKERS = Holds(
    "prevention.Worker",
    _("值守人员：姓名、电话、单位、技能、能来的时间"),
    _("排班，没有到岗时联系本人"),
    Basis.CONSENT,
    Expiry.LEAVES,
    _("退出时清空电话和单位，不再排班"),
    Measure.POSTS,
)


def purge_shifts(ended: Ended) -> int:
    """Delete the shifts, with their swaps, the gaps, and the plans nothing is left of."""
    going = Shift.objects.filter(ended.rows(at="during__startswith"))
    credits = going.filter(credited__gt=0).values("worker").annotate(minutes=Sum("credited")).order_by("worker")
    for row in list(credits):
        Worker.objects.filter(pk=row["worker"]).update(minutes_before=F("minutes_before") + row["minutes"])
    plans = set(going.values_list("plan", flat=True))
    count = going.count()
    going.delete()
    Gap.objects.filter(ended.rows(at="starts_at")).delete()
    Plan.objects.filter(pk__in=plans, shifts=None).delete()
    return count

"""What goes of gates with an event: the log of its days, and the list of those not let in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Block, Measure, Passage

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

AHEAD = 14
"""Days for which the log is ready."""
PASSAGES = [
    Holds(
        "prevention.Passage",
        _("卡口登记：车牌、司机姓名和电话、体温、健康码、从哪里来、进出时间、照片"),
        _("查清谁在什么时候从哪里来过，发热和码异常的不放行"),
        Basis.HEALTH,
        Expiry.DAY,
        _("删除整条登记，照片随后清除"),
        Measure.GATES,
    )
]
BLOCKS = [
    Holds(
        "prevention.Block",
        _("拦截名单：车牌或者司机电话、原因"),
        _("各卡口不放行名单上的车和人"),
        Basis.HEALTH,
        Expiry.OVER,
        _("删除整条"),
        Measure.GATES,
    )
]


def purge_passages(ended: Ended) -> int:
    """Delete the passages; their pictures go with the next sweep of the file store."""
    return Passage.objects.filter(ended.rows(at="entered_at")).delete()[0]


def purge_blocks(ended: Ended) -> int:
    """Delete the blocks that were put up for it."""
    going = ended.rows(at="put_at") & ended.past("during__endswith", "lifted_at")
    return Block.objects.filter(going).delete()[0]


def turn_days(today: date, *, keep: int) -> int:
    """Make the log of the next days ready, drop empty days older than ``keep``; how many were dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_passage_day(%s::date + n) FROM generate_series(0, %s) AS n", [today, AHEAD]
        )
        cursor.execute("SELECT prevention_drop_passage_days(%s::date - %s)", [today, keep])
        return int(cursor.fetchone()[0])

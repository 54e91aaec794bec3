"""What goes of doors with an event: who came, day by day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Measure, VenueScan

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "prevention.VenueScan"
HOLDS = [
    Holds(
        NAME,
        _("场所门口的查验：谁（只存不可还原的摘要）、健康码、体温、口罩、时间"),
        _("查清同一时间在场的人，不合要求的不进"),
        Basis.HEALTH,
        Expiry.DAY,
        _("删除整条"),
        Measure.VENUES,
    )
]
AHEAD = 14
"""Days for which the table is ready."""


def purge(ended: Ended) -> int:
    """Delete the scans."""
    return VenueScan.objects.filter(ended.rows())._raw_delete("default")


def turn_days(today: date, *, keep: int) -> int:
    """Make the next days ready, drop empty days older than ``keep``; how many were dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_scan_day(%s::date + n) FROM generate_series(0, %s) AS n", [today, AHEAD]
        )
        cursor.execute("SELECT prevention_drop_scan_days(%s::date - %s)", [today, keep])
        return int(cursor.fetchone()[0])

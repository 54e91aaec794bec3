"""What goes of doors with an event: who came, day by day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection

from zerotrip.prevention.models import VenueScan

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

NAME = "prevention.VenueScan"
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

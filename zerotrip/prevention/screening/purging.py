"""What goes of sampling with an event. See ``events.purging``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection

from zerotrip.prevention.models import Box, Mishap, Result, ResultFile, Retest, Sample, Tube

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

AHEAD = 3
"""Days for which the table of samples is ready."""


def purge(ended: Ended) -> int:
    """Delete the tubes of the area, who was in them and what was found; how many rows."""
    tubes = Tube.objects.filter(ended.rows(at="begun_at"))
    codes = tubes.values("pk")
    gone = Retest.objects.filter(tube__in=codes)._raw_delete("default")
    gone += Sample.objects.filter(tube__in=codes)._raw_delete("default")
    files = ResultFile.objects.filter(ended.rows(at="asked_at"))
    gone += Result.objects.filter(tube__in=codes)._raw_delete("default")
    gone += Result.objects.filter(file__in=files.values("pk"))._raw_delete("default")
    gone += tubes._raw_delete("default")
    boxes = Box.objects.filter(ended.rows(at="packed_at"), tubes=None)
    gone += Mishap.objects.filter(box__in=boxes.values("pk"))._raw_delete("default")
    return gone + boxes._raw_delete("default")


def turn_days(today: date, *, keep: int) -> int:
    """Make the days to come ready, drop empty days older than ``keep``; how many were dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_sample_day(%s::date + n) FROM generate_series(0, %s) AS n", [today, AHEAD]
        )
        cursor.execute("SELECT prevention_drop_sample_days(%s::date - %s)", [today, keep])
        return int(cursor.fetchone()[0])

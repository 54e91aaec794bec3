"""What goes of gates with an event: the log of its days, and the list of those not let in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection

from zerotrip.prevention.models import Block, Passage

if TYPE_CHECKING:
    from zerotrip.prevention.events.purging import Ended

AHEAD = 14
"""Days for which the log is ready."""


def purge_passages(ended: Ended) -> int:
    """Delete the passages; their pictures go with the next sweep of the file store."""
    return Passage.objects.filter(ended.rows(at="entered_at")).delete()[0]


def purge_blocks(ended: Ended) -> int:
    """Delete the blocks that were put up for it."""
    return Block.objects.filter(ended.rows(at="put_at")).delete()[0]


def turn_days(today: date, *, keep: int) -> int:
    """Make the log of the next days ready, drop empty days older than ``keep``; how many were dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_passage_day(%s::date + n) FROM generate_series(0, %s) AS n", [today, AHEAD]
        )
        cursor.execute("SELECT prevention_drop_passage_days(%s::date - %s)", [today, keep])
        return int(cursor.fetchone()[0])

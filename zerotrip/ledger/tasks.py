"""Jobs of the journal."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app

MONTHS_AHEAD = 24


@app.periodic(cron="17 3 1 * *")
@app.task(name="ledger.make_partitions", queueing_lock="ledger.make_partitions")
def make_partitions(timestamp: int) -> None:
    """Keep two years of monthly partitions ready, so that none is ever missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_make_partition((to_timestamp(%s) + n * interval '1 month')::date)"
            " FROM generate_series(0, %s) AS n",
            [timestamp, MONTHS_AHEAD],
        )

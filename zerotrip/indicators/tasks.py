"""Jobs of indicators: each reads the clock and calls one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.indicators import actions


@app.periodic(cron="25 * * * *")
@app.task(name="indicators.purge", queueing_lock="indicators.purge")
def purge(timestamp: int) -> None:
    """Delete the workbooks nobody confirmed in their day."""
    actions.purge(at=timezone.now())

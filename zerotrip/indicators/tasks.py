"""Jobs of indicators: each reads the clock and calls one action."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.indicators import actions


@app.task(name="indicators.work", retry=2)
def work(filing: str) -> None:
    """Do what a workbook waits for: to be looked through, or taken. Safe to run again after a crash anywhere."""
    key, at = UUID(filing), timezone.now()
    if actions.take(key, at=at) is None:
        actions.look_through(key, at=at)


@app.periodic(cron="25 * * * *")
@app.task(name="indicators.purge", queueing_lock="indicators.purge")
def purge(timestamp: int) -> None:
    """Delete the workbooks nobody confirmed in their day."""
    actions.purge(at=timezone.now())

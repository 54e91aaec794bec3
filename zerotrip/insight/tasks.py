"""Jobs of insight: they read the clock and fold."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.insight import actions

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="insight.fold", queueing_lock="insight.fold")
def fold(timestamp: int) -> None:
    """Add what was handed in and closed since the last time. Safe to run again after a crash anywhere."""
    done = actions.fold(at=timezone.now())
    if done:
        log.info("folded: %d", done)


@app.periodic(cron="40 3 * * *")
@app.task(name="insight.compare", queueing_lock="insight.compare")
def compare(timestamp: int) -> None:
    """Compare the facts of all cases with the cases, and fold what the minute's look missed."""
    missed = actions.fold(at=timezone.now(), whole=True)
    if missed:
        log.warning("folded late: %d", missed)

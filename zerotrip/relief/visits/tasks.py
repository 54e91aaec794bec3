"""Jobs of visits: each reads the clock and calls one action."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)


@app.periodic(cron="40 21 * * *")
@app.task(name="relief.warn", queueing_lock="relief.warn")
def warn(timestamp: int) -> None:
    """Close the warnings that have turned and ask those of all enterprises: at night in China, when the figures of
    the day are in."""
    from zerotrip.relief.visits.actions import turn_all, warn_all

    now = timezone.now()
    log.info("warnings: %d turned", turn_all(at=now))
    log.info("warnings: %d", warn_all(at=now))

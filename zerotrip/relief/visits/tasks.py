"""Jobs of visits: each reads the clock and calls one action."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)


@app.periodic(cron="40 21 * * *")
@app.task(name="relief.warn", queueing_lock="relief.warn")
def warn(timestamp: int) -> None:
    """Ask the warnings of all enterprises: at night in China, when the figures of the day are in."""
    from zerotrip.relief.visits.actions.warning import warn_all

    log.info("warnings: %d", warn_all(at=timezone.now()))

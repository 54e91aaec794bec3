"""Jobs of facts: they read the clock and derive."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.facts import actions

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="facts.derive", queueing_lock="facts.derive")
def derive(timestamp: int) -> None:
    """Derive what counts of enterprises of which something is stale, or whose vocabulary changed."""
    done = actions.derive_due(at=timezone.now())
    if done:
        log.info("derived: %d", done)

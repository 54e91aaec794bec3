"""Jobs of relief: each reads the clock and calls one action."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

log = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="relief.see_to_rules", queueing_lock="relief.see_to_rules")
def see_to_rules(timestamp: int) -> None:
    """Stop the routing rules whose person left, and follow those again whose person came back."""
    from zerotrip.relief.routing import actions

    if changed := actions.see_to_rules(at=timezone.now()):
        log.info("routing rules stopped or followed again: %d", changed)

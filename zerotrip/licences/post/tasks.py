"""Jobs of delivery: each reads the clock and calls one action."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.licences.post import actions
from zerotrip.licences.post.couriers import Silent, courier
from zerotrip.licences.post.queries import to_ask
from zerotrip.licences.post.states import Source

log = logging.getLogger(__name__)


@app.periodic(cron="*/15 * * * *")
@app.task(name="licences.ask_courier", queueing_lock="licences.ask_courier")
def ask_courier(timestamp: int) -> None:
    """Ask about the parcels under way, those first that were not asked about for longest.

    A courier that does not answer is left alone until the next time.
    """
    asked = courier()
    if asked is None:
        return
    at = timezone.now()
    for numbers in to_ask():
        actions.mark_asked(numbers, at=at)
        try:
            reports = asked.ask(numbers, at=at)
        except Silent as silence:
            log.warning("the courier did not answer as agreed: %s", silence)
            return
        if reports:
            actions.take(reports, source=Source.POLLING, at=timezone.now(), asked=numbers)


@app.periodic(cron="23 3 * * *")
@app.task(name="licences.purge_deliveries", queueing_lock="licences.purge_deliveries")
def purge_deliveries(timestamp: int) -> None:
    """Wipe addresses that are no longer needed, every night."""
    at = timezone.now()
    while actions.purge(at=at):
        pass

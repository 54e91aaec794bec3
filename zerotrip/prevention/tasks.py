"""Jobs of prevention: read the clock, call one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.prevention.events import purging
from zerotrip.workdays.calendar import CHINA


@app.periodic(cron="17 * * * *")
@app.task(name="prevention.purge", queueing_lock="prevention.purge")
def purge(timestamp: int) -> None:
    """Purge what the events held that ended long enough ago."""
    at = timezone.now()
    for event in purging.due(on=at.astimezone(CHINA).date()):
        purging.purge(event, at=at)

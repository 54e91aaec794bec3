"""Jobs of matching: read the clock, call one action."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.relief.matching import actions
from zerotrip.relief.models import Resource

log = logging.getLogger(__name__)


@app.task(name="relief.match")
def match(resource: str) -> None:
    """Look for matches of an entry, after it was kept: of two entered at once, the later finds the other."""
    found = Resource.objects.available().filter(pk=resource).first()
    if found is not None:
        actions.match(found, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="relief.sweep", queueing_lock="relief.sweep")
def sweep(timestamp: int) -> None:
    """Ask after, hide and end what is due."""
    done = actions.sweep(at=timezone.now())
    if done:
        log.info("swept: %d", done)

"""Jobs of prevention: read the clock, call one action."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.prevention.events import purging
from zerotrip.prevention.rosters.actions import files
from zerotrip.workdays.calendar import CHINA


@app.periodic(cron="17 * * * *")
@app.task(name="prevention.purge", queueing_lock="prevention.purge")
def purge(timestamp: int) -> None:
    """Purge what the events held that ended long enough ago."""
    at = timezone.now()
    for event in purging.due(on=at.astimezone(CHINA).date()):
        purging.purge(event, at=at)
    files.purge(at=at)


@app.task(name="prevention.roster", lock="prevention.roster", retry=2)
def work_on_roster(file: str) -> None:
    """Look a roster file through, or take it over: one at a time. Safe to run again after a crash anywhere."""
    key, at = UUID(file), timezone.now()
    if files.take_over(key, at=at) is None:
        files.look_through(key, at=at)

"""Jobs of duties: read the clock, call one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.duties.actions import remind
from zerotrip.duties.models import Obligation

AT_ONCE = 2000
"""Reminders of one run; what is left has its turn a minute later."""


@app.periodic(cron="* * * * *")
@app.task(name="duties.remind", queueing_lock="duties.remind")
def remind_all(timestamp: int) -> None:
    """Remind of what is due soon."""
    at = timezone.now()
    for pk in Obligation.objects.due().filter(remind_at__lte=at).values_list("pk", flat=True)[:AT_ONCE]:
        remind(pk, at=at)

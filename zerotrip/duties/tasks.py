"""Jobs of duties: read the clock, call one action."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.duties.actions.answering import miss_some
from zerotrip.duties.actions.owing import remind
from zerotrip.duties.models import ORDERED, Obligation

AT_ONCE = 2000
"""Reminders of one run; what is left has its turn a minute later."""


@app.periodic(cron="* * * * *")
@app.task(name="duties.remind", queueing_lock="duties.remind")
def remind_all(timestamp: int) -> None:
    """Remind of what is due soon."""
    at = timezone.now()
    for pk in Obligation.objects.due().filter(remind_at__lte=at).values_list("pk", flat=True)[:AT_ONCE]:
        remind(pk, at=at)


@app.periodic(cron="* * * * *")
@app.task(name="duties.miss", queueing_lock="duties.miss")
def miss_all(timestamp: int) -> None:
    """Find what was asked by an order and is overdue, an order at a time."""
    at = timezone.now()
    overdue = Obligation.objects.due().filter(kind__in=ORDERED, due_at__lt=at, missed_at=None)
    for requirement, watcher in overdue.order_by().values_list("requirement", "watcher").distinct():
        miss_some(requirement, watcher, at=at)

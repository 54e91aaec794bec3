"""Jobs of duties: read the clock, call one action."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.duties.actions.answering import miss_some
from zerotrip.duties.actions.owing import remind
from zerotrip.duties.models import ORDERED, Obligation
from zerotrip.duties.standing import filling, reminding, turning

MONTHS_AHEAD = 24
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


@app.periodic(cron="* * * * *")
@app.task(name="duties.turn", queueing_lock="duties.turn")
def turn(timestamp: int) -> None:
    """Open the windows of standing duties that have begun, and remind in those that end soon."""
    at = timezone.now()
    turning.turn(at=at)
    reminding.remind(at=at)
    filling.take_up()


@app.task(name="duties.fill", retry=5)
def fill(window: int) -> None:
    """Write what everybody owes in a window somebody opened. Goes on where it was killed."""
    filling.go_on(window, at=timezone.now())


@app.periodic(cron="23 * * * *")
@app.task(name="duties.agree", queueing_lock="duties.agree")
def agree(timestamp: int) -> None:
    """Make what is owed agree with the rosters: whoever came today owes what ends today."""
    turning.agree(at=timezone.now())


@app.periodic(cron="27 3 1 * *")
@app.task(name="duties.make_partitions", queueing_lock="duties.make_partitions")
def make_partitions(timestamp: int) -> None:
    """Keep two years of monthly partitions of reports ready."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT duties_make_month((to_timestamp(%s) + n * interval '1 month')::date)"
            " FROM generate_series(0, %s) AS n",
            [timestamp, MONTHS_AHEAD],
        )

"""Jobs of policies: each reads the clock and calls one action."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions.announcing import tell_announced_to
from zerotrip.policies.unasked.actions.paying import tell_paid_to
from zerotrip.policies.unasked.queries import unfinished_lists, unfinished_runs

log = logging.getLogger(__name__)


@app.task(name="policies.work_out")
def work_out(run: str) -> None:
    """Work out the amounts of a run. Goes on where it was killed."""
    actions.go_on(UUID(run), at=timezone.now())


@app.task(name="policies.check_list")
def check_list(payment: str) -> None:
    """Look at everybody on a payment list once more. Goes on where it was killed."""
    actions.check_list(UUID(payment), at=timezone.now())


@app.task(name="policies.tell_announced")
def tell_announced(run: str, after: str = "") -> None:
    """Tell the enterprises of an announced list, one batch a job."""
    last = tell_announced_to(UUID(run), at=timezone.now(), after=UUID(after) if after else None)
    if last is not None:
        tell_announced.defer(run=run, after=str(last))


@app.task(name="policies.tell_paid")
def tell_paid(payment: str, lines: list[int]) -> None:
    """Tell the enterprises of some lines of a list that they were paid. Each is told once."""
    tell_paid_to(UUID(payment), lines, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="policies.sweep", queueing_lock="policies.sweep")
def sweep(timestamp: int) -> None:
    """Remind, close lists whose notice is over, and go on with what a dead worker left."""
    at = timezone.now()
    for run in unfinished_runs(at=at):
        actions.go_on(run, at=at)
    for payment in unfinished_lists(at=at):
        actions.check_list(payment, at=at)
    actions.remind_due(at=at)
    closed = actions.close_due(at=at)
    if closed:
        log.info("notices closed: %d", closed)


@app.periodic(cron="30 6 * * *")
@app.task(name="policies.match", queueing_lock="policies.match")
def match(timestamp: int) -> None:
    """Find what is new for whom, and tell them, once a day before offices open."""
    at = timezone.now()
    begun, ended = actions.match(at=at)
    told = actions.tell_matches(at=at)
    log.info("matches: %d begun, %d ended, %d told", begun, ended, told)

"""Jobs of policies: each reads the clock and calls one action."""

from __future__ import annotations

import logging
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions.announcing import tell_announced_to
from zerotrip.policies.unasked.actions.drafting import enqueue_run
from zerotrip.policies.unasked.actions.paying import enqueue_list
from zerotrip.policies.unasked.actions.settling import enqueue_answer, tell_settled_to
from zerotrip.policies.unasked.queries import unfinished_answers, unfinished_lists, unfinished_runs

log = logging.getLogger(__name__)


@app.task(name="policies.work_out")
def work_out(run: str) -> None:
    """Find whom a run is for, and work out their amounts. Goes on where it was killed."""
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


@app.task(name="policies.take_answer", retry=2)
def take_answer(answer: str) -> None:
    """Look through what a bank answered and record it. Goes on where it was killed."""
    actions.take_answer(UUID(answer), at=timezone.now())


@app.task(name="policies.tell_settled")
def tell_settled(payment: str, lines: list[int]) -> None:
    """Tell the enterprises of some lines of a list what became of their money. Each is told once."""
    tell_settled_to(UUID(payment), lines, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="policies.sweep", queueing_lock="policies.sweep")
def sweep(timestamp: int) -> None:
    """Remind, close lists whose notice is over, and have gone on with what was begun and is not done."""
    at = timezone.now()
    for enqueue, left in (
        (enqueue_run, unfinished_runs(at=at)),
        (enqueue_list, unfinished_lists(at=at)),
        (enqueue_answer, unfinished_answers(at=at)),
    ):
        for key in left:
            with suppress(AlreadyEnqueued), transaction.atomic():
                enqueue(key, queueing_lock=f"policies.left:{key}")
    actions.remind_due(at=at)
    closed = actions.close_due(at=at)
    if closed:
        log.info("notices closed: %d", closed)


@app.periodic(cron="33 * * * *")
@app.task(name="policies.purge", queueing_lock="policies.purge")
def purge(timestamp: int) -> None:
    """Delete the files of banks whose time is over."""
    actions.purge(at=timezone.now())


@app.periodic(cron="30 6 * * *")
@app.task(name="policies.match", queueing_lock="policies.match")
def match(timestamp: int) -> None:
    """Find what is new for whom, and tell them, once a day before offices open."""
    at = timezone.now()
    begun, ended = actions.match(at=at)
    told = actions.tell_matches(at=at)
    log.info("matches: %d begun, %d ended, %d told", begun, ended, told)

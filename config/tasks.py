"""Jobs of the whole installation."""

from __future__ import annotations

import logging
from functools import partial

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from zerotrip.ledger import days

log = logging.getLogger(__name__)
KEPT_HOURS = 14 * 24
"""Hours for which a job that ended can be looked at."""


@app.periodic(cron="*/2 * * * *")
@app.task(name="config.take_up", queueing_lock="config.take_up", pass_context=True)
async def take_up(context: JobContext, timestamp: int) -> None:
    """Queue again what a worker had begun when it was killed; every job may be run twice.

    A worker whose heart has not beaten for half a minute is taken for dead.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except ConnectorException:  # another of its kind is queued already: a periodic one
            log.info("job %s of a dead worker is left: %s is queued anyway", job.id, job.task_name)


@app.periodic(cron="20 3 * * *")
@app.task(name="config.forget_jobs", queueing_lock="config.forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that ended two weeks ago, failed ones too: what they were given names people."""
    await context.app.job_manager.delete_old_jobs(
        KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="10 * * * *")
@app.task(name="config.close_journal", queueing_lock="config.close_journal")
def close_journal(timestamp: int) -> None:
    """Close the days of the journal that are over. Looked at each hour, done once a day."""
    from zerotrip.licences.signing import sign_data  # a second to load: only for what signs

    at = timezone.now()
    days.close(at=at, sign=partial(sign_data, at=at))

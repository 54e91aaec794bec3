"""What a worker had in hand when it was killed is taken up by another."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from config import tasks
from zerotrip.channels.tasks import purge, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_queued(transactional_db):
    """The tables of jobs are nobody's models: what other tests left there stays."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


NOBODY = {
    "party": "01900000-0000-7000-8000-000000000000",
    "template": "accepted",
    "context": {},
    "link": "",
    "key": "k",
    "at": "2026-03-03T01:30:00+00:00",
}
"""Told to nobody: a job that is done when it has been looked at."""


def begun(job: int, *, heartbeat: str) -> None:
    """A worker took the job, and its heart last beat so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
            [heartbeat],
        )
        (worker,) = cursor.fetchone()
    ProcrastinateJob.objects.filter(pk=job).update(status="doing", worker_id=worker)


def look_for_the_dead() -> int:
    """Let a worker do this one job."""
    job = tasks.take_up.configure(queueing_lock=None).defer(timestamp=0)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    return job


def status(job: int) -> str:
    return ProcrastinateJob.objects.get(pk=job).status


def test_a_job_begun_by_a_worker_that_was_killed_is_done_by_another():
    job = tell.defer(**NOBODY)
    begun(job, heartbeat="10 minutes")
    look_for_the_dead()
    assert status(job) == "succeeded"


def test_a_job_in_the_hands_of_a_living_worker_is_left_to_it():
    job = tell.defer(**NOBODY)
    begun(job, heartbeat="1 second")
    look_for_the_dead()
    assert status(job) == "doing"


def test_a_periodic_job_that_is_queued_anyway_is_not_queued_twice():
    dead = purge.defer(timestamp=0)
    begun(dead, heartbeat="10 minutes")
    queued = purge.configure(schedule_in={"hours": 1}).defer(timestamp=1)
    search = look_for_the_dead()
    assert (status(dead), status(queued)) == ("doing", "todo")
    assert status(search) == "succeeded"


def test_jobs_that_ended_two_weeks_ago_are_deleted_with_what_they_were_given():
    """A job is dated by its events."""
    old, failed, late, waiting = (tell.defer(**NOBODY | {"key": str(number)}) for number in range(4))
    for job, ending in ((old, "succeeded"), (failed, "failed"), (late, "succeeded")):
        ProcrastinateJob.objects.filter(pk=job).update(status="doing")
        ProcrastinateJob.objects.filter(pk=job).update(status=ending)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '15 days' WHERE job_id = ANY(%s)",
            [[old, failed]],
        )
    tasks.forget_jobs.configure(queueing_lock=None, priority=10).defer(timestamp=0)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    left = set(ProcrastinateJob.objects.values_list("pk", flat=True))
    assert left & {old, failed, late, waiting} == {late, waiting}

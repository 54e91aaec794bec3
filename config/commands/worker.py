"""``zerotrip worker``: the jobs."""

from __future__ import annotations

import click


@click.command("worker")
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    envvar="ZEROTRIP_CONCURRENCY",
    show_envvar=True,
    help="Jobs at once.",
)
def command(concurrency: int) -> None:
    """Do the queued and the periodic jobs (只启动后台任务).

    As many as wanted may run, on any machine that reaches the database and the file store. Ends
    within ten seconds of a signal, the job in hand finished or handed back.
    """
    from config import environment, supervisor

    with environment.installation():
        from django.core.management import call_command

        supervisor.end_with_parent()
        call_command("procrastinate", "worker", concurrency=concurrency, shutdown_graceful_timeout=10, verbosity=0)

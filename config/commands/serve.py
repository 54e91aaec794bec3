"""``zerotrip serve``: the web server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS, THREADS = 2, 4


def serving_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options `run` and `serve` share."""
    for option in (
        click.option("--host", default="127.0.0.1", show_default=True, envvar="ZEROTRIP_HOST", show_envvar=True),
        click.option(
            "--port",
            type=click.IntRange(1, 65535),
            default=8000,
            show_default=True,
            envvar="ZEROTRIP_PORT",
            show_envvar=True,
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            default=WORKERS,
            show_default=True,
            envvar="ZEROTRIP_WORKERS",
            show_envvar=True,
            help="Web processes.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1),
            default=THREADS,
            show_default=True,
            envvar="ZEROTRIP_THREADS",
            show_envvar=True,
            help="Requests each web process answers at once.",
        ),
    ):
        function = option(function)
    return function


@click.command("serve")
@serving_options
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages (只启动网页服务).

    For installations that start their processes themselves; `run` starts everything. Run
    `migrate` first.
    """
    from config import environment, supervisor

    supervisor.require_free_port(host, port)
    environment.describe(port=port)
    with environment.database_address():
        # Loaded before the workers are forked: they share its memory, and are ready for a signal
        # to stop from their first moment.
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        with environment.settings_explained():
            import config.wsgi  # noqa: F401

        supervisor.end_with_parent()
        Granian(
            "config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            workers_kill_timeout=5,
            log_level=LogLevels.warning,
        ).serve()

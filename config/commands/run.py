"""``zerotrip run``: everything, on one machine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from config.commands.serve import serving_options

if TYPE_CHECKING:
    from config.supervisor import Supervisor


@click.command("run")
@serving_options
@click.option("--demo/--no-demo", default=False, help="With a fictitious district and its accounts.")
def command(host: str, port: int, workers: int, threads: int, *, demo: bool) -> None:
    """Start database, web server and worker (一条命令启动全部), until Ctrl-C.

    Brings the installation up to date first. Data is kept; a second start takes seconds.
    """
    from config import environment, preparation, supervisor

    def start(children: Supervisor) -> bool:
        children.start(
            "web", "serve", f"--host={host}", f"--port={port}", f"--workers={workers}", f"--threads={threads}"
        )
        children.start("worker", "worker")
        answered = children.wait_for(_health_page(host, port), host=_served_name(settings.ALLOWED_HOSTS[0]))
        if answered:
            _welcome(settings.SITE_URL, demo=demo)
        return answered

    supervisor.require_free_port(host, port)
    environment.describe(demo=demo, port=port)
    with ExitStack() as stack:
        with preparation.step("PostgreSQL"):
            stack.enter_context(environment.installation())
        from django.conf import settings

        preparation.prepare(demo=demo)
        supervisor.supervise(start)
        click.echo("Stopping …", err=True)
    click.echo("Stopped. Everything is kept.", err=True)


def _health_page(host: str, port: int) -> str:
    """The address by which the health page is reached from this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{reachable}:{port}/healthz"


def _served_name(pattern: str) -> str:
    """A host name the pages answer to; the pattern may be ``*`` or begin with a dot."""
    return pattern.replace("*", "localhost").removeprefix(".")


def _welcome(url: str, *, demo: bool) -> None:
    """The address, and in the demo who may sign in how."""
    from rich import box
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    parts: list[Text | Table] = [Text.assemble("Open  ", (url, "bold cyan"))]
    if demo:
        from config.demo import accounts

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("账号 Account", "身份 Who", "怎样登录 How to sign in"):
            table.add_column(heading, overflow="fold")
        for account in accounts():
            table.add_row(account.name, account.role, account.key)
        parts.append(table)
    parts.append(Text("Ctrl-C stops everything. The data is kept.", style="dim"))
    Console(highlight=False).print(Panel(Group(*parts), title="zerotrip", expand=False, padding=(1, 2)))

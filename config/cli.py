"""The command line. Each command lives in ``config/commands``; Django is loaded by those that need it.

Exit codes: 0 all well, 1 a fault was found or a thing could not be done, 2 wrong usage.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from config.commands import (
    bench,
    calendar,
    demo,
    doctor,
    journal,
    manage,
    messages,
    migrate,
    pack,
    policy,
    run,
    serve,
    staff,
    worker,
)
from config.faults import Fault
from zerotrip.errors import Refusal

if TYPE_CHECKING:
    from types import FrameType


class InOrder(click.Group):
    """Lists its commands in the order in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zerotrip")
def zerotrip() -> None:
    """Contactless approvals for a district, from first question to delivered licence.

    Without DATABASE_URL, commands use the embedded PostgreSQL under ZEROTRIP_DATA (default .data)
    and start and stop it as needed.
    """


for module in (
    run,
    serve,
    worker,
    migrate,
    demo,
    pack,
    policy,
    calendar,
    staff,
    journal,
    messages,
    doctor,
    bench,
    manage,
):
    zerotrip.add_command(module.command)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """End by way of every ``finally``, so that nothing started is left behind."""
    sys.exit(128 + number)


def main() -> None:
    """Run the command line; what stands in the way is said in one line, without a trace."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        zerotrip()
    except (Fault, Refusal) as fault:
        click.echo(f"zerotrip: {fault}", err=True)
        sys.exit(1)

"""``zerotrip manage``: Django's own commands."""

from __future__ import annotations

import click


@click.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands (开发用), such as makemigrations or shell."""
    from config import environment

    with environment.installation():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["zerotrip manage", *arguments])

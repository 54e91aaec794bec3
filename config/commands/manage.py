"""``zerotrip manage``: Django's own commands."""

from __future__ import annotations

import click


@click.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a management command of Django, such as makemigrations or shell (开发用)."""
    from config import environment

    with environment.installation():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["zerotrip manage", *arguments])

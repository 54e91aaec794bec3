"""``zerotrip messages``: the texts of the screens in their second language."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group("messages")
def command() -> None:
    """Texts in English: merge, check, compile (界面文字的英文译文)."""


@command.command()
@click.option(
    "--fill",
    "tables",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines Chinese<TAB>English for texts still without English. May be repeated.",
)
def update(tables: tuple[Path, ...]) -> None:
    """Take up new texts of code and templates, drop unused ones, keep translations."""
    from config import messages

    missing = messages.update(fill=tables)
    click.echo(f"{missing} texts without English." if missing else "Every text has its English.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_context
def check(context: click.Context, *, as_json: bool) -> None:
    """Every text has its English, with the same placeholders, and none is left over."""
    from config import messages

    problems = messages.check()
    if as_json:
        click.echo(json.dumps([problem._asdict() for problem in problems], ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(f"{problem.file}:{problem.line}: {problem.reason}")
    context.exit(1 if problems else 0)


@command.command("compile")
def compile_() -> None:
    """Compile the catalogue for the running system, if it changed."""
    from config import messages

    click.echo("Compiled." if messages.compile_changed() else "Up to date.")

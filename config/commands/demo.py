"""``zerotrip demo``: the fictitious district."""

from __future__ import annotations

import json

import click


@click.command("demo")
@click.option("--json", "as_json", is_flag=True, help="The accounts as one JSON list.")
def command(*, as_json: bool) -> None:
    """Load a fictitious district (装入演示区) and list its accounts.

    People and enterprises are added to an installation that has none yet; services and places
    come from the packs.
    """
    from config import environment, preparation

    environment.describe(demo=True)
    with environment.installation():
        preparation.prepare(demo=True)
        from config.demo import accounts

        if as_json:
            click.echo(json.dumps([account._asdict() for account in accounts()], ensure_ascii=False))
        else:
            for account in accounts():
                click.echo("\t".join(account))

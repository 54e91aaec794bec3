"""``zerotrip journal``: days of the journal."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.group("journal")
def command() -> None:
    """The journal day by day: close, prove (审计日志)."""


@command.command()
def close() -> None:
    """Close the days that are over: sign a digest of each (每日封存).

    The worker does so by itself, an hour after midnight.
    """
    from functools import partial

    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.ledger import days
        from zerotrip.licences.signing import sign_data

        at = timezone.now()
        for closed in days.close(at=at, sign=partial(sign_data, at=at)):
            click.echo(f"{closed.day}  {closed.entries:>8}  {bytes(closed.digest).hex()}")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a day.")
@click.pass_context
def prove(context: click.Context, as_json: bool) -> None:
    """Prove that closed days are still what they were (核验).

    Prints each day with its number of entries, its digest and who signed it. Keep the last line
    elsewhere: as long as it stays the same, nothing before it was changed. Exit code 1 when a day
    is not what it was.
    """
    from config import environment

    whole = True
    with environment.installation():
        from zerotrip.ledger import days
        from zerotrip.licences.signing import signed_by

        for proof in days.prove(signed_by=signed_by):
            whole = whole and proof.whole
            if as_json:
                click.echo(json.dumps({**asdict(proof), "day": proof.day.isoformat()}, ensure_ascii=False))
            else:
                told = "" if proof.whole else "  NOT WHOLE"
                click.echo(f"{proof.day}  {proof.entries:>8}  {proof.digest}  {proof.signed_by or '—'}{told}")
    context.exit(0 if whole else 1)

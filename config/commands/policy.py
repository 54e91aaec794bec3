"""``zerotrip policy``: amendments proposed and published, and which enterprises a policy is for."""

from __future__ import annotations

import json
from pathlib import Path

import click

folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("policy")
def command() -> None:
    """Policies: propose an amendment, publish it, count whom one is for (政策)."""


@command.command()
@click.argument("pack", type=folder)
@click.option("--json", "as_json", is_flag=True, help="One JSON list: policy, version, answers that change.")
def propose(pack: Path, *, as_json: bool) -> None:
    """Keep what changed in the policies of PACK as proposals; nothing is published.

    The facts of the pack have to be loaded already: a proposal that asks for one that is not says so.
    """
    from config import environment, preparation

    with environment.installation():
        rows = preparation.propose_policies(pack)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        told = (
            "cannot be asked: a fact is not loaded"
            if row["changes"] is None
            else f"{row['changes']} answers change"
        )
        click.echo(f"{row['policy']}\tv{row['version']}\t{told}")
    if not rows:
        click.echo("Nothing changed.")


@command.command()
@click.argument("policy")
@click.option("--reason", default="", help="Kept in the journal.")
def publish(policy: str, reason: str) -> None:
    """Publish what is proposed of POLICY; what was granted stays on its version."""
    from config import environment
    from config.faults import Fault

    with environment.installation():
        from django.utils import timezone

        from zerotrip.parties.access import SYSTEM
        from zerotrip.policies import actions
        from zerotrip.policies.models import Policy

        row = Policy.objects.filter(slug=policy).first()
        if row is None or row.proposed_id is None:
            raise Fault(f"Nothing is proposed of “{policy}”.")
        actions.publish(policy, version=row.proposed_id, by=SYSTEM, at=timezone.now(), reason=reason)
    click.echo(f"{policy}: published")


@command.command()
@click.argument("policy")
@click.option("--area", default="", help="Code of a division: only enterprises inside it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: yes, unknown, missing by fact.")
def which(policy: str, area: str, *, as_json: bool) -> None:
    """How many enterprises POLICY is for, of how many that cannot be told, and what is missing."""
    from config import environment
    from config.faults import Fault

    with environment.installation():
        from django.utils import timezone

        from zerotrip.facts.queries import day_of, vocabulary
        from zerotrip.parties.queries import area_path_of
        from zerotrip.policies import asking, queries

        version = queries.published().get(policy)
        if version is None:
            raise Fault(f"No policy “{policy}” is published.")
        words, today = vocabulary(), day_of(timezone.now())
        parsed = queries.parsed(version, words)
        if parsed is None:
            raise Fault(f"“{policy}” asks for a fact that is not loaded.")
        path = area_path_of(area) if area else "/"
        if not path:
            raise Fault(f"No area “{area}”.")
        (counted,) = asking.count([parsed], words, today=today, area_path=path)
        missing = asking.lacking(parsed, words, today=today, area_path=path)
    if as_json:
        found = {"policy": policy, "yes": counted.yes, "unknown": counted.unknown, "missing": dict(missing)}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{policy}: {counted.yes} yes, {counted.unknown} unknown")
    for name, number in missing:
        click.echo(f"  missing {name}: {number}")

"""``zerotrip pack``: the services, as folders of YAML."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("pack")
def command() -> None:
    """Check, load and export packs of services (检查、装入、导出服务包)."""


@command.command()
@click.argument("packs", nargs=-1, required=True, type=folder)
@click.option("--json", "as_json", is_flag=True, help="One JSON list of all faults.")
@click.option("--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans", help="Of the reasons.")
@click.pass_context
def check(context: click.Context, packs: tuple[Path, ...], *, as_json: bool, language: str) -> None:
    """Say what is wrong with PACKS, as file:line: reason. Needs no database.

    Exit code 1 if anything but warnings was found.
    """
    from config import environment

    environment.offline()
    from django.utils import translation

    from zerotrip.catalogue import packs as reading

    with translation.override(language):
        found = [(pack, fault) for pack in packs for fault in reading.check(pack)]
    if as_json:
        rows = [{"pack": str(pack), **asdict(fault)} for pack, fault in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for pack, fault in found:
            warning = "warning: " if fault.warning else ""
            click.echo(f"{pack / fault.file}:{fault.line}: {warning}{fault.reason}")
        for pack in packs:
            if not any(of == pack for of, _fault in found):
                click.echo(f"{pack}: " + ("no faults" if language == "en" else "没有问题"), err=True)
    context.exit(1 if any(not fault.warning for _, fault in found) else 0)


@command.command()
@click.argument("pack", type=folder)
@click.argument("service")
def new(pack: Path, service: str) -> None:
    """Write the files of a new SERVICE into the folder PACK, with comments, right as they stand."""
    import re

    from config import environment
    from config.faults import Fault

    environment.offline()
    from zerotrip.catalogue.packs.scaffold import scaffold

    if not re.fullmatch(r"[a-z][a-z0-9-]{1,59}", service):
        raise Fault(f"“{service}” is no name for a service: small letters, digits, hyphens.")
    try:
        for path in scaffold(pack, service):
            click.echo(path)
    except FileExistsError as error:
        raise Fault(f"{error} is there already.") from None
    except (OSError, ValueError):
        raise Fault(f"{pack}/district.yaml is missing, or names no department or no theme.") from None


@command.command()
@click.argument("packs", nargs=-1, required=True, type=folder)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a pack: what changed.")
def load(packs: tuple[Path, ...], *, as_json: bool) -> None:
    """Load PACKS: each service that changed gets a new version; cases stay on theirs."""
    from config import environment, preparation

    with environment.installation():
        for pack in packs:
            report = preparation.load_pack(pack)
            if as_json:
                click.echo(json.dumps(asdict(report), ensure_ascii=False))
                continue
            for warning in report.warnings:
                click.echo(f"{pack}/{warning}", err=True)
            counts = {
                "new": report.made,
                "offered again": report.returned,
                "withdrawn": report.withdrawn,
                "unchanged": report.unchanged,
            }
            for kind, changes in report.parts.items():
                counts |= {f"new {kind}": changes.made, f"withdrawn {kind}": changes.withdrawn}
            told = "; ".join(f"{words}: {', '.join(names)}" for words, names in counts.items() if names)
            click.echo(f"{report.pack}: {told or 'no services'}")


@command.command()
@click.argument("pack")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
def export(pack: str, target: Path) -> None:
    """Write the loaded PACK, by its id, to the folder TARGET; loading that changes nothing."""
    from config import environment
    from config.faults import Fault

    with environment.installation():
        from zerotrip.catalogue.actions import export_pack
        from zerotrip.catalogue.models import Pack

        try:
            written = export_pack(pack, target)
        except Pack.DoesNotExist:
            known = ", ".join(Pack.objects.values_list("slug", flat=True)) or "none"
            raise Fault(f"No pack “{pack}” is loaded. Loaded: {known}.") from None
        for path in written:
            click.echo(path)

"""``zerotrip doctor``: what is wrong with this installation."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from config.places import DATA, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Finding(NamedTuple):
    """One thing looked at. ``state`` is ok, note or fault."""

    subject: str
    state: str
    words: str


MARKS = {"ok": "✓", "note": "·", "fault": "✗"}
ROOM = 2 * 1024**3
"""Bytes of free disk below which a note is made."""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Look over settings, database, files and fonts (检查本机安装). Changes no data.

    Exit code 1 if anything is at fault.
    """
    found = []
    for finding in _findings():
        found.append(finding)
        if not as_json:
            click.echo(f"{MARKS[finding.state]} {finding.subject}: {finding.words}")
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found], ensure_ascii=False))
    context.exit(1 if any(finding.state == "fault" for finding in found) else 0)


def _findings() -> Iterator[Finding]:
    """All of them, in the order in which one would mend them."""
    from config import environment
    from config.faults import Fault, WrongSetting

    # Asked first: what is not given is made, and then looks the same.
    own_secret, embedded = not os.environ.get("ZEROTRIP_SECRET"), not os.environ.get("DATABASE_URL")
    yield Finding("Python", "ok", sys.version.split()[0])
    yield from _data()
    try:
        with environment.installation():
            yield from _settings(own_secret=own_secret)
            yield from _database(embedded=embedded)
            yield from _checks()
    except WrongSetting as fault:
        yield Finding("Settings", "fault", str(fault))
    except Fault as fault:
        yield Finding("Database", "fault", str(fault))
    yield from _texts()
    yield from _fonts()
    yield from _chromium()


def _data() -> Iterator[Finding]:
    if not os.access(DATA if DATA.exists() else DATA.parent, os.W_OK):
        yield Finding("Data", "fault", f"{DATA} cannot be written. Set ZEROTRIP_DATA to a folder that can.")
        return
    free = shutil.disk_usage(DATA if DATA.exists() else DATA.parent).free
    state = "ok" if free >= ROOM else "note"
    yield Finding("Data", state, f"{DATA}, {free / 1024**3:.0f} GB free")


def _settings(*, own_secret: bool) -> Iterator[Finding]:
    from django.conf import settings

    if len(settings.SECRET_KEY) < 50:
        yield Finding("Secret", "fault", "ZEROTRIP_SECRET has fewer than 50 characters.")
    else:
        yield Finding("Secret", "ok", f"kept in {DATA / 'secret'}" if own_secret else "set")
    local = settings.SITE_URL.startswith(("http://localhost", "http://127.0.0.1"))
    if settings.SITE_URL.startswith("https://") or local:
        yield Finding("Address", "ok", settings.SITE_URL)
    else:
        yield Finding(
            "Address", "fault", f"{settings.SITE_URL} is not https: sign-in would be readable on the way."
        )
    yield _proxies(settings.ALLAUTH_TRUSTED_PROXY_COUNT, local=local)
    if settings.DEMO and not local:
        yield Finding("Demo", "fault", "ZEROTRIP_DEMO shows everybody's sign-in codes; never on a public address.")
    if not settings.DEMO:
        yield from _ways_out()
    yield _courier()


def _proxies(count: int, *, local: bool) -> Finding:
    """By whose address attempts to sign in are counted."""
    if count:
        words = f"{count} trusted: a visitor's address is entry {count} from the end of X-Forwarded-For."
        return Finding("Proxies", "ok", words)
    if local:
        return Finding("Proxies", "ok", "none trusted: visitors are told apart by the address they connect from.")
    words = "ZEROTRIP_TRUSTED_PROXIES is 0: behind a proxy, all visitors would share the limits of one address."
    return Finding("Proxies", "note", words)


def _ways_out() -> Iterator[Finding]:
    """Without e-mail and text messages nobody gets a code, and nobody signs in."""
    from django.conf import settings

    from zerotrip.channels.transports.email import NONE

    for name, there, variable in (
        ("E-mail", settings.EMAIL_BACKEND != NONE, "ZEROTRIP_SMTP"),
        ("Text messages", bool(settings.SMS_SENDER), "ZEROTRIP_SMS_URL"),
    ):
        if there:
            yield Finding(name, "ok", f"{variable} is set")
        else:
            yield Finding(name, "note", f"{variable} is not set: codes and notices do not go out this way.")


def _courier() -> Finding:
    """Where news of parcels comes from; whether its settings will do is among Django's checks."""
    from django.conf import settings

    if settings.COURIER:
        return Finding("Courier", "ok", settings.COURIER.rpartition(".")[2])
    return Finding("Courier", "note", "none: clerks write down what became of each parcel.")


def _database(*, embedded: bool) -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    yield Finding("Database", "ok", f"PostgreSQL {version}, {'embedded' if embedded else 'of DATABASE_URL'}")
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("Migrations", "fault", f"{len(waiting)} not applied: run `zerotrip migrate`.")
    else:
        yield Finding("Migrations", "ok", "all applied")


def _checks() -> Iterator[Finding]:
    """Django's own checks, ours among them (an outcome nobody makes, a font that is missing)."""
    from django.core.checks import WARNING, run_checks

    for message in run_checks(databases=["default"]):
        state = "fault" if message.level > WARNING else "note"
        yield Finding(message.id or "Check", state, message.msg)


def _texts() -> Iterator[Finding]:
    compiled = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.mo"))
    if compiled:
        yield Finding("Texts", "ok", ", ".join(path.parts[-3] for path in compiled))
    else:
        yield Finding("Texts", "fault", "not compiled, English is missing: run `zerotrip messages compile`.")


def _fonts() -> Iterator[Finding]:
    """Licences are set in fonts of our own; the system's are never asked."""
    found = sorted(path.name for path in (ROOT / "zerotrip" / "licences" / "fonts").rglob("*.[ot]tf"))
    if found:
        yield Finding("Fonts", "ok", ", ".join(found))
    else:
        yield Finding("Fonts", "fault", "none in zerotrip/licences/fonts: licences would have no Han characters.")


def _chromium() -> Iterator[Finding]:
    named = os.environ.get("ZEROTRIP_CHROMIUM")
    found = [
        path
        for name in (named, "chromium", "chromium-browser", "google-chrome")
        if name and (path := shutil.which(name))
    ]
    words = found[0] if found else "none on the path; only the browser tests need it (`make test` looks further)"
    yield Finding("Chromium", "ok" if found else "note", words)

"""What an installation needs before it serves: each step does only what is not done yet."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Any

from config.faults import Fault
from config.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zerotrip.catalogue.actions import Report

LAST_UNSQUASHED = "e7b9a2c"
"""The last commit with every migration since the squash before on its own: docs/decisions/0033."""


@contextlib.contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    from rich.console import Console

    started = time.monotonic()
    console = Console(stderr=True, highlight=False)
    with console.status(f"{words} …"):
        yield
    console.print(f"[green]✓[/] {words} [dim]{time.monotonic() - started:.1f} s[/]")


def prepare(*, demo: bool = False) -> None:
    """Bring everything up to this version. Needs Django set up and the database there."""
    with step("database"):
        migrate()
    with step("texts"):
        compile_messages()
    with step("static files"):
        collect_static()
    with step("work calendar"):
        load_calendar()
    with step("packs"):
        load_packs()
    if demo:
        with step("demo district"):
            load_demo()


def require_no_half() -> None:
    """Raise :class:`Fault` where the database has some, but not all, of what one migration stands for by now."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    for (app, _), migration in MigrationLoader(None).replacements.items():
        lacking = [name for key, name in migration.replaces if (key, name) not in applied]
        if lacking and len(lacking) < len(migration.replaces):
            raise Fault(
                f"This database was left between versions: {app} lacks {lacking[0]}, no migration any more. "
                f"Run `zerotrip migrate` of the commit {LAST_UNSQUASHED} once, then this one."
            )


def migrate() -> None:
    """Apply the migrations that are not."""
    from django.core.management import call_command

    require_no_half()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def compile_messages() -> None:
    """Compile the message catalogues that changed."""
    from config import messages

    messages.compile_changed()


def _fingerprint() -> str:
    """Of all static files there are: names, sizes and times."""
    from django import get_version
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256(get_version().encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    return seen.hexdigest()


def collect_static() -> None:
    """Collect and compress the static files, if any changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = settings.STATIC_ROOT / ".collected"
    now = _fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)


def load_pack(path: Path) -> Report:
    """Load one pack. Raises :class:`Fault` with every fault by ``file:line``."""
    from django.utils import timezone

    from zerotrip.catalogue.actions import load_pack
    from zerotrip.errors import Invalid
    from zerotrip.parties.access import SYSTEM

    try:
        return load_pack(path, by=SYSTEM, at=timezone.now())
    except Invalid as invalid:
        lines = [f"{path}/{place}: {reason}" for place, reasons in invalid.problems.items() for reason in reasons]
        raise Fault("\n".join([f"The pack {path} has faults; nothing of it was loaded.", *lines])) from None


def propose_policies(path: Path) -> list[dict[str, Any]]:
    """Keep the changed policies of a pack as proposals: of each its id, number, and how many answers change.

    Raises :class:`Fault` with every fault by ``file:line``.
    """
    from django.db import transaction
    from django.utils import timezone

    from zerotrip.catalogue import packs
    from zerotrip.facts.queries import day_of, vocabulary
    from zerotrip.parties.access import SYSTEM
    from zerotrip.policies import asking, loading, queries
    from zerotrip.policies.models import Policy

    pack, faults = packs.read(path)
    if pack is None:
        lines = [f"{path}/{fault.file}:{fault.line}: {fault.reason}" for fault in faults if not fault.warning]
        raise Fault("\n".join([f"The pack {path} has faults; nothing was proposed.", *lines]))
    now = timezone.now()
    with transaction.atomic():
        found = loading.propose(pack.parts.get("policies", {}), pack, by=SYSTEM, at=now)
    words, today = vocabulary(), day_of(now)
    rows: list[dict[str, Any]] = []
    for row in Policy.objects.filter(slug__in=found).select_related("proposed").order_by("slug"):
        assert row.proposed is not None  # noqa: S101  they were proposed just now
        after, moved = queries.parsed(row.proposed.pk, words), None
        before = queries.parsed(row.current_id, words) if row.current_id else None
        if after is not None and before is not None:
            moved = sum(asking.changes(before, after, words, today=today).values())
        elif after is not None:
            moved = asking.count([after], words, today=today)[0].yes
        rows.append({"policy": row.slug, "version": row.proposed.number, "changes": moved})
    return rows


def load_packs() -> None:
    """Load every pack of ``packs/``; unchanged ones change nothing."""
    for path in sorted((ROOT / "packs").iterdir()):
        if path.is_dir():
            load_pack(path)


def load_calendar() -> None:
    """Load last year, this one and the next, unless they are there."""
    from django.utils import timezone

    from zerotrip.parties.access import SYSTEM
    from zerotrip.workdays.actions import load_year
    from zerotrip.workdays.models import CalendarYear

    now = timezone.localtime()
    years = range(now.year - 1, now.year + 2)
    held = set(CalendarYear.objects.filter(year__in=years).values_list("year", flat=True))
    for year in years:
        if year not in held:
            load_year(year, by=SYSTEM, at=now)


def load_demo() -> None:
    """Put the demo's people and enterprises into an installation that has none: all of it or nothing."""
    from django.db import transaction
    from django.utils import timezone

    from config import demo
    from zerotrip.parties.models import User

    if not User.objects.exists():
        with transaction.atomic():
            demo.load(at=timezone.now())

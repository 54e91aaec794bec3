"""Where figures are measured: a database of their own on a server that syncs as a real one does."""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Django set up over a new database, which is dropped afterwards.

    The server is that of ``DATABASE_URL``, else a temporary embedded one. Its other databases are
    left alone.
    """
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="zerotrip-bench-"))
        Path(data).chmod(0o711)
        (Path(data) / "static").mkdir()
        os.environ |= {
            "ZEROTRIP_DATA": data,
            "ZEROTRIP_SECRET": "only-for-benches-" * 4,
            "ZEROTRIP_POOL": "0",
            "ZEROTRIP_DEMO": "",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        if not (server := os.environ.get("DATABASE_URL")):
            from config import database

            server = stack.enter_context(database.embedded(Path(data) / "postgres"))
        os.environ["DATABASE_URL"] = stack.enter_context(_new_database(server))
        stack.enter_context(_django())
        yield


@contextlib.contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"zerotrip_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def _django() -> Iterator[None]:
    import django
    from django.core.management import call_command
    from django.db import connections
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()

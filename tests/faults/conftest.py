"""A PostgreSQL, a file store and a district that can be taken away at any moment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import database
from config.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


class Nursery:
    """The other process, see ``nursery.py``, and the server it works on."""

    def __init__(self, place: Path, server: database.Server) -> None:
        self.server, self.told = server, (place / "told").open("w+")
        self.environment = os.environ | {
            "ZEROTRIP_DATA": str(place),
            "TMPDIR": str(place),
            "ZEROTRIP_SECRET": "only-for-tests-" * 4,
            "ZEROTRIP_DEMO": "1",
            "ZEROTRIP_POOL": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": server.url(),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.told,
            text=True,
            env=self.environment,
        )

    def ask(self, do: str, *, given: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
        """Let a child do something; how it ended, and what it found."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": do, "given": given or {}, **how}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def do(self, do: str, **given: Any) -> Any:
        """Let a child do something that has to come to its end."""
        got = self.ask(do, given=given)
        assert not got.get("killed"), do
        assert "error" not in got, got["error"]
        return got["found"]

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.told.close()


def copy_tables(server: database.Server) -> None:
    """Give ``server`` what the tests' own database has once it is migrated: to migrate again takes much longer.

    Where the wheel's tools are older than the server of the tests nothing is copied, and the district migrates.
    """
    ours = connection.get_connection_params()
    address = make_conninfo(
        **{name: ours[name] for name in ("dbname", "user", "password", "host", "port") if name in ours}
    )
    dump = [server.binaries / "pg_dump", "--no-owner", "--no-privileges", "--lock-wait-timeout=30s", address]
    told = subprocess.run(dump, check=False, capture_output=True)
    if told.returncode:
        return
    take = [server.binaries / "psql", "-qX1", "-v", "ON_ERROR_STOP=1", server.url()]
    subprocess.run(take, input=told.stdout, check=True, capture_output=True)


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    """A district on a server of its own that keeps what it has confirmed, whatever happens to it."""
    with ExitStack() as stack:
        place = Path(tempfile.mkdtemp(prefix="zerotrip-faults-"))
        place.chmod(0o711)
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        server = database.Server(place / "postgres", database.wheel_binaries())
        server.start()
        stack.callback(server.stop)
        copy_tables(server)
        born = Nursery(place, server)
        stack.callback(born.end)
        yield born


@pytest.fixture(scope="module")
def session(nursery) -> str:
    """The session of the leader of a district that has just been made."""
    session = nursery.do("district")
    nursery.do("warm", session=session)
    return session

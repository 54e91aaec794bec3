"""The embedded PostgreSQL: shared, kept, taken over, recovered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config import database
from config.faults import Fault

HOLD = """
import sys
from pathlib import Path
from config import database
with database.embedded(Path(sys.argv[1]), durable=False) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(place):
    """Where a cluster of this test's own goes."""
    return place / "postgres"


@pytest.fixture
def holder(folder):
    """Another process that uses the same cluster."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().startswith("postgresql://")
    yield process
    process.kill()
    process.communicate()


def ask(url, question):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()[0]


def postmaster(folder):
    return int((folder / "postmaster.pid").read_text().split()[0])


def up(folder):
    return database.Server(folder, database.wheel_binaries()).answers()


def test_it_keeps_its_data_and_leaves_nothing_running(folder):
    with database.embedded(folder) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not up(folder)

    with database.embedded(folder) as url:
        assert ask(url, "SELECT answer FROM kept") == 42
        assert ask(url, "SHOW fsync") == "on"
    assert not up(folder)


def test_it_listens_on_a_private_socket_only(folder):
    with database.embedded(folder, durable=False) as url:
        assert ask(url, "SHOW listen_addresses") == ""
        assert folder.stat().st_mode & 0o777 == 0o700


def test_it_finds_han_characters_by_trigrams(folder):
    with database.embedded(folder, durable=False) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT similarity('建筑工程施工许可', '施工许可')").fetchone()[0] > 0.2


def test_who_leaves_last_stops_it(folder, holder):
    with database.embedded(folder) as url:
        assert ask(url, "SELECT 1") == 1
    assert up(folder)

    holder.communicate()
    assert not up(folder)


def test_a_server_that_outlived_its_killed_starter_is_taken_over_and_stopped(folder, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert up(folder)

    with database.embedded(folder) as url:
        assert ask(url, "SELECT 1") == 1
    assert not up(folder)


def test_it_takes_a_quarter_of_the_memory_it_may_have(folder):
    mine = database.memory()
    with database.embedded(folder) as url, psycopg.connect(url) as connection:
        ((pages,),) = connection.execute("SELECT setting::int FROM pg_settings WHERE name = 'shared_buffers'")
    assert pages * 8 // 1024 == min(max(mine // 4, 128), 8192)


def test_a_container_with_less_memory_than_its_machine_is_believed(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text(f"{512 * 2**20}\n")
    monkeypatch.setattr(database, "CONTAINER", tmp_path / "memory.max")
    assert database.memory() == 512
    (tmp_path / "memory.max").write_text("max\n")
    assert database.memory() > 512


def test_a_killed_server_recovers_what_was_committed(folder):
    with database.embedded(folder) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postmaster(folder), signal.SIGKILL)

    with database.embedded(folder) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_a_pid_that_now_belongs_to_another_program_does_not_keep_it_from_starting(folder):
    with database.embedded(folder, durable=False):
        stale = (folder / "postmaster.pid").read_text()
    owner = folder.stat()
    path = folder / "postmaster.pid"
    path.write_text(stale.replace(stale.split()[0], str(os.getpid()), 1))
    os.chown(path, owner.st_uid, owner.st_gid)

    with database.embedded(folder, durable=False) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_its_socket_elsewhere(folder):
    deep = folder.parent / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = database.Server(deep / "postgres", database.wheel_binaries())

    with database.embedded(deep / "postgres", durable=False) as url:
        assert ask(url, "SELECT 1") == 1
        assert server.sockets.stat().st_mode & 0o777 == 0o700
    assert not server.sockets.exists()


def test_a_start_that_fails_says_what_postgresql_said(folder):
    with database.embedded(folder, durable=False):
        pass
    (folder / "global" / "pg_control").unlink()

    with pytest.raises(Fault, match="pg_control"), database.embedded(folder, durable=False):
        pass


@pytest.mark.parametrize(
    ("version", "offered", "may_create", "han", "words"),
    [
        (140_011, database.EXTENSIONS, True, True, "PostgreSQL 14 is too old: zerotrip needs 15"),
        (150_000, ["pg_trgm"], True, True, "extension btree_gist is missing"),
        (180_006, database.EXTENSIONS, False, True, "may not create extensions"),
        (180_006, database.EXTENSIONS, True, False, "character type is not UTF-8"),
    ],
)
def test_a_server_that_will_not_do_is_told_why(version, offered, may_create, han, words):
    (found,) = database.shortcomings(version, offered, may_create=may_create, han=han)

    assert words in found


def test_the_server_of_these_tests_will_do():
    assert database.examine(os.environ["DATABASE_URL"]) == []


def test_a_server_that_is_not_there_is_named():
    (found,) = database.examine("postgresql://nobody@127.0.0.1:1/none")

    assert found.startswith("PostgreSQL does not answer")


def test_a_database_that_cannot_search_han_characters_is_found_out(folder):
    with database.embedded(folder, durable=False) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bare TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")

        (found,) = database.examine(database.Server(folder, Path()).url("bare"))

    assert "character type" in found

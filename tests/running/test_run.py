"""`zerotrip run` for real: started, asked, stopped, killed, and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from config import database, supervisor
from config.faults import Fault

PATIENCE = 120
"""Seconds any of this may take on a slow machine before it counts as hung."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A `zerotrip run` with data of its own, in a session of its own as a terminal would give it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.told = ""
        environment = os.environ | {"ZEROTRIP_DATA": str(data), "ZEROTRIP_SECRET": ""}
        for name in ("DATABASE_URL", "ZEROTRIP_POOL", "PYTEST_CURRENT_TEST"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config", "run", "--demo", f"--port={self.port}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.alarm = threading.Timer(PATIENCE, self.process.kill)
        self.alarm.start()

    def until(self, words: str) -> None:
        """Read what it says up to ``words``."""
        for line in self.process.stdout:
            self.told += line
            if words in line:
                return
        pytest.fail(f"never said “{words}”, but:\n{self.told}")

    def ended(self) -> int:
        """Its exit code, once all it had to say is read."""
        with self.process:
            self.told += self.process.stdout.read()
        code = self.process.returncode
        self.alarm.cancel()
        return code

    def healthy(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=30) as answer:
            return answer.read() == b"ok\n"

    def signal(self, number: int) -> None:
        """To the whole group, as a terminal does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def children(self, command: str) -> list[int]:
        """The processes it started directly for ``zerotrip command``."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = (line.split(None, 2) for line in listed.splitlines())
        return [
            int(pid)
            for pid, parent, arguments in rows
            if int(parent) == self.process.pid and f"-m config {command}" in arguments
        ]

    def nothing_left(self) -> bool:
        """No server answers any more, neither to browsers nor to psql."""
        with contextlib.suppress(Fault):
            supervisor.require_free_port("127.0.0.1", self.port)
            return not database.Server(self.data / "postgres", Path()).answers()
        return False


@pytest.fixture
def run(place):
    """Starts; whatever is left at the end of the test is killed."""
    started = []
    data = place / "data"

    def start() -> Running:
        started.append(Running(data))
        return started[-1]

    yield start
    for running in started:
        running.signal(signal.SIGKILL)
        if not running.process.stdout.closed:
            running.ended()
    if (data / "postgres").exists():
        with database.embedded(data / "postgres"):
            pass


def test_from_the_first_start_through_every_kind_of_end(run):
    first = run()
    first.until("Ctrl-C stops")
    assert f"http://localhost:{first.port}" in first.told
    assert first.healthy()
    assert (first.data / "secret").stat().st_mode & 0o777 == 0o600

    first.signal(signal.SIGINT)
    first.signal(signal.SIGINT)
    assert first.ended() == 0, first.told
    assert first.nothing_left()

    killed = run()
    killed.until("Ctrl-C stops")
    postmaster = int((killed.data / "postgres" / "postmaster.pid").read_text().split()[0])
    killed.process.kill()
    os.kill(postmaster, signal.SIGKILL)
    killed.ended()

    again = run()
    again.until("Ctrl-C stops")
    assert again.healthy()
    (worker,) = again.children("worker")
    os.kill(worker, signal.SIGKILL)
    assert again.ended() == 1
    assert "worker ended by itself, code -9" in again.told
    assert again.nothing_left()


def test_termination_during_the_start_leaves_nothing_either(run):
    running = run()
    running.until("PostgreSQL")

    running.process.terminate()

    assert running.ended() == 128 + signal.SIGTERM
    assert running.nothing_left()


def test_a_taken_port_is_named_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Fault, match=f"Port {port} is taken .* --port {port + 1}"):
            supervisor.require_free_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(Fault, match=r"Cannot listen on 192\.0\.2\.1"):
        supervisor.require_free_port("192.0.2.1", 8000)

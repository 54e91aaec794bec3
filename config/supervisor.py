"""Web server and worker as child processes: started together, watched, stopped together."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from typing import TYPE_CHECKING

import click

from config.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

SUPERVISED = "ZEROTRIP_SUPERVISED"
PATIENCE = 15
"""Seconds a child has to end after it was asked to."""
START = 60
"""Seconds the first page has to come."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, termination, a closed terminal."""
GRACE = 3
"""Seconds a port has to become free."""
GLANCE = 0.2
"""Seconds between two looks at the children."""


def require_free_port(host: str, port: int) -> None:
    """Raise :class:`Fault` if somebody listens there already, or we may not.

    Asked before anything else is started; the server itself would share the port silently. What
    a killed predecessor left behind gets a moment to go.
    """
    deadline = time.monotonic() + GRACE
    while (error := _refusal(host, port)) is not None:
        if error.errno != errno.EADDRINUSE:
            raise Fault(f"Cannot listen on {host} port {port}: {error.strerror}.")
        if time.monotonic() > deadline:
            raise Fault(
                f"Port {port} is taken by another program. Stop that, or choose another port: "
                f"`zerotrip run --port {port + 1}` or `make run PORT={port + 1}`."
            )
        time.sleep(GLANCE)


def _refusal(host: str, port: int) -> OSError | None:
    """Why nobody can listen there now; None if one can."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def end_with_parent() -> None:
    """In a child: end when the parent is gone, even if it was killed and could not say so."""
    if os.environ.pop(SUPERVISED, ""):
        threading.Thread(target=_await_parents_end, daemon=True).start()


def _await_parents_end() -> None:
    """The parent holds the other end of our standard input as long as it lives."""
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


class Child:
    """A `zerotrip` command run beside us, in a process group of its own, with its last lines."""

    def __init__(self, name: str, arguments: Sequence[str], *, environment: dict[str, str]) -> None:
        self.name = name
        self.lines: deque[str] = deque(maxlen=25)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config", *arguments],
            env={**os.environ, **environment, SUPERVISED: "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            click.echo(f"{self.name:>6} │ {line.rstrip()}", err=True)

    def ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def ask_to_end(self) -> None:
        """Tell it to finish what it is at and end."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def end(self, *, by: float) -> None:
        """Wait until ``by`` (monotonic seconds), then kill it and whatever it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, by - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(1)


class Supervisor:
    """Keeps the children until one dies or somebody says stop."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = False

    def listen(self) -> None:
        """Take signals for a wish to stop; more of them change nothing."""
        for number in SIGNALS:
            signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        # A flag and no lock: a second signal comes while the first is taken, in the same thread.
        self.stopping = True

    def _goes_on(self) -> bool:
        """Whether nobody asked to stop within a glance."""
        if not self.stopping:
            time.sleep(GLANCE)
        return not self.stopping

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start a child."""
        self.children.append(Child(name, arguments, environment=environment))

    def wait_for(self, url: str, *, host: str) -> bool:
        """Wait until ``url`` answers; False when asked to stop before. Raises :class:`Fault`."""
        request = urllib.request.Request(url, headers={"Host": host})  # noqa: S310 - our own http address
        deadline = time.monotonic() + START
        while self._goes_on():
            self._require_all()
            with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return True
            if time.monotonic() > deadline:
                raise Fault(f"The web server did not answer within {START} seconds at {url}.")
        return False

    def watch(self) -> None:
        """Until asked to stop. Raises :class:`Fault` with the last words of a child that died."""
        while self._goes_on():
            self._require_all()

    def _require_all(self) -> None:
        for child in self.children:
            if child.ended():
                child._reader.join(1)
                words = "\n".join(f"  {line}" for line in child.lines) or "  (it said nothing)"
                raise Fault(
                    f"{child.name} ended by itself, code {child.process.returncode}. Its last lines:\n{words}"
                )

    def end(self) -> None:
        """End all children, together; those that do not are killed."""
        for child in self.children:
            child.ask_to_end()
        by = time.monotonic() + PATIENCE
        for child in self.children:
            child.end(by=by)


def supervise(start: Callable[[Supervisor], bool]) -> None:
    """Run ``start``, which starts children and says whether to go on, then watch until the end.

    Leaves signals ignored: what comes after is the last tidying up.
    """
    supervisor = Supervisor()
    supervisor.listen()
    try:
        if start(supervisor):
            supervisor.watch()
    finally:
        supervisor.end()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

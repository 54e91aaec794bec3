"""A process that prepares a district of its own and bears children to be killed.

Started as a program: reads requests from standard input, one JSON object a line, does each in a forked
child with connections of its own, and answers how the child ended and what it found. Only ``warm`` is done
by the process itself, so that its children know what a server knows after some time. A request may name
where its child is to end, by its own hand and without warning, as a machine would take it away:

``line``      as it reaches the n-th line that writes and that it had not reached before;
``exchange``  before its n-th exchange with the database (``after``: once it is answered);
``server``    the same, but it is the server of the database that is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

OURS = str(Path(__file__).parents[2] / "zerotrip") + os.sep
WRITING = (
    "cases/actions/",
    "cases/outcomes.py",
    "cases/tasks.py",
    "channels/",
    "files/actions.py",
    "files/store.py",
    "licences/actions.py",
    "licences/post/actions/",
    "web/desk/views.py",
    "web/errors.py",
    "web/middleware.py",
)
"""Where something is changed outside the process, or it is decided when. What only computes in between
leaves the same behind wherever it is cut off."""


def die() -> None:
    """End at once: nothing is closed, nothing is rolled back by us."""
    os.kill(os.getpid(), signal.SIGKILL)


class Lines:
    """The lines that were reached, in the order of their first time; the end at one of them."""

    def __init__(self, last: int) -> None:
        self.last, self.seen = last, {}
        threading.settrace(self.follow)
        sys.settrace(self.follow)

    def follow(self, frame: FrameType, event: str, _value: Any) -> Any:
        file = frame.f_code.co_filename
        if not (file.startswith(OURS) and file.removeprefix(OURS).startswith(WRITING)):
            return None
        if event == "line":
            place = (file.removeprefix(OURS), frame.f_lineno)
            if place not in self.seen:
                self.seen[place] = len(self.seen)
                if len(self.seen) == self.last:
                    die()
        return self.follow


class Exchanges:
    """What was said to the database and answered; the end before or after one of them, or one of the commits."""

    def __init__(self, last: int, strike: Callable[[], None], *, after: bool, commit: int = 0) -> None:
        import psycopg

        self.count, self.last, self.strike, self.after, self.commit = 0, last, strike, after, commit
        self.commits: list[int] = []
        self.lock = threading.Lock()
        wait, wait_async = psycopg.Connection.wait, psycopg.AsyncConnection.wait

        def counted(connection: Any, talk: Any, **more: Any) -> Any:
            mine = self.begin(talk)
            got = wait(connection, talk, **more)
            self.end(mine)
            return got

        async def counted_async(connection: Any, talk: Any, **more: Any) -> Any:
            mine = self.begin(talk)
            got = await wait_async(connection, talk, **more)
            self.end(mine)
            return got

        psycopg.Connection.wait, psycopg.AsyncConnection.wait = counted, counted_async

    def begin(self, talk: Any) -> bool:
        with self.lock:
            self.count += 1
            mine = self.count == self.last
            if talk.__name__ == "_commit_gen":
                self.commits.append(self.count)
                mine = mine or len(self.commits) == self.commit
        if mine and not self.after:
            self.strike()
        return mine

    def end(self, mine: bool) -> None:
        if mine and self.after:
            self.strike()


def kill_server() -> None:
    """Take the database away from everybody, as a machine that loses its power: all its processes."""
    folder = Path(os.environ["ZEROTRIP_DATA"], "postgres")
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    processes = map(int, filter(str.isdigit, os.listdir("/proc")))
    for process in (postmaster, *(each for each in processes if parent(each) == postmaster)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def parent(number: int) -> int:
    """The parent of a process, 0 if that is gone."""
    try:
        return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def begin(request: dict[str, Any]) -> tuple[Lines | None, Exchanges | None]:
    """Arm what counts, and strikes, in this child."""
    if request.get("lines") or request.get("line"):
        return Lines(request.get("line", 0)), None
    strike = kill_server if request.get("server") else die
    commit = request.get("commit", 0)
    last = 0 if commit else request.get("server") or request.get("exchange") or 0
    return None, Exchanges(last, strike, after=bool(request.get("after")), commit=commit)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What a child does to its end, if it comes to it."""
    from tests.faults import doings

    lines, exchanges = begin(request)
    got: dict[str, Any]
    try:
        got = {"found": getattr(doings, request["do"])(**request.get("given", {}))}
    except Exception as error:
        got = {"error": f"{type(error).__name__}: {error}"}
    finally:
        sys.settrace(None)
    got["lines"] = [f"{file}:{line}" for file, line in lines.seen] if lines else []
    got["exchanges"], got["commits"] = (exchanges.count, exchanges.commits) if exchanges else (0, [])
    return got


def bear(request: dict[str, Any]) -> dict[str, Any]:
    """One child, and how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(answer(request), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        got = json.loads(told.read() or "{}")
    _pid, status = os.waitpid(child, 0)
    return {"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, **got}


def main() -> None:
    """Answer until nobody asks any more."""
    import faulthandler

    faulthandler.register(signal.SIGUSR1, all_threads=True)
    import django

    django.setup()
    from django.conf import settings

    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    from tests.faults import doings
    from zerotrip.workdays import queries

    queries.LOOK_AFTER = 3600  # a look at the calendar's stamp on the way would move what is counted
    for line in sys.stdin:
        request = json.loads(line)
        got = {"found": doings.warm(**request["given"])} if request["do"] == "warm" else bear(request)
        print(json.dumps(got), flush=True)


if __name__ == "__main__":
    main()

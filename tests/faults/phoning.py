"""A phone and the server it hands in to, both real: the server may be killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from config.places import ROOT
from tests.running.test_run import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Record = dict[str, Any]

PATIENCE = 60
AT_ONCE = 50
"""Records of a batch, as in ``static/web/field/sync.js``."""


class WebServer:
    """`zerotrip serve`, killed with everything it has started, and started again."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment, self.port = dict(environment), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config", "serve", f"--port={self.port}"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(f"http://localhost:{self.port}/field/hello/", timeout=5):
                return
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Phone:
    """An outbox, and how it is handed in: nothing leaves it before the server has said that it has it."""

    def __init__(self, server: WebServer, *, session: str, account: str, records: list[Record]) -> None:
        self.server, self.account, self.outbox = server, account, list(records)
        self.cookies, self.number = {"sessionid": session}, None
        self.states: list[str] = []

    def hand_in(self, *, killed_once: Callable[[], bool] = lambda: False) -> bool:
        """Send the next batch, and kill the server as soon as something holds. Whether an answer came."""
        over = Event()
        killer = Thread(target=self._kill, args=(killed_once, over))
        killer.start()
        try:
            token = self._ask("/field/hello/")["token"]
            batch = self.outbox[:AT_ONCE]
            sent = {"at": time.time() * 1000, "ticks": 0, "page": "sent"}
            body = {"phone": self.number, "account": self.account, "sent": sent, "records": batch}
            told = self._ask("/field/sync/", body, token=token)
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            over.set()
            killer.join()
        self.number = told["phone"]
        done = {one["id"]: one["state"] for one in told["verdicts"]}
        self.states += done.values()
        self.outbox = [one for one in self.outbox if done.get(one["id"]) not in ("accepted", "already")]
        return True

    def _kill(self, once: Callable[[], bool], over: Event) -> None:
        while not over.wait(0.002):
            if once():
                self.server.kill()
                return

    def _ask(self, path: str, body: dict[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://localhost:{self.server.port}{path}",
            data=json.dumps(body).encode() if body else None,
            headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
                "Content-Type": "application/json",
                "X-CSRFToken": token,
            },
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _equals, rest = line.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return json.loads(answer.read())

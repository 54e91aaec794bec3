"""A health-code service for tests: over a real connection, it answers, hangs, lies, or is down. All fictitious."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from zerotrip.prevention.venues.healthcode import SIGNATURE, TIMESTAMP
from zerotrip.signed import is_signed, signature

SECRET = "a secret of tests, long enough for anybody"


class Service(ThreadingHTTPServer):
    """What it says to whom, and how often it was asked."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.now, self.over = now, Event()
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[_Desk, dict[str, Any]], Any] = lambda desk, asked: desk.tell(asked)
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.server_port}/code"

    def stop(self) -> None:
        """End it, and whatever hangs in it."""
        self.over.set()
        self.shutdown()
        self.server_close()


class _Desk(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert is_signed(body, self.headers[TIMESTAMP], self.headers[SIGNATURE], secrets=[SECRET])
        asked = json.loads(body)
        self.server.asked.append(asked)
        self.server.answer(self, asked)

    def tell(self, asked: dict[str, Any], *, secret: str = SECRET, status: int = 200, old: int = 0, **said) -> None:
        """Answer: green, unless it is said otherwise."""
        told = {"id": asked["id"], "colour": "green", "name": "王虚构", "number": "", **said}
        self.send(json.dumps(told).encode(), secret=secret, status=status, old=old)

    def send(self, content: bytes, *, secret: str = SECRET, status: int = 200, old: int = 0) -> None:
        """Answer with whatever it is, signed."""
        timestamp = str(int(self.server.now()) - old)
        self.send_response(status)
        self.send_header(TIMESTAMP, timestamp)
        self.send_header(SIGNATURE, signature(secret, timestamp, content))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Nothing."""

"""Many people with browsers, as a process of its own that knows nothing but addresses and sessions."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Reader:
    """One person with a browser: their session, and the pages they turn to."""

    session: str
    addresses: tuple[tuple[str, str], ...]


def clicked(
    port: int, people: Sequence[Reader], *, seconds: float, think: tuple[float, float] | None
) -> dict[str, list[float]]:
    """Milliseconds of every page everybody opened meanwhile, by page. The clients are a process of their own."""
    context = multiprocessing.get_context("spawn")
    told, telling = context.Pipe(duplex=False)
    client = context.Process(target=_click, args=(port, list(people), seconds, think, telling))
    client.start()
    found: dict[str, list[float]] = json.loads(told.recv())
    client.join()
    if not found:
        raise AssertionError("a page did not answer as it should")
    return found


def _click(
    port: int, people: list[Reader], seconds: float, think: tuple[float, float] | None, telling: Connection
) -> None:
    found: dict[str, list[float]] = defaultdict(list)
    faults: list[str] = []
    until = time.monotonic() + seconds

    def read(place: int, reader: Reader) -> None:
        chance = random.Random(place)
        browser = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": f"sessionid={reader.session}", "Accept-Language": "zh-CN"}
        if think:
            time.sleep(chance.uniform(0, think[1]))
        while time.monotonic() < until and not faults:
            name, address = chance.choice(reader.addresses)
            begun = time.perf_counter()
            browser.request("GET", address, headers=headers)
            answer = browser.getresponse()
            answer.read()
            found[name].append((time.perf_counter() - begun) * 1000)
            if answer.status != 200:
                faults.append(f"{address} answers {answer.status}")
            if think:
                time.sleep(chance.uniform(*think))

    threads = [threading.Thread(target=read, args=one) for one in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        print(faults[0], file=sys.stderr)
        found = {}
    telling.send(json.dumps(found))

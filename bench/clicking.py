"""Many people with browsers, as a process of its own that knows nothing but addresses and sessions."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """One person with a browser: their session, and the pages they turn to."""

    session: str
    addresses: tuple[tuple[str, str], ...]


def clicked(
    port: int, people: Sequence[Reader], *, seconds: float, think: tuple[float, float] | None
) -> dict[str, list[float]]:
    """Milliseconds of every page everybody opened meanwhile, by page."""
    asked = json.dumps([port, [[one.session, one.addresses] for one in people], seconds, think])
    command = [sys.executable, "-m", "bench.clicking"]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, timeout=seconds + 120)
    if told.returncode:
        raise AssertionError(told.stderr)
    found: dict[str, list[float]] = json.loads(told.stdout)
    return found


def main() -> None:
    """Click as standard input asks for, and print what was found."""
    port, people, seconds, think = json.load(sys.stdin)
    readers = [Reader(session, tuple(map(tuple, addresses))) for session, addresses in people]
    print(json.dumps(_click(port, readers, seconds, think)))


def _click(
    port: int, people: Sequence[Reader], seconds: float, think: tuple[float, float] | None
) -> dict[str, list[float]]:
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
        sys.exit(faults[0])
    return found


if __name__ == "__main__":
    main()

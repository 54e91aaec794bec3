"""Figures of whole cases: ours, the floor under it, the peers, and many clerks at once."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from django.db import connections

from bench import floor, flow
from bench.figures import Figure, figure
from bench.peers import spiff_permit

AIM_FLOOR, AIM_SPIFF, AIM_VIEWFLOW = 1.7, 1.5, 5.0


def measure(district: flow.District, *, repeats: int) -> Iterator[Figure]:
    """Ours, the floor, SpiffWorkflow and viewflow, in turns so that all see the same machine."""
    from bench.peers.viewflow_permit.driving import Peer

    first, recording = floor.record(district), floor.record(district)
    made = recording.identifiers() - first.identifiers()
    raw, spiff, viewflow = floor.connect(), spiff_permit.Peer(floor.connect()), Peer(district.clerk_user)
    runs = {
        "case_service": lambda serial: _service(district),
        "case_floor": lambda serial: floor.replay(raw, floor.afresh(recording, made, serial)),
        "case_spiff": lambda serial: spiff.run(),
        "case_viewflow": lambda serial: viewflow.run(),
    }
    found = _in_turns(runs, repeats)
    raw.close()
    spiff.close()
    yield from _told(found, recording, viewflow.statements)


def alone(district: flow.District, *, repeats: int) -> Iterator[Figure]:
    """Ours and the floor, in turns, without the peers."""
    first, recording = floor.record(district), floor.record(district)
    made = recording.identifiers() - first.identifiers()
    raw, serials = floor.connect(), count(next(_serials) * 100_000)
    runs = {
        "case_service": lambda serial: _service(district),
        "case_floor": lambda serial: floor.replay(raw, floor.afresh(recording, made, next(serials))),
    }
    found = _in_turns(runs, repeats)
    raw.close()
    yield from (figure(name, values, "ms") for name, values in found.items())


_serials = count(1)
"""Floors of the same database give their cases different numbers."""


def _in_turns(runs: dict[str, Callable[[int], float]], repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each, one after the other, so that all see the same machine."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for serial in range(-3, repeats):
        for name, run in runs.items():
            milliseconds = run(serial + 3) * 1000
            if serial >= 0:
                found[name].append(milliseconds)
    return found


def _service(district: flow.District) -> float:
    watch = flow.Stopwatch()
    flow.whole_case(district, watch)
    return watch.seconds


def _told(found: dict[str, list[float]], recording: floor.Recording, viewflow: int) -> Iterator[Figure]:
    figures = {name: figure(name, values, "ms") for name, values in found.items()}
    ours = figures["case_service"].median
    more: dict[str, dict[str, Any]] = {
        "case_service": {"statements": recording.statements, "commits": recording.commits},
        "case_floor": {"service_to_floor": round(ours / figures["case_floor"].median, 2), "aim": AIM_FLOOR},
        "case_spiff": {
            "service_to_spiff": round(ours / figures["case_spiff"].median, 2),
            "aim": AIM_SPIFF,
            "commits": spiff_permit.COMMITS,
        },
        "case_viewflow": {
            "viewflow_to_service": round(figures["case_viewflow"].median / ours, 2),
            "aim": AIM_VIEWFLOW,
            "statements": viewflow,
        },
    }
    for name, values in found.items():
        yield figure(name, values, "ms", **more[name])


def clerks(district: flow.District, *, seconds: float) -> Iterator[Figure]:
    """Whole cases a second with 1, 2, 4 and 8 processes at work, each over a connection of its own."""
    alone = 0.0
    for processes in (1, 2, 4, 8):
        connections.close_all()
        context = multiprocessing.get_context("fork")
        gate, done = context.Barrier(processes), context.Queue()
        workers = [context.Process(target=_clerk, args=(district, gate, done, seconds)) for _ in range(processes)]
        for worker in workers:
            worker.start()
        rates = [done.get(timeout=seconds * 10 + 60) for _ in workers]
        for worker in workers:
            worker.join()
        rate = sum(rates)
        alone = alone or rate
        yield figure(
            "case_clerks", [rate], "cases/s", sizes={"processes": processes}, times_one=round(rate / alone, 2)
        )


def _clerk(district: flow.District, gate: Any, done: Any, seconds: float) -> None:
    flow.whole_case(district)
    gate.wait()
    begun, cases = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        flow.whole_case(district)
        cases += 1
    done.put(cases / (time.perf_counter() - begun))
    connections.close_all()

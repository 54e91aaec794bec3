"""``python -m bench``: measure, one JSON line a figure."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.place import prepared

if TYPE_CHECKING:
    from bench.figures import Figure

TOGETHER = ("assets", "licences", "cases", "clerks", "http", "routing")
"""What is measured in one database, one after the other."""
APART = (
    *("matching", "policies", "runs", "enterprises"),
    *("rosters", "lots", "venues", "sampling", "coverage", "tenth", "million"),
)
"""What has a database, and a process, of its own: what is remembered of one database is wrong of another."""
PARTS = (*TOGETHER, *APART)
"""What there is to measure, in the order it is measured: many cases last."""
WITHOUT_LICENCE = ("cases", "clerks", "http")
"""Where a granted case brings forth nothing: printing and signing are a figure of their own."""
RESULTS = Path(__file__).with_name("results")


def main() -> int:
    """Measure what is asked for, print it, and keep it when everything was measured."""
    words = argparse.ArgumentParser(prog="zerotrip bench", description="One JSON line a figure.")
    words.add_argument("parts", nargs="*", metavar="part", help=f"what to measure, of {', '.join(PARTS)}; else all")
    words.add_argument("--full", action="store_true", help="at the sizes the issues name")
    words.add_argument("--keep", action="store_true", help="keep the figures in results/, as a run of all parts is")
    words.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if unknown := sorted(set(asked.parts) - set(PARTS)):
        words.error(f"unknown: {', '.join(unknown)}")
    parts = asked.parts or PARTS
    if asked.here:
        _here(parts, full=asked.full)
        return 0
    lines: list[str] = []
    whole = False
    try:
        for group in _groups(parts):
            lines.extend(_lines(group, full=asked.full))
        whole = not asked.parts
    finally:
        # What was measured before something failed, or took too long, stands.
        if asked.keep or not asked.parts:
            _keep(lines, RESULTS / ("full.jsonl" if asked.full else "default.jsonl"), among=not whole)
    return 0


def _keep(lines: list[str], place: Path, *, among: bool) -> None:
    """Write the figures down; ``among`` those that are there, in the place of their like."""
    before = place.read_text(encoding="utf-8").splitlines() if among and place.exists() else []
    fresh = {_kind(line) for line in lines}
    place.parent.mkdir(exist_ok=True)
    kept = [line for line in before if _kind(line) not in fresh]
    place.write_text("\n".join([*kept, *lines]) + "\n", encoding="utf-8")


def _kind(line: str) -> tuple[str, ...]:
    """What a figure is of: its name, and the names of its sizes."""
    told = json.loads(line)
    return told["figure"], *sorted(told["sizes"])


def _groups(parts: Iterable[str]) -> list[list[str]]:
    """The parts by the database they are measured in."""
    together = [part for part in PARTS if part in parts and part not in APART]
    return [group for group in (together, *([part] for part in APART if part in parts)) if group]


def _lines(parts: list[str], *, full: bool) -> Iterable[str]:
    """The figures of some parts, measured by a process of their own; each is printed as it comes."""
    command = [sys.executable, "-m", "bench", *parts, *(["--full"] if full else []), "--here"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as measuring:
        for line in measuring.stdout or ():
            print(line, end="", flush=True)
            yield line.rstrip("\n")
    if measuring.returncode:
        raise SystemExit(measuring.returncode)


def _here(parts: Iterable[str], *, full: bool) -> None:
    """Measure in this process, and print."""
    with prepared():
        for figure in _figures(parts, full=full):
            print(figure.line(), flush=True)


def _figures(parts: Iterable[str], *, full: bool) -> Iterable[Figure]:
    from bench import flow

    district = flow.build()
    measures = _measures(district, full)
    for part in PARTS:
        if part in parts:
            with flow.without_licence(part in WITHOUT_LICENCE):
                yield from measures[part]()


def _measures(district: object, full: bool) -> dict[str, Callable[[], Iterable[Figure]]]:
    from bench import (
        measured_assets,
        measured_cases,
        measured_coverage,
        measured_enterprises,
        measured_http,
        measured_licences,
        measured_lots,
        measured_matching,
        measured_million,
        measured_policies,
        measured_rosters,
        measured_routing,
        measured_runs,
        measured_sampling,
        measured_venues,
    )
    from bench.measured_million import FULL, SMALL

    return {
        "assets": measured_assets.measure,
        "licences": lambda: measured_licences.measure(district, repeats=100 if full else 40),
        "cases": lambda: measured_cases.measure(district, repeats=300 if full else 100),
        "clerks": lambda: measured_cases.clerks(district, seconds=20 if full else 8),
        "http": lambda: measured_http.measure(district, repeats=100 if full else 30, seconds=20 if full else 8),
        "matching": lambda: measured_matching.measure(
            offers=200_000 if full else 20_000, wants=400 if full else 100
        ),
        "routing": lambda: measured_routing.measure(repeats=20 if full else 5),
        "policies": lambda: measured_policies.measure(
            enterprises=1_000_000 if full else 20_000, repeats=5 if full else 3
        ),
        "runs": lambda: measured_runs.measure(grants=100_000 if full else 5_000),
        "enterprises": lambda: measured_enterprises.measure(
            enterprises=1_000_000 if full else 20_000, repeats=30 if full else 10
        ),
        "venues": lambda: measured_venues.measure(district, seconds=20 if full else 6),
        "lots": lambda: measured_lots.measure(movements=1_000_000 if full else 20_000, repeats=30 if full else 10),
        "rosters": lambda: measured_rosters.measure(people=1_000_000 if full else 20_000),
        "sampling": lambda: measured_sampling.measure(
            people=1_000_000 if full else 20_000,
            seconds=300 if full else 10,
            rows=1_000_000 if full else 50_000,
        ),
        "coverage": lambda: measured_coverage.measure(
            people=10_000_000 if full else 200_000, repeats=5 if full else 10
        ),
        "tenth": lambda: measured_coverage.of_a_tenth(
            people=1_000_000 if full else 20_000, repeats=5 if full else 10
        ),
        "million": lambda: measured_million.measure(district, FULL if full else SMALL),
    }


if __name__ == "__main__":
    sys.exit(main())

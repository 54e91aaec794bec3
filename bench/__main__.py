"""``python -m bench``: measure, one JSON line a figure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.place import prepared

if TYPE_CHECKING:
    from bench.figures import Figure

RESULTS = Path(__file__).with_name("results")


def _parts(full: bool) -> dict[str, Callable[[], Iterable[Figure]]]:
    """What there is to measure, in the order it is measured: small tables first."""
    from bench import flow, measured_assets, measured_cases, measured_licences, measured_pages

    district = flow.build()
    return {
        "assets": lambda: measured_assets.measure(district),
        "licences": lambda: measured_licences.measure(district, repeats=100 if full else 40),
        "cases": lambda: measured_cases.measure(district, repeats=300 if full else 60),
        "clerks": lambda: measured_cases.clerks(district, seconds=20 if full else 6),
        "pages": lambda: measured_pages.measure(district, cases=100_000, repeats=100 if full else 20),
    }


def main() -> int:
    """Measure what is asked for, print it, and keep it when everything was measured."""
    words = argparse.ArgumentParser(prog="zerotrip bench", description="One JSON line a figure.")
    words.add_argument("parts", nargs="*", help="what to measure: assets licences cases clerks pages; all if none")
    words.add_argument("--full", action="store_true", help="at the sizes the issues name")
    asked = words.parse_args()
    lines = []
    with prepared():
        parts = _parts(asked.full)
        if unknown := set(asked.parts) - set(parts):
            words.error(f"unknown: {', '.join(sorted(unknown))}")
        for name, measure in parts.items():
            if asked.parts and name not in asked.parts:
                continue
            for figure in measure():
                lines.append(figure.line())
                print(lines[-1], flush=True)
    if not asked.parts:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / ("full.jsonl" if asked.full else "default.jsonl")).write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bench.exporting KEY``: write one export as the worker does; prints seconds and megabytes held."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Seconds, the most memory held before, the most memory held at all."""
    django.setup()
    from django.utils import timezone

    from config import urls  # noqa: F401 - what a running process has loaded
    from zerotrip.cases import actions
    from zerotrip.cases.models import Export

    key = sys.argv[1]
    Export.objects.filter(pk=key).exists()
    before, begun = _most(), time.perf_counter()
    actions.run_export(key, at=timezone.now())  # type: ignore[arg-type]
    print(time.perf_counter() - begun, before, _most())


def _most() -> float:
    """The most memory this program has held. What the system counts includes the process it was started by."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

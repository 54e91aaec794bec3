"""``python -m config`` is ``zerotrip``: how the supervisor starts its children."""

from __future__ import annotations

from config.cli import main

main()

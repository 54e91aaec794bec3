"""A start of the program loads what every start needs, and nothing of what few ever use."""

from __future__ import annotations

import subprocess
import sys

SELDOM_USED = ("pyhanko", "asn1crypto", "aiohttp", "holidays", "rjieba", "segno", "barcode", "babel", "hypothesis")
"""Signing, working out years, cutting words, drawing codes: imported where they are used."""


def test_what_is_seldom_used_is_not_loaded_at_the_start():
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, django; django.setup(); import config.cli, config.tasks, config.urls;"
            f"print([name for name in {SELDOM_USED!r} if name in sys.modules], 'config.urls' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.strip() == "[] True"

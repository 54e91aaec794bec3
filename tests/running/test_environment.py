"""What an installation makes for itself."""

from __future__ import annotations

import os
import subprocess
import sys

ASK = "from config import environment; print(environment.secret())"


def secret(folder):
    return subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "ZEROTRIP_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_the_secret_is_made_once_long_and_private(tmp_path):
    folder = tmp_path / "data"

    first = secret(folder)

    assert len(first) >= 50
    assert secret(folder) == first
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600


def test_each_installation_has_a_secret_of_its_own(tmp_path):
    assert secret(tmp_path / "one") != secret(tmp_path / "other")

"""What the tests run in: loaded before the settings are (``-p tests.environment``).

Sets what the settings ask for, and unless ``DATABASE_URL`` names a server starts a PostgreSQL of
the tests' own, without the syncing that only matters when the power fails.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

stack = ExitStack()


def prepare() -> None:
    """Give this process, and those it starts, an environment of its own."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    data = Path(tempfile.mkdtemp(prefix="zerotrip-tests-"))
    data.chmod(0o711)
    (data / "static").mkdir()
    stack.callback(shutil.rmtree, data, ignore_errors=True)
    os.environ |= {
        "ZEROTRIP_DATA": str(data),
        "ZEROTRIP_SECRET": "only-for-tests-" * 4,
        "ZEROTRIP_POOL": "0",
        "ZEROTRIP_DEMO": "",
    }
    if not os.environ.get("DATABASE_URL"):
        from config import database

        os.environ["DATABASE_URL"] = stack.enter_context(database.embedded(data / "postgres", durable=False))


prepare()
atexit.register(stack.close)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and clear away, as soon as the last test is over."""
    stack.close()

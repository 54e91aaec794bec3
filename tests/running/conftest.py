"""A place for clusters and installations of the tests' own."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _place() -> Iterator[Path]:
    """A folder that root's stand-in can reach.

    Not under pytest's own: any other pytest that starts meanwhile shuts those to everybody else
    again, and a server whose data folder is out of reach goes down.
    """
    folder = Path(tempfile.mkdtemp(prefix="zerotrip-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of one test's own."""
    with _place() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    """A folder the tests of a module share."""
    with _place() as folder:
        yield folder

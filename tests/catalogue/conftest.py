"""A copy of the shipped pack to change, and the pack loaded."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import world
from zerotrip.catalogue.actions import Report, load_pack
from zerotrip.parties.access import SYSTEM

SHIPPED = world.PACK
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the shipped pack."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "pack"))


@pytest.fixture
def loaded(db: None) -> Report:
    """The shipped pack, loaded."""
    return load_pack(SHIPPED, by=SYSTEM, at=NOW)

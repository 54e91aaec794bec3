from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A store of the test's own."""
    settings.FILES = tmp_path / "files"
    return settings.FILES


@pytest.fixture
def contents(folder):
    """How many files lie in the store, whatever their sort."""
    return lambda: sum(path.is_file() for path in folder.rglob("*"))

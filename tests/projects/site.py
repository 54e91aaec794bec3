"""The chain of permits of a building project, as the pack declares it."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests import world

CHAIN = (
    "site-opinion",
    "investment-filing",
    "investment-verification",
    "land-planning-granted",
    "land-planning-allocated",
    "project-planning",
    "construction-permit",
    "drainage-filing",
    "construction-waste",
    "line-check",
    "planning-acceptance",
    "completion-filing",
    "pollutant-permit",
    "need-trade",
    "need-approvals",
)
FACTS: dict[str, Any] = {
    "site": {"area": "370199002002", "detail": "示范大道 88 号"},
    "land": "granted",
    "verified": False,
    "foreign_invested": False,
    "foreign_trade": False,
    "builds": True,
    "floor_area": "2000",
    "use": "industrial",
    "scale": "标准厂房一栋",
    "demolition": False,
    "special_fire": False,
    "pollutes": False,
}
"""A factory on granted land: seven permits and the papers of its site."""


def pack_with(services: tuple[str, ...]) -> Path:
    """A folder of the pack with these services; those without samples or scenarios too."""
    folder = Path(tempfile.mkdtemp(prefix="zerotrip-pack-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for part in ("services", "samples", "scenarios"):
        (folder / part).mkdir()
        for service in services:
            if (source := world.WHOLE / part / f"{service}.yaml").exists():
                shutil.copy(source, folder / part)
    shutil.copytree(world.WHOLE / "templates", folder / "templates")
    for name in ("pack.yaml", "district.yaml", "shared.yaml", "projects.yaml"):
        shutil.copy(world.WHOLE / name, folder)
    district = folder / "district.yaml"
    district.write_text(re.sub(r"frequent: .*", "frequent: []", district.read_text(encoding="utf-8")), "utf-8")
    return folder


scheme = cache(pack_with)

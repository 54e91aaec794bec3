"""The policy and the facts of the manual, as tests use them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from config.places import ROOT
from tests import world

MANUAL = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
FACTS = world.WHOLE / "facts.yaml"


def block(heading: str) -> str:
    """The example of the manual that begins with this comment."""
    found = re.search(rf"```yaml\n# {re.escape(heading)}[^\n]*\n(.*?)```", MANUAL, re.DOTALL)
    assert found, heading
    return found.group(1)


def pack(folder: Path) -> Path:
    """The small pack with the shipped facts and shelves, and the policy of the manual."""
    shutil.copytree(world.PACK, folder, dirs_exist_ok=True)
    shutil.copy(world.WHOLE / "shelves.yaml", folder)
    (folder / "policies").mkdir()
    more = block("facts.yaml").removeprefix("facts:\n")
    (folder / "facts.yaml").write_text(FACTS.read_text(encoding="utf-8").rstrip() + "\n" + more, encoding="utf-8")
    (folder / "policies" / "steady-output.yaml").write_text(block("policies/steady-output.yaml"), encoding="utf-8")
    return folder

"""Where the checkout is and where this installation keeps its data. Needs no setting but one."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("ZEROTRIP_DATA") or ROOT / ".data").absolute()
"""The embedded database, the file store, collected static files and generated keys live here."""


def make_data_folder() -> Path:
    """``DATA``, made if it is not there: others may pass through, not look in.

    The embedded PostgreSQL refuses to run as root, so its own user has to reach its folder.
    """
    DATA.mkdir(mode=0o711, parents=True, exist_ok=True)
    return DATA

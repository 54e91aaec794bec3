"""PDF/A from Typst templates, in milliseconds: compilers stay warm, one for each template and process.

What people wrote enters as JSON in ``sys.inputs.data`` and is only ever text: no template evaluates
it, so it cannot be markup.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import typst

from zerotrip.licences.lettering import FONTS, writable_all

if TYPE_CHECKING:
    from datetime import datetime

STANDARD: Literal["a-2a"] = "a-2a"
"""PDF/A-2a: archival, with its text and structure readable by programs and screen readers."""
WARM = 64
"""Templates kept compiled."""


PREFIX = "zerotrip-press-"
LEFT_BEHIND = 24 * 60 * 60
"""Seconds after which a folder is nobody's any more whose process is not to be found."""


def clear_left_behind(fresh: Path) -> None:
    """Remove the folders of presses whose process was killed long before ``fresh`` was made, beside it."""
    for folder in fresh.parent.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and _is_running(int(owner)):
            continue
        with suppress(OSError):
            if folder.stat().st_mtime < fresh.stat().st_mtime - LEFT_BEHIND:
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


class Press:
    """A template and what it imports, compiled once, printed from many times."""

    def __init__(self, files: Mapping[str, str], main: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        root = Path(self._folder.name)
        clear_left_behind(root)
        for name, text in files.items():
            (root / Path(name).name).write_text(text, encoding="utf-8")
        # Its own folder is also where it looks for packages: a template fetches nothing.
        self._compiler = typst.Compiler(
            root / main,
            root=root,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=root,
            package_cache_path=root,
        )
        self._lock = Lock()

    def print(self, data: Mapping[str, Any], pictures: Mapping[str, str], *, at: datetime) -> bytes:
        """The document for ``data``, dated ``at``. Raises ``typst.TypstError`` when the template fails."""
        inputs = {**pictures, "data": json.dumps(writable_all(data), ensure_ascii=False)}
        with self._lock:
            printed = self._compiler.compile(
                format="pdf", sys_inputs=inputs, pdf_standards=STANDARD, timestamp=int(at.timestamp())
            )
        if not isinstance(printed, bytes):
            raise AssertionError("a PDF is one string of bytes")
        return printed


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@lru_cache(maxsize=WARM)
def _press(files: frozenset[tuple[str, str]], main: str) -> Press:
    return Press(dict(files), main)


def render(
    files: Mapping[str, str],
    main: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """The template ``main`` of ``files`` printed as PDF/A.

    ``data`` reaches the template as ``json(bytes(sys.inputs.data))``, its strings as nothing but
    text; ``pictures`` are SVG made by us, each under its name in ``sys.inputs``.
    """
    return _press(frozenset(files.items()), main).print(data, pictures or {}, at=at)


def qr_code(url: str) -> str:
    """A QR code as SVG, a quarter of which may be lost (level Q)."""
    import segno  # slow to load, seldom drawn

    target = io.BytesIO()
    segno.make(url, error="q", micro=False).save(target, kind="svg", xmldecl=False, border=0, omitsize=True)
    return target.getvalue().decode()

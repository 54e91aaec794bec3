"""Files at a place of their own, for a while: each is there as a whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from zerotrip.errors import TooLarge
from zerotrip.files.store import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zerotrip.files.store import Readable


def folder(name: str) -> Path:
    """A folder beside the store, made where it is not there."""
    place = Path(settings.FILES, name)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A temporary file beside ``place`` that takes its place at the end, or is gone."""
    descriptor, name = tempfile.mkstemp(dir=place.parent, suffix=".part")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def received(stream: Readable, place: Path, *, most: int) -> Iterator[tuple[str, int]]:
    """Write what arrives beside ``place``: its SHA-256 and its bytes. It takes its place when the block ends well.

    Raises TooLarge past ``most`` bytes. A row that is written within the block and cannot be leaves the place as
    it was.
    """
    digest, size = hashlib.sha256(), 0
    with whole(place) as temporary:
        with temporary.open("wb") as kept:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise TooLarge(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": most // 1024 // 1024})
                digest.update(chunk)
                kept.write(chunk)
        yield digest.hexdigest(), size


def clear_leftovers(place: Path, *, before: datetime) -> None:
    """Remove what whoever was killed before then had begun to write."""
    for part in place.glob("*.part"):
        if part.stat().st_mtime < before.timestamp():
            part.unlink(missing_ok=True)

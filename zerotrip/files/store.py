"""The folder of the store: contents and previews by SHA-256, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound, TooLarge, WrongType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

CHUNK = 256 * 1024
"""Bytes read at a time."""


class Readable(Protocol):
    """Whatever bytes can be read from: an open file, an upload, a socket."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A content that lies in a temporary file, not yet judged."""

    file: BinaryIO
    path: Path
    sha256: str
    size: int


def blob_path(sha256: str) -> Path:
    """Where the content of this digest lies."""
    return _shard("blobs", sha256)


def preview_folder(sha256: str) -> Path:
    """Where the previews of this content lie."""
    return _shard("previews", sha256)


def _shard(kind: str, sha256: str) -> Path:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotFound(_("没有这个文件。"))
    return Path(settings.FILES, kind, sha256[:2], sha256[2:4], sha256)


def open_blob(sha256: str) -> BinaryIO:
    """The content of this digest, for reading. Raises NotFound when it is not in the folder."""
    try:
        return blob_path(sha256).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("没有这个文件。")) from error


@contextmanager
def receive(stream: Readable, *, limit: int) -> Iterator[Arrival]:
    """Read ``stream`` into a temporary file that is gone at the end unless it was kept.

    Raises TooLarge as soon as more than ``limit`` bytes have come, WrongType when there are none.
    """
    folder = settings.FILES / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            sha256, size = _copy(stream, file, limit)
            yield Arrival(file, path, sha256, size)
    finally:
        path.unlink(missing_ok=True)


def _copy(stream: Readable, file: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge(_("文件超过 %(limit)s，请压缩或分开后再上传。") % {"limit": filesizeformat(limit)})
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise WrongType(_("这是一个空文件，请重新选择。"))
    file.flush()
    return digest.hexdigest(), size


def keep(arrival: Arrival) -> None:
    """Move an arrival to its place, safe against a power cut. The same content replaces itself."""
    place = blob_path(arrival.sha256)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.fsync(arrival.file.fileno())
    arrival.path.replace(place)
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_preview(place: Path, content: bytes) -> None:
    """Put a preview in its place at once, so that no reader sees half of it."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(name).replace(place)


def remove(sha256: str) -> None:
    """Take a content and its previews out of the folder."""
    blob_path(sha256).unlink(missing_ok=True)
    shutil.rmtree(preview_folder(sha256), ignore_errors=True)


def stored_before(moment: datetime) -> Iterator[str]:
    """The digests of the contents whose files are older than ``moment``."""
    for path in _older(settings.FILES / "blobs", "*/*/*", moment):
        yield path.name


def discard_leftovers(moment: datetime) -> None:
    """Remove what interrupted uploads before ``moment`` left behind."""
    for path in _older(settings.FILES / "incoming", "*", moment):
        path.unlink(missing_ok=True)


def _older(folder: Path, pattern: str, moment: datetime) -> Iterator[Path]:
    for path in folder.glob(pattern):
        try:
            if path.stat().st_mtime < moment.timestamp():
                yield path
        except FileNotFoundError:
            continue

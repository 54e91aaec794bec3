"""Names people give to files: kept for the reader, never believed."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST = 120
_ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
}


def clean_name(name: str, media_type: str) -> str:
    """``name`` as it may be shown and offered for download.

    Folders, control characters and marks that turn the writing direction are gone; the ending says
    what the content is, whatever the name said.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", last))
    words = " ".join(seen.split()).lstrip(".")
    endings = _ENDINGS[media_type]
    path = PurePosixPath(words or "-")
    ending = path.suffix.lower() if path.suffix.lower() in endings else endings[0]
    stem = path.stem if path.suffix.lower() in endings else path.name
    return stem[: LONGEST - len(ending)] + ending

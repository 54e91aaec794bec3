"""Time and place, drawn on a photograph. The original is kept as it came; what is shown is the stamped one."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.files.actions import store
from zerotrip.files.content import HEAVY
from zerotrip.files.store import open_blob
from zerotrip.licences.lettering import FONTS, writable
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.files.attaching import Handed
    from zerotrip.files.models import Blob

LARGEST = 2048
"""Pixels of the longer side of a stamped photograph."""
QUALITY = 85
PICTURES = ("image/jpeg", "image/png", "image/webp")


def stamped(
    files: Sequence[Handed], name: str, position: Mapping[str, float] | None, *, done_at: datetime, at: datetime
) -> dict[str, Blob]:
    """The photographs among some files with two lines drawn on each, by the key of the original."""
    told = [f"{done_at.astimezone(CHINA):%Y-%m-%d %H:%M}  {name}", _where(position)]
    pictures = {one.blob.pk: one.blob for one in files if one.blob.media_type in PICTURES}
    return {key: stamp(blob, told, at=at) for key, blob in pictures.items()}


def _where(position: Mapping[str, float] | None) -> str:
    if position is None:
        return _("无定位")
    return f"{position['lat']:.5f}, {position['lon']:.5f} ±{position['accuracy']:.0f} m"


def stamp(blob: Blob, lines: Sequence[str], *, at: datetime) -> Blob:
    """A photograph with lines at its foot, stored as a file of its own."""
    from PIL import Image, ImageDraw, ImageOps  # slow to load, needed only where something is uploaded

    with HEAVY, open_blob(blob.pk) as file, Image.open(file) as opened:
        opened.draft("RGB", (LARGEST, LARGEST))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((LARGEST, LARGEST))
    size = max(14, min(picture.width // 28, picture.height // 14))
    foot = size * (len(lines) + 1) + size // 2
    shade = Image.new("RGBA", (picture.width, foot), (0, 0, 0, 150))
    picture.paste(shade.convert("RGB"), (0, picture.height - foot), shade)
    pen = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        where = (size // 2, picture.height - foot + size // 2 + place * (size + size // 4))
        pen.text(where, _fitting(line, picture.width // size * 2), fill="white", font=_font(size))
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=QUALITY)
    drawn.seek(0)
    return store(drawn, at=at)


def _fitting(line: str, most: int) -> str:
    """A line that is not wider than the photograph, roughly: a Han character is as wide as two others."""
    text, width = "", 0
    for letter in writable(line):
        width += 2 if letter > "\u2e7f" else 1
        if width > most:
            return text + "…"
        text += letter
    return text


@lru_cache(maxsize=16)
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(FONTS / "NotoSerifSC-Bold.ttf", size)

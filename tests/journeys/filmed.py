"""What a camera sees, for browsers that are given a film in place of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import barcode
import segno
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 640, 480
FRAMES = 5


def qr_code(text: str) -> Image.Image:
    """A QR code as somebody holds it up."""
    modules = [[bool(one) for one in row] for row in segno.make_qr(text, error="m").matrix]
    side = max(3, 300 // len(modules))
    return _drawn(
        [[(place, line, 1, 1) for place, one in enumerate(row) if one] for line, row in enumerate(modules)], side
    )


def bar_code(text: str) -> Image.Image:
    """A Code 128 as it is stuck on a tube."""
    (bars,) = barcode.get("code128", text).build()
    return _drawn([[(place, 0, 1, 40) for place, bar in enumerate(bars) if bar == "1"]], 3)


def _drawn(rows: list[list[tuple[int, int, int, int]]], side: int) -> Image.Image:
    picture = Image.new("L", SIZE, 235)
    pen = ImageDraw.Draw(picture)
    for left, top, width, height in (one for row in rows for one in row):
        x, y = 60 + left * side, 60 + top * side
        pen.rectangle((x, y, x + width * side - 1, y + height * side - 1), fill=20)
    return picture


def film(picture: Image.Image, path: Path) -> None:
    """Write the picture as a film (YUV4MPEG2) over what was filmed before: a camera that is opened sees it."""
    width, height = SIZE
    frame = b"FRAME\n" + picture.tobytes() + b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)

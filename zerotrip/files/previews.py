"""Pictures of what is stored: re-encoded, so that nothing of the original but its look gets through."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdfium2
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from zerotrip.errors import NotFound
from zerotrip.files import store
from zerotrip.files.content import HEAVY, PDF

if TYPE_CHECKING:
    from zerotrip.files.models import Blob

MEDIA_TYPE = "image/jpeg"
"""Of every preview."""
WIDTHS = (160, 480, 960, 1600)
"""Pixels. A preview comes in the next of these widths, so that the cache stays small."""
TALLEST = 4
"""A preview is at most this many times as high as wide; what is longer is made narrower."""
QUALITY = 85


def page_image(blob: Blob, page: int, width: int) -> bytes:
    """Page ``page`` (from 1) as a JPEG about ``width`` pixels wide, upright, without metadata.

    Made once and kept beside the store. Raises NotFound when there is no such page.
    """
    if not 1 <= page <= (blob.pages or 1):
        raise NotFound(_("这个文件没有第 %(page)d 页。") % {"page": page})
    width = next((wide for wide in WIDTHS if wide >= width), WIDTHS[-1])
    place = store.preview_folder(blob.pk) / f"{page}-{width}.jpg"
    try:
        return place.read_bytes()
    except FileNotFoundError:
        content = _draw(blob, page, width)
        store.write_preview(place, content)
        return content


def _draw(blob: Blob, page: int, width: int) -> bytes:
    with store.open_blob(blob.pk) as file, HEAVY:
        is_pdf = blob.media_type == PDF
        image = _pdf_page(file.read(), page, width) if is_pdf else _upright(Image.open(file), width)
        target = io.BytesIO()
        image.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


def _pdf_page(data: bytes, page: int, width: int) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        wide, high = document.get_page_size(page - 1)
        scale = min(width / max(wide, 1), width * TALLEST / max(high, 1))
        bitmap = document[page - 1].render(scale=scale, may_draw_forms=False)
        image: Image.Image = bitmap.to_pil()
        return image.convert("RGB")


def _upright(image: Image.Image, width: int) -> Image.Image:
    image.draft("RGB", (width, width * TALLEST))
    image = ImageOps.exif_transpose(image)
    image.thumbnail((width, width * TALLEST))
    if not image.has_transparency_data:
        return _bare(image.convert("RGB"))
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return _bare(paper.convert("RGB"))


def _bare(image: Image.Image) -> Image.Image:
    """Without position, camera, comments and colour profile."""
    image.info.clear()
    return image

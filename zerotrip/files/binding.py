"""Photographs and scans of one paper, bound into one document."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, cast

import pypdfium2
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from zerotrip.errors import WrongType
from zerotrip.files.content import HEAVY, IMAGES, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

LONGEST = 2480
"""Pixels of a page's longer side: A4 at about 212 dots an inch, in which small print stays legible."""
DOTS = 212.0
QUALITY = 85


def bind(photographs: Sequence[IO[bytes]], *, before: bytes = b"") -> bytes:
    """The photographs as pages of a PDF in their order, behind those of the PDF ``before``.

    Turned upright as the camera held them, and without what the camera noted of place and device.
    Raises WrongType for what is no image, or a broken one.
    """
    pages = [_page(photograph) for photograph in photographs]
    with HEAVY:
        bound = pypdfium2.PdfDocument.new()
        for part in ([before] if before else []) + pages:
            source = pypdfium2.PdfDocument(part)
            bound.import_pages(source)
            source.close()
        out = io.BytesIO()
        bound.save(out)
        bound.close()
    return out.getvalue()


def _page(photograph: IO[bytes]) -> bytes:
    judge(cast(BinaryIO, photograph), allowed=IMAGES)
    photograph.seek(0)
    with HEAVY:
        try:
            with Image.open(photograph) as opened:
                image = ImageOps.exif_transpose(opened).convert("RGB")
        except (OSError, ValueError) as error:
            raise WrongType(_("照片打不开，请重新拍照。")) from error
        image.thumbnail((LONGEST, LONGEST))
        out = io.BytesIO()
        image.save(out, "PDF", resolution=DOTS, quality=QUALITY)
    return out.getvalue()

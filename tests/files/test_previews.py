"""A preview shows the look of a file and nothing else of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from tests.files import samples
from zerotrip.errors import NotFound
from zerotrip.files import actions
from zerotrip.files.previews import page_image
from zerotrip.files.store import blob_path

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def put(data: bytes):
    return actions.store(io.BytesIO(data), at=AT)


def shown(blob, page=1, width=480) -> Image.Image:
    return Image.open(io.BytesIO(page_image(blob, page, width)), formats=["JPEG"])


def test_a_page_of_a_pdf_is_drawn_at_the_next_width():
    blob = put(samples.pdf(pages=2))
    assert shown(blob, page=2, width=400).size == (480, 720)


def test_there_is_no_page_beyond_the_last():
    blob = put(samples.pdf(pages=2))
    for page in (0, 3):
        with pytest.raises(NotFound):
            page_image(blob, page, 480)
    with pytest.raises(NotFound):
        page_image(put(samples.image()), 2, 480)


def test_a_photograph_is_upright_and_says_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera 7"
    exif.get_ifd(0x8825)[1] = "N"
    picture = shown(put(samples.image("JPEG", size=(400, 200), exif=exif, comment=b"secret")))
    assert picture.size == (200, 400)
    assert not picture.getexif()
    assert "comment" not in picture.info


def test_what_is_transparent_shows_as_paper():
    picture = shown(put(samples.image("PNG", mode="RGBA")))
    assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_a_very_long_page_stays_small():
    assert max(shown(put(samples.image(size=(20, 9000)))).size) <= 4 * 480


def test_a_preview_is_made_once():
    blob = put(samples.image())
    first = page_image(blob, 1, 480)
    blob_path(blob.pk).unlink()
    assert page_image(blob, 1, 480) == first


def test_previews_go_with_their_content(contents):
    page_image(put(samples.image()), 1, 480)
    assert contents() == 2
    actions.sweep(at=AT + timedelta(days=2))
    assert contents() == 0

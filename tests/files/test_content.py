"""What is taken and what is not is judged by the bytes."""

from __future__ import annotations

import io
import struct
from contextlib import suppress

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.files import samples
from zerotrip.errors import Invalid, Refusal, WrongType
from zerotrip.files.content import JPEG, PDF, PNG, WEBP, Content, judge


def judged(data: bytes, **options) -> Content:
    return judge(io.BytesIO(data), **options)


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", PNG), ("JPEG", JPEG), ("WEBP", WEBP)])
def test_images_are_known_by_their_content(kind, media_type):
    assert judged(samples.image(kind)) == Content(media_type)


@pytest.mark.parametrize("options", [{"lossless": True}, {"mode": "RGBA"}, {"quality": 40}])
def test_every_sort_of_webp_is_taken(options):
    assert judged(samples.image("WEBP", **options)) == Content(WEBP)


def test_a_pdf_is_counted():
    assert judged(samples.pdf(pages=3)) == Content(PDF, 3)


def test_the_smallest_image_is_an_image():
    assert judged(samples.image("PNG", size=(1, 1))) == Content(PNG)


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"\0" * 5000,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"<html>" + samples.pdf(),
        b"\n" + samples.pdf(),
        b"MZ" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"GIF89a" + b"\0" * 200,
        samples.zip_bomb(),
    ],
)
def test_nothing_else_is_taken(data):
    with pytest.raises(WrongType, match="只收"):
        judged(data)


def test_a_place_for_images_takes_no_pdf():
    with pytest.raises(WrongType, match="只收 JPG"):
        judged(samples.pdf(), allowed={PNG, JPEG})


def test_a_place_for_pdf_takes_no_image():
    with pytest.raises(WrongType, match="另存为 PDF"):
        judged(samples.image(), allowed={PDF})


@pytest.mark.parametrize("host", [samples.pdf(), samples.image("JPEG"), samples.image("PNG")])
def test_an_archive_hidden_behind_another_type_is_found(host):
    with pytest.raises(WrongType, match="压缩包"):
        judged(host + samples.zip_bomb())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_image_is_refused(kind):
    data = samples.image(kind, size=(400, 300))
    with pytest.raises(WrongType, match="损坏"):
        judged(data[: len(data) * 2 // 3])


def test_a_truncated_pdf_is_refused_or_whole():
    with pytest.raises(WrongType, match="损坏"):
        judged(samples.pdf()[:60])


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (8_000, 8_000), (1_600_000, 1), (30_001, 1)])
def test_an_image_bomb_is_refused_before_it_is_decoded(width, height):
    with pytest.raises(Invalid, match="像素"):
        judged(samples.png_claiming(width, height))


def test_a_webp_bomb_is_refused_before_it_is_opened():
    body = b"\0\0\0\0" + (16_000).to_bytes(3, "little") + (16_000).to_bytes(3, "little")
    data = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + body
    with pytest.raises(Invalid, match="像素"):
        judged(data)


def test_a_locked_pdf_is_refused():
    key = "<" + "00" * 32 + ">"
    lock = f"<< /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >>".encode()
    data = samples.pdf(objects=(lock,), trailer="/Encrypt 4 0 R /ID [<00> <00>]")
    with pytest.raises(Invalid, match="密码"):
        judged(data)


def test_a_pdf_of_too_many_pages_is_refused():
    with pytest.raises(Invalid, match="500 页"):
        judged(samples.pdf(pages=501))


SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


@pytest.mark.parametrize(
    "data",
    [
        samples.pdf(catalog="/OpenAction 4 0 R", objects=(SCRIPT,)),
        samples.pdf(catalog="/OpenAction 4 0 R", objects=(SCRIPT.replace(b"JavaScript", b"J#61vaScript"),)),
        samples.pdf(catalog="/OpenAction << /S /Launch /F (cmd.exe) >>"),
        samples.pdf(catalog="/Names << /EmbeddedFiles << /Names [] >> >>"),
        samples.pdf(catalog="/AcroForm << /XFA [] >>"),
        samples.pdf(catalog="/OpenAction << /S/SubmitForm/F(http://x) >>"),
        samples.pdf(objects=(samples.object_table(SCRIPT),)),
        samples.pdf(objects=(samples.object_table(b"<< /S /L#61unch >>"),)),
    ],
)
def test_an_active_pdf_is_refused_however_it_hides(data):
    with pytest.raises(Invalid, match="脚本"):
        judged(data)


def test_a_harmless_object_table_is_taken():
    assert judged(samples.pdf(objects=(samples.object_table(b"<< /Title (x) >>"),))).pages == 1


def test_an_object_table_that_cannot_be_looked_into_is_refused():
    coded = b"<< /Type /ObjStm /N 1 /First 5 /Filter /ASCIIHexDecode >>\nstream\n39>\nendstream"
    with pytest.raises(Invalid, match="不寻常"):
        judged(samples.pdf(objects=(coded,)))


def test_an_object_table_that_inflates_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("zerotrip.files.content.MOST_INFLATED", 100_000)
    with pytest.raises(Invalid, match="不寻常"):
        judged(samples.pdf(objects=(samples.object_table(b" " * 300_000),)))


def test_pdfium_agrees_that_the_sample_is_a_pdf():
    with pypdfium2.PdfDocument(samples.pdf(pages=2)) as document:
        assert len(document) == 2


@given(some.sampled_from([samples.pdf(), samples.image("PNG"), samples.image("JPEG")]), some.data())
def test_damage_is_refused_in_words_or_harmless(data, draw):
    """Whatever happens to a file on its way, the answer is a refusal or a judgement, never an error."""
    where = draw.draw(some.integers(0, len(data) - 1))
    noise = draw.draw(some.binary(max_size=12))
    with suppress(Refusal):
        assert judged(data[:where] + noise + data[where + len(noise) :]).media_type in (PDF, PNG, JPEG)

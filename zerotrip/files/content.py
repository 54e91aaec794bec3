"""What a file is, judged by its bytes. Names and declared types are never looked at.

Only what staff and applicants can look at in the browser is taken: PDF, JPEG, PNG and WebP. Office
documents, OFD, HEIC, SVG, HTML, archives and programs are not; the message says what to do instead.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from zerotrip.errors import Invalid, WrongType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PDF, JPEG, PNG, WEBP = "application/pdf", "image/jpeg", "image/png", "image/webp"
IMAGES = frozenset({JPEG, PNG, WEBP})
DOCUMENTS = IMAGES | {PDF}
"""What the store takes unless told otherwise."""

MOST_PAGES = 500
MOST_PIXELS = 50_000_000
"""Of an image: 8,160 × 6,120, more than phones take unless asked for more."""
LONGEST_SIDE = 30_000
MOST_INFLATED = 64 * 1024 * 1024
"""Bytes of compressed object tables of a PDF that are looked into."""

HEAVY = Lock()
"""Held while PDFium works, which knows no threads, and while an image is decoded, for its memory."""

# Our own limit is checked before anything is decoded; Pillow's would only warn at half of its own.
Image.MAX_IMAGE_PIXELS = None

_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Movie|Sound)"
    rb"(?=[\s/<>\[\]()%]|$)"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_UNREADABLE = re.compile(rb"/(?:ASCIIHexDecode|ASCII85Decode|LZWDecode|RunLengthDecode)\b")
_STREAM = re.compile(rb"stream\r?\n")
_OBJECT_TABLE = re.compile(rb"\s*\d+\s+\d+(\s|$)")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file turned out to be. ``pages`` is None for images."""

    media_type: str
    pages: int | None = None


def judge(file: BinaryIO, *, allowed: Collection[str] = DOCUMENTS) -> Content:
    """What ``file`` is. Raises WrongType when it is nothing allowed, or broken; Refused when unsafe."""
    media_type = _signature(file)
    if media_type is None or media_type not in allowed:
        raise WrongType(_wanted(allowed))
    if _is_zip(file):
        raise WrongType(_("这个文件里夹带了压缩包，请重新导出或拍照后上传。"))
    file.seek(0)
    if media_type == PDF:
        return Content(PDF, _judge_pdf(file.read()))
    _judge_image(file, media_type)
    return Content(media_type)


def _signature(file: BinaryIO) -> str | None:
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    return None


def _wanted(allowed: Collection[str]) -> str:
    if PDF not in allowed:
        return _("这里只收 JPG、PNG 或 WebP 图片，请拍照或截图后上传。")
    if not IMAGES & set(allowed):
        return _("这里只收 PDF 文件，请另存为 PDF 后上传。")
    return _("只收 PDF 和 JPG、PNG、WebP 图片。Word、Excel、OFD 文件请另存为 PDF，其他文件请拍照后上传。")


def _is_zip(file: BinaryIO) -> bool:
    """Whether an archive hides behind another type: a reader of archives looks at the end first."""
    file.seek(0)
    return zipfile.is_zipfile(file)


def _broken() -> WrongType:
    return WrongType(_("文件已损坏或不完整，打不开。请重新导出或拍照后上传。"))


def _judge_pdf(data: bytes) -> int:
    """The number of pages. Refuses what is locked, active, too long or cannot be opened."""
    with HEAVY:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
                raise Invalid(_locked()) from error
            raise _broken() from error
        with document:
            pages = len(document)
            locked = pdfium.FPDF_GetSecurityHandlerRevision(document) != -1
            active = _pdfium_finds_active(document)
    if locked:
        raise Invalid(_locked())
    if not pages:
        raise _broken()
    if pages > MOST_PAGES:
        raise Invalid(_("PDF 超过 %(most)d 页，请分成几个文件上传。") % {"most": MOST_PAGES})
    if active or any(_ACTIVE.search(part) for part in _readable_parts(data)):
        raise Invalid(_("PDF 里带有脚本、附件或可执行的动作，请用“打印为 PDF”另存后再上传。"))
    return pages


def _locked() -> str:
    return _("PDF 设有密码或权限保护，审查人员打不开，请取消保护后再上传。")


def _pdfium_finds_active(document: pypdfium2.PdfDocument) -> bool:
    forms = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)
    return bool(
        pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0
        or pdfium.FPDFDoc_GetAttachmentCount(document) > 0
        or pdfium.FPDF_GetFormType(document) in forms
    )


def _readable_parts(data: bytes) -> Iterator[bytes]:
    """The bytes of a PDF, then those of its compressed object tables, escaped names written plainly.

    Refuses object tables written so that they cannot be looked into.
    """
    whole = _plain(data)
    yield whole
    declared, found, inflated = whole.count(b"/ObjStm"), 0, 0
    if declared and _UNREADABLE.search(whole):
        raise Invalid(_odd())
    for start in (match.end() for match in _STREAM.finditer(data)) if declared else ():
        if _OBJECT_TABLE.match(_inflate(data[start : start + 512], 64)):
            part = _inflate(memoryview(data)[start:], MOST_INFLATED - inflated)
            found, inflated = found + 1, inflated + len(part)
            if inflated >= MOST_INFLATED:
                raise Invalid(_odd())
            yield _plain(part)
    if found < declared:
        raise Invalid(_odd())


def _odd() -> str:
    return _("PDF 的内部结构不寻常，无法确认安全，请用“打印为 PDF”另存后再上传。")


def _plain(part: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def _inflate(data: bytes | memoryview, limit: int) -> bytes:
    """The first ``limit`` bytes of a zlib stream, or nothing when it is none."""
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error:
        return b""


def _judge_image(file: BinaryIO, media_type: str) -> None:
    if media_type == WEBP:
        _check_size(_webp_size(file))
    try:
        file.seek(0)
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
            _check_size(image.size)
            with HEAVY:
                image.draft("RGB", (64, 64))
                image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
        raise _broken() from error


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS or max(size) > LONGEST_SIDE:
        most = MOST_PIXELS // 10_000
        raise Invalid(
            _("图片太大（%(width)d × %(height)d 像素），请缩小到 %(most)d 万像素以内。")
            % {"width": width, "height": height, "most": most}
        )


def _webp_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height from the header, because opening a WebP already claims its canvas in memory."""
    file.seek(12)
    head = file.read(18)
    kind, body = head[:4], head[8:]
    if len(body) < 10:
        raise _broken()
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise _broken()

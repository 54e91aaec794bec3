"""Files of every sort, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image


def image(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options) -> bytes:
    target = io.BytesIO()
    mode = options.pop("mode", "RGB")
    colour = options.pop("colour", (200, 30, 30) if mode == "RGB" else (200, 30, 30, 0))
    Image.new(mode, size, colour).save(target, kind, **options)
    return target.getvalue()


def pdf(*, pages: int = 1, catalog: str = "", objects: tuple[bytes, ...] = (), trailer: str = "") -> bytes:
    """A small PDF with a right cross-reference table. ``objects`` are numbered from 3 + pages."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] >>"] * pages,
        *objects,
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    head = f"<< /Size {len(places) + 1} /Root 1 0 R {trailer} >>".encode()
    return out + b"trailer\n" + head + b"\nstartxref\n%d\n%%%%EOF\n" % start


def object_table(content: bytes) -> bytes:
    """A compressed table of one object, number 90."""
    packed = zlib.compress(b"90 0 " + content)
    head = b"<< /Type /ObjStm /N 1 /First 5 /Length %d /Filter /FlateDecode >>" % len(packed)
    return head + b"\nstream\n" + packed + b"\nendstream"


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few bytes do not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    header = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * min(height, 2000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zip_bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 20_000_000)
    return target.getvalue()

"""Workbooks for tests, as people and as strangers make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEAD = ("统一社会信用代码", "企业名称", "区划", "行业", "从业人员（人）", "年收入（万元）2025")
AREA = "370199001000"


def workbook(
    *rows: Sequence[Any], head: Sequence[Any] = HEAD, merge: Iterable[str] = (), above: int = 0
) -> io.BytesIO:
    """A workbook with this heading and these rows."""
    book = Workbook()
    sheet = book.active
    for _line in range(above):
        sheet.append(["某街道企业台账"])
    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def repacked(book: io.BytesIO, **parts: bytes) -> io.BytesIO:
    """The same workbook with other contents of some parts: ``sheet1``, ``sharedStrings`` …"""
    out = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            stem = part.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(part.filename, parts.get(stem, old.read(part.filename)))
    out.seek(0)
    return out


def with_part(book: io.BytesIO, name: str, content: bytes) -> io.BytesIO:
    """The same workbook with a part that was not there."""
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    book.seek(0)
    return book


def part_of(book: io.BytesIO, stem: str) -> bytes:
    """The contents of a part of a workbook."""
    with zipfile.ZipFile(book) as packed:
        name = next(name for name in packed.namelist() if name.rpartition("/")[2].startswith(f"{stem}."))
        return packed.read(name)

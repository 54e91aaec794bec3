"""Workbooks as strangers hand them in: bounded in size, time and memory before a row of them is believed.

Only the first sheet is read, row by row. Nothing is worked out: a formula is told as one.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from zerotrip.errors import TooLarge, WrongType

LARGEST = 30 * 1024 * 1024
"""Bytes of a workbook as it is handed in."""
UNPACKED = 600 * 1024 * 1024
"""Bytes of all its parts, unpacked."""
STRINGS = 96 * 1024 * 1024
"""Bytes of its texts, unpacked: they alone are held in memory."""
RATIO = 300
"""How much smaller than itself a part of more than a megabyte may be packed; real sheets stay below 50."""
PARTS = 2_000
COLUMNS = 256
"""Columns looked at."""
MOST_ROWS = 200_000
"""Rows of enterprises in one workbook."""
LAST_ROW = 1_048_576
_CHUNK = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_OLD = b"\xd0\xcf\x11\xe0"
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it holds, and whether that is a formula, or an error one gave."""

    value: Any
    formula: bool = False
    error: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())

    @property
    def text(self) -> str:
        """As somebody would read it, cut."""
        if isinstance(self.value, datetime | date):
            return str(self.value)[:10]
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return "" if self.value is None else str(self.value).strip()[:200]


EMPTY = Cell(None)


@dataclass(frozen=True)
class Book:
    """A workbook that was opened: its rows, and which of them hold merged cells."""

    name: str
    epoch: datetime
    """The day its serial numbers of days count from."""
    merged: dict[int, str]
    """The range of the first merged cell of a row, by number of the row."""
    _sheet: Any

    def rows(self, width: int = COLUMNS, last: int | None = None) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that hold something, with their numbers, as Excel counts them; from the first, each time."""
        number = 0
        try:
            for number, row in enumerate(self._sheet.iter_rows(max_col=width, max_row=last), 1):
                cells = [_cell(cell) for cell in row]
                if any(not cell.empty for cell in cells):
                    yield number, cells
        except _BROKEN as error:
            raise WrongType(_("读到第 %(row)d 行时文件损坏了，请重新保存后再试。") % {"row": number + 1}) from error


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None:
        return EMPTY
    return Cell(value, formula=kind == "f", error=kind == "e")


def letter(index: int) -> str:
    """The letters of a column counted from 0."""
    return str(get_column_letter(index + 1))


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """A workbook on disk, once it was looked at from outside.

    Raises TooLarge for what would unpack to more than is good for anybody, WrongType for what is no .xlsx,
    is locked by a password, is broken, or declares entities of its own.
    """
    sheet_part = _looked_at(path)
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        part = str(getattr(sheet, "_worksheet_path", "") or sheet_part).lstrip("/")
        found = Book(str(sheet.title), book.epoch, _merged_rows(path, part), sheet)
    except _BROKEN as error:
        raise WrongType(_("打不开这个文件，请用 Excel 或 WPS 另存为 .xlsx 后再试。")) from error
    try:
        yield found
    finally:
        book.close()


_BROKEN = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    ParseError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
"""What reading a broken workbook raises, wherever it is broken."""


def _looked_at(path: Path) -> str:
    """Judge a workbook by its directory and the first bytes of its parts. The part of its first sheet."""
    if path.stat().st_size > LARGEST:
        raise TooLarge(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": LARGEST // 1024 // 1024})
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_OLD):
        raise WrongType(_("这是旧格式（.xls）或加了密码的文件，请另存为不加密的 .xlsx 后再试。"))
    if not head.startswith(b"PK"):
        raise WrongType(_("这不是 Excel 文件，请使用下载的模板（.xlsx）。"))
    try:
        with zipfile.ZipFile(path) as packed:
            return _judged(packed)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise WrongType(_("打不开这个文件，请用 Excel 或 WPS 另存为 .xlsx 后再试。")) from error


def _judged(packed: zipfile.ZipFile) -> str:
    parts = packed.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise WrongType(_("这不是 Excel 文件，请使用下载的模板（.xlsx）。"))
    if any(part.flag_bits & 0x1 for part in parts):
        raise WrongType(_("这是旧格式（.xls）或加了密码的文件，请另存为不加密的 .xlsx 后再试。"))
    bombs = (part.file_size > _CHUNK and part.file_size > RATIO * max(1, part.compress_size) for part in parts)
    strings = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED or strings > STRINGS or any(bombs):
        raise TooLarge(_("文件解开后太大，不读取。请只保留要导入的数据，或拆成几个文件。"))
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with packed.open(part) as file:
                if _DECLARED.search(file.read(4096)):
                    raise WrongType(_("文件里有不该有的内容（DOCTYPE），不读取。请用 Excel 或 WPS 另存后再试。"))
    return min((name for name in names if name.startswith("xl/worksheets/sheet")), default="")


def _merged_rows(path: Path, part: str) -> dict[int, str]:
    """The rows that merged cells cover, with the range of the first; they stand after all rows in a sheet."""
    found: dict[int, str] = {}
    with zipfile.ZipFile(path) as packed:
        if part not in packed.namelist():
            return found
        with packed.open(part) as file:
            kept = b""
            while chunk := file.read(_CHUNK):
                text = kept + chunk
                for match in _MERGED.finditer(text):
                    _cover(found, match[1].decode())
                if len(found) > MOST_ROWS:
                    return found
                kept = text[-256:]
    return found


def _cover(found: dict[int, str], area: str) -> None:
    _left, first, _right, last = range_boundaries(area)
    for row in range(int(first or 1), min(int(last or 1), LAST_ROW, int(first or 1) + MOST_ROWS) + 1):
        found.setdefault(row, area)

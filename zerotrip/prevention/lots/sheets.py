"""Workbooks of receipts and sales: the heading, and what each row says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from zerotrip.enterprises.sheets.reading import Book, Cell, letter
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ROWS = 5_000
"""Rows of one workbook: it is taken over as a whole, in one transaction."""
LOOKED_AT = 10
COLUMNS: dict[str, tuple[str, str]] = {
    "kind": ("类型（入库或销售）", "Kind (receipt or sale)"),
    "item": ("货物", "Item"),
    "quantity": ("数量", "Quantity"),
    "holder": ("存放点", "Holder"),
    "lot": ("批次号（销售填）", "Lot number (of a sale)"),
    "consignment": ("报关单号", "Consignment number"),
    "country": ("原产国家或地区", "Country of origin"),
    "port": ("入境口岸", "Port of entry"),
    "marks": ("生产批号", "Batch marks"),
    "produced_on": ("生产日期", "Produced on"),
    "expires_on": ("保质期到", "Expires on"),
    "outside": ("供货方或买方", "Supplier or buyer"),
    "uscc": ("买方统一社会信用代码", "Credit code of the buyer"),
    "handler": ("经手人", "Handler"),
    "handler_phone": ("经手人电话", "Handler's phone"),
    "plate": ("车牌号", "Plate"),
    "at": ("时间", "Time"),
}
NEEDED = ("kind", "quantity", "holder")
RECEIPT, SALE = ("入库", "receipt", "receive"), ("销售", "sale", "sell")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?")


@dataclass
class Line:
    """A row as it was read."""

    row: int
    values: dict[str, str] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Column, what is wrong."""

    def fault(self, column: str, what: str) -> None:
        """Add what is wrong with a column."""
        self.faults.append((column, what))


@dataclass(frozen=True)
class Heading:
    """Which column says what."""

    row: int
    columns: Mapping[int, str]

    def told(self, name: str) -> str:
        """A column as people find it: its letter and its name."""
        place = next((index for index, one in self.columns.items() if one == name), None)
        return letter(place) if place is not None else ""


def plain(text: str) -> str:
    """A heading without what does not tell."""
    return re.sub(r"[\s*（）()]+", "", unicodedata.normalize("NFKC", text)).casefold()


_KNOWN = {plain(word): name for name, words in COLUMNS.items() for word in words}
_KNOWN |= {"类型": "kind", "kind": "kind", "批次号": "lot", "lotnumber": "lot"}


def heading_of(book: Book) -> tuple[Heading | None, str]:
    """The heading among the first rows; or why there is none."""
    for number, cells in book.rows(last=LOOKED_AT):
        found = {index: _KNOWN[plain(cell.text)] for index, cell in enumerate(cells) if plain(cell.text) in _KNOWN}
        if {"kind", "quantity"} <= set(found.values()):
            lacking = [COLUMNS[name][0] for name in NEEDED if name not in found.values()]
            if lacking:
                return None, _("表头缺少：%(names)s。") % {"names": _("、").join(lacking)}
            if len(set(found.values())) < len(found):
                return None, _("表头里有重复的列。")
            return Heading(number, found), ""
    return None, _("前 %(rows)d 行里没有找到表头，请用下载的模板。") % {"rows": LOOKED_AT}


def lines(book: Book, heading: Heading) -> Iterator[Line]:
    """The rows below the heading; one more than is taken tells that there are too many."""
    for count, (number, cells) in enumerate(_below(book, heading), 1):
        line = Line(number)
        if count > MOST_ROWS:
            line.fault("", _("一次最多 %(most)d 行，请拆成几个文件。") % {"most": MOST_ROWS})
            yield line
            return
        if number in book.merged:
            line.fault("", _("有合并单元格，请取消合并。"))
        for index, name in heading.columns.items():
            cell = cells[index] if index < len(cells) else Cell(None)
            if not cell.empty:
                _take(line, name, cell)
        yield line


def _below(book: Book, heading: Heading) -> Iterable[tuple[int, list[Cell]]]:
    return ((number, cells) for number, cells in book.rows() if number > heading.row)


def _take(line: Line, name: str, cell: Cell) -> None:
    if cell.formula or cell.error:
        line.fault(name, _("这一格是公式，请粘贴为数值。"))
    elif name in ("at", "produced_on", "expires_on"):
        when = _moment(cell.value)
        if when is None:
            line.fault(name, _("不是日期，请写成 2026-03-01 或 2026-03-01 09:30。"))
        else:
            line.moments[name] = when
    elif isinstance(cell.value, float) and not cell.value.is_integer():
        line.values[name] = repr(cell.value)
    else:
        line.values[name] = unicodedata.normalize("NFKC", cell.text)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=CHINA)
    if isinstance(value, date):
        return datetime.combine(value, time(), CHINA)
    match = _DAY.fullmatch(str(value).strip())
    if match is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=CHINA)
    except ValueError:
        return None


def write_template(out: BinaryIO) -> None:
    """The workbook to fill in: the heading, and two rows as an example."""
    english = (get_language() or "").startswith("en")
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.append([words[1] if english else words[0] for words in COLUMNS.values()])
    for index, cell in enumerate(sheet[1]):
        cell.font = Font(bold=True)
        sheet.column_dimensions[letter(index)].width = 18
    sheet.freeze_panes = "A2"
    book.save(out)

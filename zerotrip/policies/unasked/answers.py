"""What a bank says became of a list, read row by row from its file: Excel or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.enterprises.sheets.reading import opened
from zerotrip.errors import Refused, TooLarge, WrongType
from zerotrip.facts.queries import day_of

if TYPE_CHECKING:
    from zerotrip.enterprises.sheets.reading import Cell
    from zerotrip.policies.unasked.models import PaymentList

LARGEST = 20 * 1024 * 1024
"""Bytes of a file as it is handed in."""
MOST_ROWS = 200_000
"""Rows of a file. A list has fewer."""
LOOKED_FOR = 20
"""Rows among which the heading is looked for."""

PAID = frozenset({"成功", "已支付", "已发放", "支付成功", "交易成功", "paid", "ok", "success"})
RETURNED = frozenset({"失败", "退回", "退票", "支付失败", "交易失败", "returned", "failed"})
HEADINGS = {
    "reference": ("支付编号", "编号", "reference"),
    "result": ("结果", "支付结果", "交易结果", "result"),
    "on": ("日期", "支付日期", "交易日期", "date"),
    "reason": ("原因", "失败原因", "退回原因", "备注", "reason"),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What the bank says became of one line."""

    line: int
    paid: bool
    on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: what it says, or what is wrong with it."""

    number: int
    reference: str
    told: Settled | None = None
    fault: str = ""


def rows_in(place: Path, payment: PaymentList, *, at: datetime) -> Iterator[Row]:
    """The rows of a file that say something of a line, in bounded memory where it is a workbook.

    ``at``: its day is the day of what gives none. Raises WrongType, TooLarge or Refused for a file that cannot be
    read, has no heading, or too many rows.
    """
    rows = _cells(place)
    places = _headings(rows)
    for number, cells in rows:
        if number > MOST_ROWS:
            raise TooLarge(_("文件超过 %(most)d 行，一份清单没有这么多。") % {"most": MOST_ROWS})
        told = {key: cells[place] if place < len(cells) else None for key, place in places.items()}
        reference = _text(told["reference"]).lstrip("'")
        if not any(cells) or reference == payment.number:
            continue
        try:
            yield Row(number, reference, _settled(reference, told, payment, at=at))
        except ValueError as error:
            yield Row(number, reference, fault=str(error))


class _Formula:
    """Stands for a cell nobody has worked out."""


def _cells(place: Path) -> Iterator[tuple[int, list[Any]]]:
    with place.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"PK":
        with opened(place) as book:
            for number, cells in book.rows():
                yield number, [_value(cell) for cell in cells]
    elif head == b"\xd0\xcf\x11\xe0":
        raise WrongType(_("这是旧格式（.xls）或加了密码的文件，请另存为不加密的 .xlsx 或 CSV 后再试。"))
    else:
        yield from _lines(place.read_bytes())


def _value(cell: Cell) -> Any:
    return _Formula() if cell.formula or cell.error else cell.value


def _lines(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            yield from enumerate(csv.reader(io.StringIO(text.replace("\0", ""))), start=1)
        except csv.Error:
            raise _unread() from None
        return
    raise _unread()


def _unread() -> WrongType:
    return WrongType(_("读不懂这个文件，请上传银行给的 Excel 或 CSV 文件。"))


def _headings(rows: Iterable[tuple[int, list[Any]]]) -> dict[str, int]:
    """Which column is which: the first row that names a reference and a result."""
    for number, cells in rows:
        titles = [_text(cell).lower() for cell in cells]
        places = {
            key: titles.index(word) for key, words in HEADINGS.items() for word in reversed(words) if word in titles
        }
        if {"reference", "result"} <= places.keys():
            return {"on": MOST_ROWS, "reason": MOST_ROWS, **places}
        if number > LOOKED_FOR:
            break
    raise Refused(_("没有找到表头：要有“支付编号”和“结果”两列，可以有“日期”和“原因”。"))


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, _Formula) else str(value).strip()


def _settled(reference: str, told: dict[str, Any], payment: PaymentList, *, at: datetime) -> Settled:
    if any(isinstance(value, _Formula) for value in told.values()):
        raise ValueError(_("有公式或错误值，请粘贴为数值。"))
    start, _dash, line = reference.rpartition("-")
    if start != payment.number or not (line.isascii() and line.isdigit() and len(line) <= 9):
        raise ValueError(
            _("“%(what)s”不是清单 %(number)s 的支付编号。") % {"what": reference[:40], "number": payment.number}
        )
    said = _text(told["result"]).lower()
    if said not in PAID | RETURNED:
        raise ValueError(_("结果“%(what)s”看不懂，请写“成功”或“退回”。") % {"what": said[:40]})
    reason = _text(told["reason"])[:400]
    if said in RETURNED and not reason:
        raise ValueError(_("退回的要写明原因。"))
    return Settled(int(line), said in PAID, _day(told["on"], at), "" if said in PAID else reason)


def _day(written: Any, at: datetime) -> date:
    if written in (None, ""):
        return day_of(at)
    if isinstance(written, datetime):
        return written.date()
    if isinstance(written, date):
        return written
    text = _text(written).replace("/", "-").replace(".", "-")
    for shape in ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007  a day, as banks write it
        except ValueError:
            continue
    raise ValueError(_("日期“%(what)s”看不懂，请写成 2026-01-31。") % {"what": text[:40]})

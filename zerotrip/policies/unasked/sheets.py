"""Payment lists as files for the bank, and what the bank sends back."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.errors import Invalid
from zerotrip.facts.queries import day_of
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.actions.paying import Settled, lines_of
from zerotrip.policies.unasked.periods import period_words

if TYPE_CHECKING:
    from zerotrip.policies.unasked.models import PaymentList

MOST_ROWS = 200_000
"""Rows of a result file. A list has fewer."""
MOST_BYTES = 20_000_000


def file_of(payment: PaymentList) -> IO[bytes]:
    """A list as a workbook, row by row in bounded memory."""
    file = TemporaryFile()  # noqa: SIM115  whoever asked closes it
    book = Workbook(write_only=True)
    sheet = book.create_sheet(payment.number)
    sheet.freeze_panes = "A2"
    for row in rows_of(payment):
        sheet.append(row)
    book.save(file)
    file.seek(0)
    return file


def rows_of(payment: PaymentList) -> Iterator[list[str]]:
    """A list, as it is read: the heading, a row for each grant, its sums and digest at the end."""
    heading = [
        _("支付编号"),
        _("单位名称"),
        _("统一社会信用代码"),
        _("户名"),
        _("开户银行"),
        _("账号"),
        _("金额（元）"),
        _("用途"),
    ]
    purpose = f"{spec_of(payment.run.version_id).name} {period_words(payment.run.period)}"
    total = _("合计 %(count)d 笔") % {"count": payment.count}
    digest = _("校验码 %s") % payment.digest[:16]
    last = [payment.number, total, "", "", "", "", f"{payment.total:.2f}", digest]
    return chain([heading], _rows(payment, purpose), [last])


def _rows(payment: PaymentList, purpose: str) -> Iterator[list[str]]:
    for line in lines_of(payment):
        account = line.account
        found = [line.reference, line.name, line.uscc]
        found += [account.holder, account.bank, account.number] if account else ["", "", ""]
        yield [defused(cell) for cell in [*found, f"{line.amount:.2f}", purpose]]


PAID = frozenset({"成功", "已支付", "已发放", "支付成功", "交易成功", "paid", "ok", "success"})
RETURNED = frozenset({"失败", "退回", "退票", "支付失败", "交易失败", "returned", "failed"})
HEADINGS = {
    "reference": ("支付编号", "编号", "reference"),
    "result": ("结果", "支付结果", "交易结果", "result"),
    "on": ("日期", "支付日期", "交易日期", "date"),
    "reason": ("原因", "失败原因", "退回原因", "备注", "reason"),
}


def results_in(file: IO[bytes], *, name: str, payment: PaymentList, at: datetime) -> list[Settled]:
    """What a bank says of the lines of a list. Raises Invalid, by row of the file, for what cannot be read."""
    rows = enumerate(_cells(file, name), start=1)
    places = _headings(rows)
    found: dict[int, Settled] = {}
    problems: dict[str, list[str]] = {}
    for number, cells in rows:
        told = {key: cells[place] if place < len(cells) else None for key, place in places.items()}
        reference = str(told["reference"] or "").strip().lstrip("'")
        if not any(cells) or reference == payment.number:
            continue
        try:
            one = _settled(reference, told, payment, at=at)
        except ValueError as error:
            problems[str(number)] = [_("第 %(row)d 行：%(why)s") % {"row": number, "why": error}]
            continue
        if found.get(one.line, one) != one:
            problems[str(number)] = [_("第 %(row)d 行：%(why)s") % {"row": number, "why": _("和前面的行矛盾。")}]
        found[one.line] = one
    if problems:
        raise Invalid(_("有 %(count)d 行读不懂，什么都没有登记。") % {"count": len(problems)}, problems)
    if not found:
        text = _("文件里没有发放结果。")
        raise Invalid(text, {"file": [text]})
    return list(found.values())


def _cells(file: IO[bytes], name: str) -> Iterator[list[Any]]:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        text = _("文件太大了，最大 20 MB。")
        raise Invalid(text, {"file": [text]})
    if content[:2] == b"PK":
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError):
            raise _unread() from None
        rows: Iterable[Any] = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else ()
        yield from (list(row) for _place, row in zip(range(MOST_ROWS), rows, strict=False))
        return
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            yield from csv.reader(io.StringIO(text.replace("\0", "")))
        except csv.Error:
            raise _unread() from None
        return
    raise _unread()


def _unread() -> Invalid:
    text = _("读不懂这个文件，请上传银行给的 Excel 或 CSV 文件。")
    return Invalid(text, {"file": [text]})


def _headings(rows: Iterable[tuple[int, list[Any]]]) -> dict[str, int]:
    """Which column is which: the first row that names a reference and a result."""
    for number, cells in rows:
        titles = [str(cell or "").strip().lower() for cell in cells]
        places = {
            key: titles.index(word) for key, words in HEADINGS.items() for word in reversed(words) if word in titles
        }
        if {"reference", "result"} <= places.keys():
            return {"on": MOST_ROWS, "reason": MOST_ROWS, **places}
        if number > 20:
            break
    text = _("没有找到表头：要有“支付编号”和“结果”两列，可以有“日期”和“原因”。")
    raise Invalid(text, {"file": [text]})


def _settled(reference: str, told: dict[str, Any], payment: PaymentList, *, at: datetime) -> Settled:
    start, _dash, line = reference.rpartition("-")
    if start != payment.number or not (line.isascii() and line.isdigit()):
        raise ValueError(
            _("“%(what)s”不是清单 %(number)s 的支付编号。") % {"what": reference[:40], "number": payment.number}
        )
    said = str(told["result"] or "").strip().lower()
    if said not in PAID | RETURNED:
        raise ValueError(_("结果“%(what)s”看不懂，请写“成功”或“退回”。") % {"what": said[:40]})
    reason = str(told["reason"] or "").strip()[:400]
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
    text = str(written).strip().replace("/", "-").replace(".", "-")
    for shape in ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007  a day, as banks write it
        except ValueError:
            continue
    raise ValueError(_("日期“%(what)s”看不懂，请写成 2026-01-31。") % {"what": text[:40]})
